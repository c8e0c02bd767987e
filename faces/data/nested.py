"""Zips inside zips: a table in a zip of its own, a whole archive packed once more."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from faces.core.errors import UserError
from faces.core.tasks import ARCHIVES
from faces.data.archives import check_entry, open_zip
from faces.data.inflating import pieces
from faces.data.members import (
    called,
    check_same,
    files_in,
    find_member,
    is_litter,
    listed,
    plain_name,
)
from faces.data.photos.formats import is_photo

DEEPEST = 3  # zips inside each other
AGAIN = "Download the archive again, or correct the file."


def packed(table: str) -> tuple[str, str, str]:
    """The names under which a table comes: itself, then as Kaggle's page and client pack it.

    >>> packed("test")
    ('test.csv', 'test.zip', 'test.csv.zip')
    """
    return f"{table}.csv", f"{table}.zip", f"{table}.csv.zip"


@contextmanager
def held_in(
    archive: zipfile.ZipFile, name: str
) -> Iterator[tuple[zipfile.ZipFile, zipfile.ZipInfo]]:
    """The archive that holds a table, this one or one inside it; its entry.

    Args:
        name: of the table without its ending: `training`, `test` or `IdLookupTable`.

    Raises:
        UserError: there is none, or there are two that differ.
    """
    file, where = f"{name}.csv", archive.filename or "the archive"
    with ExitStack() as opened:
        found = []
        for _ in range(DEEPEST):
            if called(archive, file):
                found.append((archive, checked(archive, file, where), where))
            zips = called(archive, *packed(name)[1:])
            if not zips:
                break
            check_same([(m.filename, (m.CRC, m.file_size)) for m in zips], f"{name}.zip", where)
            check_entry(zips[0], where)
            archive, where = opened.enter_context(unpacked(archive, zips[0])), zips[0].filename
        if not found:
            have = listed(m.filename for m in archive.infolist())
            raise UserError(f"{file} in {where}", have, AGAIN)
        marks = [(f"{m.filename} in {place}", (m.CRC, m.file_size)) for _, m, place in found]
        check_same(marks, file, found[0][2])
        yield found[0][:2]


@contextmanager
def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[zipfile.ZipFile]:
    """The zip inside an archive, open.

    It is unpacked to disk: a zip is read from its end, and inflating cannot go back.
    """
    with tempfile.TemporaryFile() as copy:
        for piece in pieces(archive, member):
            copy.write(piece)
        with open_zip(copy, member.filename) as inner:
            inner.filename = member.filename  # for errors
            yield inner


def checked(archive: zipfile.ZipFile, basename: str, name: str) -> zipfile.ZipInfo:
    """The entry of this file; a `UserError` if there is none, or it cannot be what it says."""
    member = find_member(archive, basename, name)
    check_entry(member, name)
    return member


def holds(archive: zipfile.ZipFile, task: str) -> bool:
    """Whether an archive's names are those of the task's data: tables, or photos."""
    if task == "keypoints":
        return bool(called(archive, *packed("training")) and called(archive, *packed("test")))
    names = (m.filename for m in files_in(archive))
    return any(is_photo(n) and not is_litter(n) for n in names)


def inner_archive(archive: zipfile.ZipFile, task: str) -> zipfile.ZipInfo | None:
    """The entry of the task's archive, where it was packed once more; None if it was not.

    Raises:
        UserError: there are two that differ, or it cannot be what it says.
    """
    where = archive.filename or "the archive"
    if called(archive, ARCHIVES[task]):
        return checked(archive, ARCHIVES[task], where)
    if holds(archive, task):
        return None
    names = {plain_name(m.filename) for m in files_in(archive) if not is_litter(m.filename)}
    zips = [name for name in names if name.endswith(".zip")]
    return checked(archive, zips[0], where) if len(zips) == 1 else None


@contextmanager
def innermost(
    path: Path, task: str, name: str | None = None
) -> Iterator[tuple[zipfile.ZipFile, bool]]:
    """The archive at `path`, or the one inside it; whether it is another than that at `path`.

    Args:
        name: what to call it in an error, its path without that.

    Raises:
        UserError: it is no zip archive, or a damaged one.
    """
    with ExitStack() as opened:
        archive, inside = opened.enter_context(open_zip(path, name)), False
        archive.filename = name or archive.filename
        for _ in range(DEEPEST):
            member = inner_archive(archive, task)
            if member is None:
                break
            archive, inside = opened.enter_context(unpacked(archive, member)), True
        yield archive, inside


def fits(path: Path, task: str) -> bool:
    """Whether a zip archive is the task's by what is in it."""
    try:
        with innermost(path, task) as (archive, _):
            return holds(archive, task)
    except UserError:
        return False


def unwrap(path: Path, task: str, name: str) -> None:
    """Put the archive that lies inside the one at `path` into its place, if there is one.

    Args:
        name: what to call it in an error.

    Raises:
        UserError: as `innermost`. OSError: it cannot be written.
    """
    inner = path.with_suffix(".inner")
    with innermost(path, task, name) as (archive, inside):
        if not inside:
            return
        archive.fp.seek(0)
        with inner.open("wb") as stream:
            shutil.copyfileobj(archive.fp, stream)
    os.replace(inner, path)
