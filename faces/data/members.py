"""Members of zip archives by their names, however a name is spelled.

Windows, Macs and browsers spell one name in many ways: backslashes, code pages, composed or
decomposed letters, capitals, ` (1)`. All who look for a member ask here.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path

from isal import isal_zlib

from faces.core.errors import UserError

UTF_8 = 0x800  # flag: the name is UTF-8; without it zipfile reads cp437, whatever it is
# What packers on Windows and Macs write without that flag. Bytes may be right in several of them.
PAGES = ("utf-8", "cp437", "cp949", "cp932", "gbk", "cp950", "cp850", "cp1252", "cp866")
LITTER = "__MACOSX"
# What browsers add to a name that is taken: `archive (1).zip`, `archive-1.zip`.
AGAIN = re.compile(r"(?:[ _]?\(\d{1,3}\)|[ -]\d{1,2})(?=(?:\.csv|\.zip)*$)")


def readings(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Every path that a member's name may mean, with `/` between folders and letters composed.

    Returns:
        The likeliest path first. Names in ASCII, and those marked as UTF-8, have one.

    >>> readings(zipfile.ZipInfo("a\\\\b.csv"))
    ('a/b.csv',)
    """
    path = member.filename
    if path.isascii() or member.flag_bits & UTF_8:
        return (spelled(path),)
    found = []
    for page in PAGES:
        try:
            found.append(spelled(path.encode("cp437").decode(page)))
        except UnicodeError:
            continue
    return tuple(dict.fromkeys(found)) or (spelled(path),)


def spelled(path: str) -> str:
    """A path in the form in which paths are compared: `/` between folders, letters composed.

    >>> spelled(".\\\\a\\\\u" + chr(0x308)) == "a/" + chr(0xFC)
    True
    """
    return unicodedata.normalize("NFC", path.replace("\\", "/")).removeprefix("./")


def plain_name(path: str) -> str:
    """The file name of a path in small letters, without what browsers add to a name.

    >>> plain_name("Downloads/Training (1).CSV"), plain_name("archive-2.zip")
    ('training.csv', 'archive.zip')
    """
    return AGAIN.sub("", spelled(path).rpartition("/")[2].lower())


def is_litter(path: str) -> bool:
    """Whether a Mac left this beside a file: no content of anybody's.

    >>> is_litter("__MACOSX/a/._b.csv"), is_litter("a/._b.csv"), is_litter("a/.b.csv")
    (True, True, False)
    """
    *folders, name = path.replace("\\", "/").split("/")
    return LITTER in folders or name.startswith("._")


def files_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members that are no folders; .NET on Windows ends a folder's name in a backslash."""
    return [m for m in archive.infolist() if not m.filename.endswith(("/", "\\"))]


def called(archive: zipfile.ZipFile, *names: str) -> list[zipfile.ZipInfo]:
    """The members with one of these file names, in whatever folder, the outermost first."""
    wanted = {plain_name(name) for name in names}
    found = [m for m in files_in(archive) if plain_name(m.filename) in wanted]
    found = [m for m in found if not is_litter(m.filename)]
    return sorted(found, key=lambda m: spelled(m.filename).count("/"))


def find_member(archive: zipfile.ZipFile, basename: str, name: str) -> zipfile.ZipInfo:
    """The member with this file name, in whatever folder.

    Raises:
        UserError: there is none, or there are two whose content differs.
    """
    found = called(archive, basename)
    if not found:
        have = listed(m.filename for m in archive.infolist())
        raise UserError(f"{basename} in {name}", have, "Download the archive again.")
    check_same([(m.filename, (m.CRC, m.file_size)) for m in found], basename, name)
    return found[0]


def check_same(found: list[tuple[str, object]], what: str, where: str) -> None:
    """Raise a `UserError` if two things that fit differ: nobody can say which one is meant.

    Args:
        found: the name and a mark of the content of each.
    """
    first, *others = found
    for name, content in others:
        if content != first[1]:
            received = f"{first[0]} and {name}, which differ"
            raise UserError(f"one {what} in {where}", received, "Take away the one not meant.")


def listed(names: Iterable[str], most: int = 8) -> str:
    """The first of these names in their order, for an error."""
    names = sorted(names)
    more = f", and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more or "nothing"


def mark_of(path: Path) -> tuple[int, int]:
    """Checksum and size of a file, as an archive has them of its members.

    Raises:
        OSError: it cannot be read.
    """
    checksum = size = 0
    with path.open("rb") as stream:
        while piece := stream.read(2**20):
            checksum, size = isal_zlib.crc32(piece, checksum), size + len(piece)
    return checksum, size
