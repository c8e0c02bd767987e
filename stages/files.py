"""Writing so that a name never holds half a file: whole, then moved into place."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from stages.errors import UserError


def repository() -> Path:
    """The folder that relative paths count from: the repository's.

    A queued experiment runs in a copy under .dvc/tmp/exps; paths mean what they mean outside.
    """
    here = Path.cwd()
    parts = here.parts
    for i in range(len(parts) - 2):
        if parts[i : i + 3] == (".dvc", "tmp", "exps"):
            return Path(*parts[:i])
    return here


@contextmanager
def replacing(path: Path, mark: str = "") -> Iterator[Path]:
    """A path to write to; it becomes `path` when the block ends, and is removed if it fails.

    A folder made at that path replaces the folder that was there before.

    Args:
        mark: part of the name meanwhile, where several processes may write the same file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The ending stays as it is: Keras, NumPy and Pillow choose the format by it.
    unfinished = path.with_name(f".{path.stem}{mark}.unfinished{path.suffix}")
    remove(unfinished)
    try:
        yield unfinished
        if unfinished.is_dir():
            remove(path)
        os.replace(unfinished, path)
    finally:
        remove(unfinished)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_dangling(folder: Path) -> None:
    """Remove the links under a folder that lead nowhere."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not path.exists():
            path.unlink()


def save_text(path: Path, content: str) -> None:
    with replacing(path) as unfinished:
        unfinished.write_text(content, encoding="utf-8", newline="\n")


def save_json(path: Path, content: dict | list) -> None:
    """Indented JSON; NaN is refused, since other readers stumble over it."""
    save_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def save_arrays(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    """One uncompressed `.npy` for each array, ready to be memory-mapped."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def load_arrays(folder: Path, *names: str) -> dict[str, np.ndarray]:
    """These arrays of a folder, memory-mapped and read-only.

    Raises:
        UserError: one is not there: the stage before has not run. Or it is damaged, or holds
            Python objects, which could run code when they are read.
    """
    for name in names:
        if not (folder / f"{name}.npy").is_file():
            received = f"no {folder / name}.npy"
            raise UserError("the output of an earlier stage", received, "Run `dvc repro`.")
    return {name: load_array(folder / f"{name}.npy") for name in names}


def load_array(path: Path) -> np.ndarray:
    """The array in a `.npy` file, memory-mapped and read-only; a `UserError` if it is none."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # whatever the header claims: shapes, types, sizes of any kind
        todo = "Remove it and run `dvc repro`, or `dvc checkout`."
        raise UserError(f"an array of numbers in {path}", str(error), todo) from error
