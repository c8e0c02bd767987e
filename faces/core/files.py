"""Writing so that a name never holds half a file: whole, then moved into place."""

import csv
import errno
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from faces.core.errors import UserError

# Of what is packed, whenever that is: the first date that a zip archive can say.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
# Why a file may not be replaced by another one, while it can be written to.
FIXED = (errno.EXDEV, errno.EBUSY, errno.EACCES, errno.EPERM)


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

    A folder made at that path replaces the folder that was there before. Through a link its
    target is replaced, and the link stays; of a file with several names (hard links) the others
    keep what they had. A device or a pipe is given as it is, to be opened and written to.

    Args:
        mark: part of the name meanwhile, where several processes may write the same file.

    Raises:
        OSError: it cannot be written.
    """
    path = Path(path)
    if is_stream(path):
        yield path
        return
    target = behind_links(path)
    if target == path:
        target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = beside(target, mark)
    remove(unfinished)
    try:
        yield unfinished
    except BaseException:
        remove(unfinished)
        raise
    move(unfinished, target)
    if unfinished.parent != target.parent:
        remove(unfinished.parent)


def is_stream(path: Path) -> bool:
    """Whether something is there that is neither a file nor a folder: a device, a pipe, a socket.

    Raises:
        OSError: it cannot be told: links in a circle, a name that is too long.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def behind_links(path: Path) -> Path:
    """Where a link leads; the path itself where it is none, or leads into DVC's cache.

    What lies in the cache belongs to other commits too: `dvc` links outputs to it on request.
    """
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    return path if re.search(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}", target.as_posix()) else target


def beside(target: Path, mark: str) -> Path:
    """A path beside the target; in a new folder where its own is read-only and the file is not."""
    last = ending(target)  # stays as it is: Keras, NumPy and Pillow choose the format by it
    if os.access(target, os.W_OK) and target.is_file() and not os.access(target.parent, os.W_OK):
        return Path(tempfile.mkdtemp()) / f"unfinished{last}"
    stem = target.name.removesuffix(last)
    return target.with_name(fitting(f".{stem}", f"{mark}.unfinished{last}", target.parent))


def ending(path: Path) -> str:
    """Take what follows a name's last dot, unless it is too long to name a format."""
    return path.suffix if len(os.fsencode(path.suffix)) <= 16 else ""


def fitting(stem: str, last: str, folder: Path, spare: int = 0) -> str:
    """The name stem + last, its stem shortened to what the folder's file system can hold.

    Args:
        spare: bytes to leave for more.

    >>> fitting("a", ".png", Path()), len(fitting("\u00e9" * 200, ".png", Path()).encode())
    ('a.png', 255)
    """
    most = longest_name(folder) - spare - len(os.fsencode(last))
    if len(os.fsencode(stem)) <= most:
        return stem + last
    # So that two long names that begin alike stay apart.
    last = f"~{hashlib.sha256(os.fsencode(stem)).hexdigest()[:8]}{last}"
    while len(os.fsencode(stem)) > most - 9:  # by characters: half of one is no name
        stem = stem[:-1]
    return stem + last


def longest_name(folder: Path) -> int:
    """Bytes that a name in this folder may have."""
    try:
        return os.pathconf(folder, "PC_NAME_MAX")
    except (OSError, ValueError, AttributeError):
        return 255


def move(unfinished: Path, target: Path) -> None:
    """Put what was written in the place of what is there.

    A file that cannot be replaced, such as one that is mounted into a container, is written to.

    Raises:
        OSError: it cannot be done; what was written stays where it is, and the error says where.
    """
    try:
        if unfinished.is_dir():
            move_folder(unfinished, target)
            return
        take_rights(unfinished, target)
        try:
            os.replace(unfinished, target)
        except OSError as error:
            if error.errno not in FIXED or not target.is_file():
                raise
            shutil.copyfile(unfinished, target)
            unfinished.unlink()
    except OSError as error:
        there = f"; what was written lies in {unfinished}" if unfinished.exists() else ""
        raise OSError(error.errno, f"{error.strerror}{there}", str(target)) from error


def move_folder(unfinished: Path, target: Path) -> None:
    """Put a folder in the place of what is there, which is removed last."""
    before = target.with_name(fitting(f".{target.name}", ".before", target.parent))
    if os.path.lexists(target):
        remove(before)
        os.replace(target, before)
    try:
        os.replace(unfinished, target)
    except BaseException:
        if os.path.lexists(before):
            os.replace(before, target)
        raise
    remove(before)


def take_rights(unfinished: Path, target: Path) -> None:
    """Give the new file mode and owner of the one that it replaces, where that may be written."""
    if not target.is_file() or not unfinished.is_file():
        return
    old = target.stat()
    if old.st_mode & stat.S_IWUSR:
        with suppress(OSError):  # only root may give files away
            os.chown(unfinished, old.st_uid, old.st_gid)
        with suppress(OSError):  # not every file system has rights
            unfinished.chmod(stat.S_IMODE(old.st_mode))


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


def load_json(path: Path):
    """Read a JSON file of ours."""
    return json.loads(path.read_text(encoding="utf-8"))


def save_table(path: Path, table) -> None:
    r"""A pandas table as CSV.

    A carriage return in a name, as in `Icon\r` of a Mac's folders, stays bare if its cell does
    not have to be quoted, and would be read as the end of a line: then all texts are quoted.
    """
    text = table.to_csv(index=False, lineterminator="\n")
    if "\r" in text:
        text = table.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    save_text(path, text)


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
