"""Run stages against the server of the tests, with Kaggle's unmodified client."""

import base64
import json
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from faces.core.tasks import ARCHIVES
from tests.helpers.kaggle_server import (
    KEY,
    USER,
)
from tests.helpers.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]

TRIES = 3  # in tests/helpers/kaggle_driver.py

SECRETS = [KEY, USER, base64.b64encode(f"{USER}:{KEY}".encode()).decode()]


def make_project(folder: Path) -> Path:
    """A folder to run the stage in, with good archives of an earlier run."""
    params = YAML().load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["source"] = "kaggle"
    (folder / "data/raw").mkdir(parents=True)
    (folder / "data/source").mkdir()
    YAML().dump(params, folder / "params.yaml")
    for name in ARCHIVES.values():
        (folder / "data/raw" / name).write_bytes(b"earlier " + name.encode())
    return folder


class Done:
    """A finished run of the stage in a folder."""

    def __init__(self, folder: Path, status, out: str, err: str):
        self.folder, self.status, self.out, self.err = folder, status, out, err
        self.raw = {p.name: p.read_bytes() for p in (folder / "data/raw").iterdir()}


def driver(module: str, *folders: Path) -> list[str]:
    """The command that runs a module's main in each folder, one after the other."""
    return [sys.executable, "-m", "tests.helpers.kaggle_driver", module, *map(str, folders)]


def run(folders: list[Path], variables: dict, module: str = "stages.download") -> list[Done]:
    """The stage in each folder, in one process; nothing secret in what it says and leaves."""
    command = driver(module, *folders)
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=HANG
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, "logs, or a bar where nobody looks"
    found = json.loads(done.stdout)
    results = [
        Done(f, *(r[k] for k in ("status", "out", "err")))
        for f, r in zip(folders, found, strict=True)
    ]
    for result in results:
        assert not list(result.folder.glob("data/.download-*"))
        assert not secrets_in(result.folder, result.out + result.err)
    return results


def secrets_in(folder: Path, text: str = "") -> list[str]:
    """The secrets that stand in the text, or in a file or the name of a file of the folder."""
    files = [p for p in folder.rglob("*") if p.is_file() and "home" not in p.parts]
    everything = b"\0".join([text.encode(), *(str(p).encode() for p in files)])
    everything += b"\0".join(p.read_bytes() for p in files)
    return [secret for secret in SECRETS if secret.encode() in everything]


RULES = "https://www.kaggle.com/competitions/facial-keypoints-detection/rules"
