"""Zip archives: opened with care, checked member by member, written the same each time."""

import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from stages.errors import UserError

# Kaggle's largest file has 0.24 GB; far above that, a member is not what it says it is.
LARGEST_MEMBER = 4 * 2**30
DATE = (1980, 1, 1, 0, 0, 0)


def open_zip(path, name: str | None = None) -> zipfile.ZipFile:
    """The archive, open for reading.

    Args:
        path: a path or an open binary file.
        name: what to call it in an error, if `path` is not a path.

    Raises:
        UserError: it is not there, or not a zip archive.
    """
    name = name or str(path)
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise UserError(f"the archive {name}", "no such file", "Run `dvc repro`.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise UserError(f"a zip archive at {name}", str(error), "Download it again.") from error
    except (ValueError, NotImplementedError, EOFError, struct.error) as error:
        received = f"a damaged table of contents ({error})"
        raise UserError(f"a zip archive at {name}", received, "Download it again.") from error


def check_members(archive: zipfile.ZipFile, name: str) -> None:
    """Read every member once and compare its CRC.

    Raises:
        UserError: a member is damaged, encrypted, too large, or would be written elsewhere.
    """
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    what = {"desc": f"check {name}", "unit": "B", "unit_scale": True}
    with tqdm(total=size, leave=False, disable=None, **what) as bar:  # None: on a terminal
        for member in members:
            _check_member(archive, member, name)
            bar.update(member.file_size)


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    todo = "Download the archive again."
    parts = member.filename.replace("\\", "/").split("/")
    if member.filename.startswith(("/", "\\")) or ".." in parts:
        raise UserError(f"members inside {name}", member.filename, todo)
    if member.flag_bits & 1:
        raise UserError(f"members of {name} without a password", member.filename, todo)
    if member.file_size > LARGEST_MEMBER:
        received = f"{member.filename} with {member.file_size:,} bytes"
        raise UserError(f"members of {name} up to {LARGEST_MEMBER:,} bytes", received, todo)
    try:
        with archive.open(member) as stream:
            while stream.read(2**20):
                pass
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError) as error:
        received = f"{member.filename} is damaged ({error})"
        raise UserError(f"a whole archive {name}", received, todo) from error
    except Exception as error:  # zlib, lzma and bz2 each have an error class of their own
        received = f"{member.filename} cannot be unpacked ({error})"
        raise UserError(f"a whole archive {name}", received, todo) from error


def find_member(archive: zipfile.ZipFile, basename: str, name: str) -> zipfile.ZipInfo:
    """The member with this file name, in whatever folder.

    Raises:
        UserError: there is none.
    """
    found = [m for m in archive.infolist() if m.filename.rsplit("/", 1)[-1] == basename]
    if not found:
        have = ", ".join(sorted(m.filename for m in archive.infolist())[:8]) or "nothing"
        raise UserError(f"{basename} in {name}", have, "Download the archive again.")
    return found[-1]


def write_zip(path: Path, members: Iterable[tuple[str, bytes | Path]]) -> None:
    """An archive of these members, in this order, stored as they are, without their times.

    Args:
        members: (name inside the archive, content or the file that holds it).

    Raises:
        UserError: a name that is not UTF-8.
        OSError: a file cannot be read, or the archive not be written.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            data = content if isinstance(content, bytes) else content.read_bytes()
            try:
                archive.writestr(_stored(name), data)
            except UnicodeEncodeError as error:
                raise UserError("file names in UTF-8", ascii(name), "Rename the file.") from error


def _stored(name: str) -> zipfile.ZipInfo:
    """An entry without a clock or a system in it."""
    info = zipfile.ZipInfo(name, DATE)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info
