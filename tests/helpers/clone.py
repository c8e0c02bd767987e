"""A clone of the project with a tiny sample, in which tests run the real DVC."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.processes import heed_interrupts
from tests.helpers.waiting import HANG

ROOT = Path(__file__).parents[2]
IN_STAGES = Path(__file__).parent / "in_stages"
EPOCHS = 4  # of the keypoints: one for each way in which a training may be stopped
TINY = {
    "train_rows: 900 ": "train_rows: 60 ",
    "test_images: 300 ": "test_images: 12 ",
    "photos: 1000": "photos: 60",
    "test_per_class: 100": "test_per_class: 8",
    "device: auto ": "device: cpu ",
    "width: 32 ": "width: 4 ",
    "width: 16": "width: 4",
    "epochs: {sample: 5, other: 8}": "epochs: 2",
    "epochs: {sample: 40, other: 60}": f"epochs: {EPOCHS}",
    "epochs: {sample: 25, other: 35}": "epochs: 2",
    "epochs: {sample: 0, other: 40}": "epochs: 2",
    "members: {sample: 0, other: 1}": "members: 1",
    # In a handful of steps a warm-up and an average over a hundred would hide the learning rate.
    "warmup_epochs: 1": "warmup_epochs: 0",
    "ema: 0.99": "ema: 0.5",
    # Of gender alone, as labels are checked of keypoints alone: one task shows that a stage runs.
    "crossval:\n    folds: 0\n": "crossval:\n    folds: 2\n",
}


class Clone:
    """A checkout with a tiny sample, and DVC in it.

    The folder holds `clone`, the checkout; `trace`, which modules each stage has imported; and
    what the commands that were started said, in `log`. Nothing in it names the folder itself: it
    may be moved and copied.
    """

    def __init__(self, room: Path):
        self.room, self.folder, self.trace = room, room / "clone", room / "trace"
        self.hold = room / "hold"

    @classmethod
    def new(cls, room: Path) -> "Clone":
        """One in which nothing has run."""
        clone = cls(room)
        clone.trace.mkdir(parents=True)
        for name in sources():
            (clone.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone.folder / name)
        (clone.folder / "params.yaml").write_text(tiny(ROOT / "params.yaml"), encoding="utf-8")
        clone.git("init", "-q")
        clone.commit("start")
        return clone

    def copy(self, room: Path) -> "Clone":
        """The same with all that has run in it, which may be changed and broken."""
        shutil.copytree(self.room, room, symlinks=True)
        return Clone(room)

    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(IN_STAGES),
            "TRACE": str(self.trace),
            "HOLD": str(self.hold),
            "DVC_SITE_CACHE_DIR": str(self.room / "site"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_NAME": "t" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "t@example.com" for who in ("AUTHOR", "COMMITTER")},
        }

    def start(self, *words: str) -> subprocess.Popen:
        """The same as `run`, in a process group of its own, and without waiting for the end."""
        with (self.room / "log").open("a") as log:
            return subprocess.Popen(
                words,
                cwd=self.folder,
                env=self.env(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=heed_interrupts,
            )

    def run(self, *words: str, cwd=None, ok=True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            words,
            cwd=cwd or self.folder,
            env=self.env(),
            capture_output=True,
            text=True,
            timeout=HANG,
        )
        if ok and done.returncode:
            pytest.fail(f"{' '.join(words)} gave {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def git(self, *words: str, cwd=None) -> str:
        self.folder.mkdir(exist_ok=True)
        return self.run("git", *words, cwd=cwd).stdout

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def dvc(self, *words: str, ok=True) -> str:
        done = self.run("dvc", *words, ok=ok)
        return done.stdout + done.stderr

    def json(self, path: str) -> dict:
        return json.loads((self.folder / path).read_text(encoding="utf-8"))


def sources() -> list[Path]:
    """What makes up the project, whether it was cloned or came as a zip without git."""
    rooms = ("stages", "faces", "data/source", ".dvc/plots")
    found = [path for room in rooms for path in sorted((ROOT / room).rglob("*"))]
    found += [ROOT / name for name in ("dvc.yaml", ".dvcignore", ".gitignore", ".dvc/config")]
    found += [ROOT / ".dvc/.gitignore"]
    unwanted = (".pyc",)
    return [
        path.relative_to(ROOT)
        for path in found
        if path.is_file() and not path.is_symlink() and path.suffix not in unwanted
    ]


def tiny(path: Path) -> str:
    """The params of that file, for a run of few rows and few epochs."""
    text = path.read_text(encoding="utf-8")
    for old, new in TINY.items():
        assert old in text, f"{old!r} is not in {path.name}: correct TINY"
        text = text.replace(old, new)
    return text


def ran(output: str) -> set[str]:
    """The stages that ran, from what `dvc repro` said."""
    return set(re.findall(r"Running stage '(.+?)'", output))


def make_finished(room: Path) -> None:
    """A clone in which the whole pipeline has run, and nothing is left to be done."""
    clone = Clone.new(room)
    clone.dvc("repro")
    clone.commit("run")
    assert "up to date" in clone.dvc("status")
