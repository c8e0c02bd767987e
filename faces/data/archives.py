"""Zip archives: opened with care, checked member by member, written the same each time."""

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from faces.core.errors import UserError
from faces.core.files import LONG_AGO
from faces.core.progress import progress_bar

# Kaggle's largest file has 0.24 GB; far above that, a member is not what it says it is.
LARGEST_MEMBER = 4 * 2**30
LARGEST_HELD = 2**30  # of what is read into memory as a whole
# Tables shrink to a quarter, photos not at all; deflate can reach 1/1032. Small files are spared:
# a blank picture is no bomb.
STEEPEST, HARMLESS = 100, 64 * 2**20
# bz2 and lzma unpack a few bytes to gigabytes at once: there is no reading them piece by piece.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
KINDS = (0, stat.S_IFREG, stat.S_IFDIR)  # 0: written on a system without such a note
# RuntimeError: a flipped bit says that a member has a password.
DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    RuntimeError,
    struct.error,
)
AGAIN = "Download the archive again."
NOT_A_ZIP = "Download it again; an archive of another kind has to be packed anew, as a zip."
OTHERS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
}


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
        archive = zipfile.ZipFile(path)
        if any(member.header_offset < 0 for member in archive.infolist()):
            raise ValueError("a member before the start of the file")
        return archive
    except FileNotFoundError as error:
        raise UserError(f"the archive {name}", "no such file", "Run `dvc repro`.") from error
    except (zipfile.BadZipFile, OSError) as error:
        # The table of contents is at the end, which half a download lacks.
        half = "a file without the end of a zip archive, as of half a download"
        known = what_it_is(path) or (half if "not a zip file" in str(error) else None)
        received = known or str(error)
        raise UserError(f"a zip archive at {name}", received, NOT_A_ZIP) from error
    except (ValueError, NotImplementedError, EOFError, struct.error) as error:
        received = f"a damaged table of contents ({error})"
        raise UserError(f"a zip archive at {name}", received, AGAIN) from error


def what_it_is(file) -> str | None:
    """Say what a file that is no zip archive is instead, as far as its first bytes tell.

    Args:
        file: a path or an open binary file.
    """
    try:
        with nullcontext(file) if hasattr(file, "read") else Path(file).open("rb") as stream:
            stream.seek(0)
            start = stream.read(512)
    except OSError:
        return None
    if not start:
        return "an empty file"
    if start.lstrip().startswith(b"<"):
        return "a web page"
    return next((kind for mark, kind in OTHERS.items() if start.startswith(mark)), None)


def check_members(archive: zipfile.ZipFile, name: str) -> None:
    """Read every member once and compare its CRC; what is no plain file is refused unread.

    Raises:
        UserError: a member is damaged, encrypted, a link, would be written elsewhere, or unpacks
            to much more than an honest one.
    """
    members = archive.infolist()
    for member in members:
        check_entry(member, name)
    size = sum(member.file_size for member in members)
    packed = archive.fp.seek(0, os.SEEK_END)
    if size > HARMLESS and size > STEEPEST * packed:
        received = f"one of {packed:,} bytes that would unpack to {size:,}"
        raise UserError(f"{name} to unpack to at most {STEEPEST} times its size", received, AGAIN)
    what = {"desc": f"check {name}", "unit": "B", "unit_scale": True}
    with progress_bar(total=size, leave=False, disable=None, **what) as bar:  # None: on a terminal
        for member in members:
            with reading(member, name), archive.open(member) as stream:
                while stream.read(2**20):
                    pass
            bar.update(member.file_size)


def check_entry(member: zipfile.ZipInfo, name: str) -> None:
    """Raise a `UserError` if the table of contents tells that a member is no plain file."""
    path, size = member.filename, member.file_size
    parts = path.replace("\\", "/").split("/")
    if parts[0] == "" or ".." in parts or (parts[0][:1].isalpha() and parts[0][1:2] == ":"):
        raise UserError(f"members inside {name}", path, AGAIN)
    if stat.S_IFMT(member.external_attr >> 16) not in KINDS:
        raise UserError(f"files and folders in {name}", f"{path}, a link or a device", AGAIN)
    if member.flag_bits & 1:
        raise UserError(f"members of {name} without a password", path, AGAIN)
    if member.compress_type not in METHODS:
        received = f"{path} packed by method {member.compress_type}"
        raise UserError(f"{name} packed as usual (deflate)", received, "Pack it anew.")
    if size > LARGEST_MEMBER:
        received = f"{path} with {size:,} bytes"
        raise UserError(f"members of {name} up to {LARGEST_MEMBER:,} bytes", received, AGAIN)
    if size > HARMLESS and size > STEEPEST * member.compress_size:
        received = f"{path}: {member.compress_size:,} bytes that would unpack to {size:,}"
        expected = f"members of {name} to unpack to at most {STEEPEST} times their size"
        raise UserError(expected, received, AGAIN)


@contextmanager
def reading(member: zipfile.ZipInfo, name: str) -> Iterator[None]:
    """Turn whatever goes wrong while a member is read into a `UserError` that names it."""
    try:
        yield
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError) as error:
        received = f"{member.filename} is damaged ({error})"
        raise UserError(f"a whole archive {name}", received, AGAIN) from error
    except UserError:
        raise
    except Exception as error:  # zlib has an error class of its own, and so on
        received = f"{member.filename} cannot be unpacked ({error})"
        raise UserError(f"a whole archive {name}", received, AGAIN) from error


@contextmanager
def whole(name: str) -> Iterator[None]:
    """Turn what shows, while an archive is read, that it is damaged into a `UserError`."""
    try:
        yield
    except DAMAGE as error:
        raise UserError(f"a whole archive {name}", f"a damaged one ({error})", AGAIN) from error


def read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, largest: int = LARGEST_HELD
) -> bytes:
    """The whole content of a member.

    Args:
        largest: bytes that it may have.

    Raises:
        UserError: it is damaged, or too large to be held in memory.
    """
    name = archive.filename or "the archive"
    if member.file_size > largest:
        expected = f"{member.filename} in {name} with at most {largest:,} bytes"
        raise UserError(expected, f"{member.file_size:,}", AGAIN)
    with reading(member, name):
        return archive.read(member)


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
    info = zipfile.ZipInfo(name, LONG_AGO)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info
