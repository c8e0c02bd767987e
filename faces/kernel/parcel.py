"""The outputs of a run as one archive: packed at Kaggle, unpacked here, hash by hash.

It holds dvc.lock, params.yaml, the objects of DVC's cache that the lock file names, what DVC knows
of its runs, and the outputs that are not cached, as files. A manifest beside it has its hash.
"""

import json
import os
import re
import shutil
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from dvc.repo import Repo
from dvc.utils.serialize import load_yaml, parse_yaml

from faces.core import errors, files, running, times
from faces.core.errors import UserError
from faces.kernel import there

RESULTS = "faces-results.zip"
SHOWN = ("data/submission.csv", "metrics/report.html")  # for Kaggle's page of the kernel, too
LOCK, PARAMS, CACHE = "dvc.lock", "params.yaml", ".dvc/cache"
OBJECT = re.compile(r"cache/files/md5/([0-9a-f]{2})/([0-9a-f]{30})(\.dir)?")
RUN = re.compile(r"cache/runs/[0-9a-f]{2}/[0-9a-f]{64}/[0-9a-f]{64}")


class OtherRun(ValueError):
    """The outputs are whole, but those of another run."""


def outputs(lock: dict) -> Iterator[tuple[str, str]]:
    """Path and hash of every output that a lock file names."""
    for stage in lock["stages"].values():
        for out in stage.get("outs", []):
            yield out["path"], out["md5"]


def object_name(md5: str) -> str:
    """Where the object lies in the cache."""
    return f"files/md5/{md5[:2]}/{md5[2:]}"


def members(root: Path) -> dict[str, Path]:
    """List what belongs into the archive, by its name there.

    Raises:
        UserError: a run that has not come to its end.
    """
    cache, found = root / CACHE, {LOCK: root / LOCK, PARAMS: root / PARAMS}
    # DVC's notes of runs may have copies of what is `cache: false`, but `dvc checkout` has no use
    # for them.
    alone = {out.def_path for out in Repo(root).index.outs if not out.use_cache}
    for path, md5 in outputs(load_yaml(root / LOCK)):
        stored, names = cache / object_name(md5), [md5]
        if path in alone:
            found[f"work/{path}"] = root / path
            names = [md5] if stored.is_file() else []
        elif md5.endswith(".dir") and stored.is_file():
            names += [entry["md5"] for entry in json.loads(stored.read_text(encoding="utf-8"))]
        found |= {f"cache/{object_name(name)}": cache / object_name(name) for name in names}
    runs = sorted(p for p in (cache / "runs").rglob("*") if p.is_file())
    found |= {f"cache/{p.relative_to(cache).as_posix()}": p for p in runs}
    if (root / times.TIMES).is_file():
        found[f"work/{times.TIMES.as_posix()}"] = root / times.TIMES
    missing = [name for name, path in found.items() if not path.is_file()]
    if missing:
        raise UserError("every output of dvc.lock", f"no {missing[0]}", "Run `dvc repro`.")
    return found


def pack(root: Path, folder: Path, told: dict, seconds: float) -> None:
    """Write the archive, its manifest and what is worth a look into Kaggle's folder.

    Args:
        told: the kernel's settings. seconds: since the start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        files.replacing(folder / RESULTS) as unfinished,
        zipfile.ZipFile(unfinished, "w") as archive,
    ):
        for name, path in sorted(members(root).items()):
            member = zipfile.ZipInfo(name, files.LONG_AGO)
            member.compress_type, member.file_size = zipfile.ZIP_DEFLATED, path.stat().st_size
            with path.open("rb") as source, archive.open(member, "w") as sink:
                shutil.copyfileobj(source, sink, 2**20)
    for name in SHOWN:
        shutil.copyfile(root / name, folder / Path(name).name)
    there.sign(folder / RESULTS, told, seconds)


def checked(path: Path, id_: str) -> dict:
    """The manifest beside a file, once the file is what it says.

    Raises:
        OtherRun: they are of another run.
        ValueError: something is missing or cut off.
    """
    try:
        manifest = json.loads(path.with_name(there.MANIFEST).read_text(encoding="utf-8"))
        size, sha256 = manifest["bytes"], manifest["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"no {there.MANIFEST} that can be read ({type(error).__name__})") from None
    if manifest["id"] != id_:
        raise OtherRun(f"the outputs of another run, {manifest['id']}")
    have = path.stat().st_size if path.is_file() else 0
    if have != size:
        raise ValueError(f"{have:,} of the {size:,} bytes of {path.name}")
    if there.digest(path, "sha256") != sha256:
        raise ValueError(f"{path.name} with another hash")
    return manifest


def unpack(archive: zipfile.ZipFile, cache: Path) -> dict[str, bytes]:
    """Put the objects into DVC's cache, each checked by its hash.

    Returns:
        The other members, by their path here.

    Raises:
        ValueError: an object that is not what its name says, or a name that does not belong there.
    """
    others = {}
    lock = parse_yaml(archive.read(LOCK).decode(), LOCK)
    allowed = {path for path, _ in outputs(lock)} | {times.TIMES.as_posix()}
    for name in archive.namelist():
        if OBJECT.fullmatch(name) or RUN.fullmatch(name):
            store(archive, name, cache / name.removeprefix("cache/"))
        elif name in (LOCK, PARAMS) or name.removeprefix("work/") in allowed:
            others[name.removeprefix("work/")] = archive.read(name)
        else:
            raise ValueError(f"a file that is no output, {errors.plain(name, 100)}")
    return others


def store(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    """One file of the cache, unless it is there already."""
    match = OBJECT.fullmatch(name)
    if path.exists():
        return
    with files.replacing(path) as unfinished:
        with archive.open(name) as source, unfinished.open("wb") as sink:
            shutil.copyfileobj(source, sink, 2**20)
        if match and there.digest(unfinished, "md5") != match[1] + match[2]:
            raise ValueError(f"an object of another hash, {name}")
        if match:
            unfinished.chmod(0o444)  # as DVC leaves them


def main() -> None:
    root = Path.cwd()
    told = json.loads((root / "kernel.json").read_text(encoding="utf-8"))
    started = float(os.environ.get("FACES_KERNEL_STARTED", time.time()))
    pack(root, Path(sys.argv[1]), told, time.time() - started)


if __name__ == "__main__":
    running.run(main, timed=False)
