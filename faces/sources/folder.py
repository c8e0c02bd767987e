"""Archives from a folder, as somebody has who downloaded them by hand, packed or unpacked."""

import os
import re
import shutil
import zipfile
from collections import Counter
from pathlib import Path

from faces.core.errors import UserError
from faces.core.files import LONG_AGO, repository
from faces.core.progress import progress_bar
from faces.core.tasks import ARCHIVES
from faces.data.archives import check_members, open_zip, read_member, write_zip
from faces.data.members import called, check_same, files_in, listed, mark_of, plain_name
from faces.data.nested import fits, held_in, innermost, packed
from faces.data.photos.formats import files_below, is_hidden, is_picture
from faces.gender.data.labels import check_labels

TABLES = ("training", "test", "IdLookupTable")
NAMES = {name.lower(): name for table in (*TABLES, "SampleSubmission") for name in packed(table)}
LABELS = "labels.csv"
WINDOWS, NUMBER = re.compile(r"[A-Za-z]:[\\/]"), re.compile(r"[0-9.]+")
UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".tmp", ".aria2")
LARGEST_LABELS = 16 * 2**20  # bytes; enough for 300,000 photos
EMPTY = "an empty folder"
PUT = "Put the archive there as Kaggle gives it, named so, or what is in it."


class Missing(UserError):
    """Something that a folder lacks."""


def locate(path: str, key: str = "source", folder: bool = True) -> Path:
    """The folder or file that a param names.

    Raises:
        UserError: it is not there.
        OSError: it cannot be looked at.
    """
    try:
        found = repository() / Path(path).expanduser()
    except RuntimeError:  # ~somebody who has no home here
        found = repository() / path
    if not (found.is_dir() if folder else found.is_file()):
        kind = "sample, kaggle or an existing folder" if folder else "an existing file"
        what = "which is not there"
        if found.exists():
            what = "which is a folder" if found.is_dir() else "which is a file"
        todo = "Correct it."
        if folder and found.is_file():
            todo = f"Name the folder that it lies in: {Path(path).parent.as_posix()}"
        elif WINDOWS.match(path) and os.name != "nt":
            todo = f"Write it as this system does; WSL has it in /mnt/{path[0].lower()}/."
        elif NUMBER.fullmatch(path):
            todo = f"A number may lose its zeros: write {key}: './NAME' in params.yaml, in quotes."
        raise UserError(f"{kind} as {key} in params.yaml", f"{path!r}, {what} ({found})", todo)
    return found


def labels_beside(folder: Path) -> str:
    """The path of the folder's labels.csv; "" without one.

    Raises:
        UserError: there are two that differ.
    """
    found = sorted(p for p in folder.iterdir() if plain_name(p.name) == LABELS and p.is_file())
    if len(found) > 1:
        check_same([(p.name, mark_of(p)) for p in found], LABELS, str(folder))
    return str(found[0]) if found else ""


def collect(folder: Path, arrived: Path) -> dict[str, Path]:
    """Put both archives into `arrived`: copied, or packed if they lie unpacked.

    Returns:
        The files they were made of, by their path in the folder.

    Raises:
        UserError: something is missing, or there are two of it that differ.
        OSError: something cannot be read or written.
    """
    used = {}
    for task, name in ARCHIVES.items():
        whole = whole_archive(folder, task)
        members = {} if whole else unpacked_files(folder, task)
        whole = whole or members.pop("", None)
        if whole:
            shutil.copyfile(whole, arrived / name)
            used[name] = whole
            continue
        bar = progress_bar(sorted(members.items()), f"pack {name}", leave=False, disable=None)
        write_zip(arrived / name, bar)
        used |= {f"{Path(name).stem}/{member}": path for member, path in members.items()}
    return used


def whole_archive(folder: Path, task: str) -> Path | None:
    """The task's archive in a folder: by its name, or by what is in it where none is named so.

    On its page Kaggle names every data set `archive.zip`.

    Raises:
        UserError: there are two that differ, or one and other files unpacked.
    """
    name = ARCHIVES[task]
    base = base_of(folder, task)
    places = [folder] if base == folder else [folder, base]
    zips = sorted(p for place in places for p in place.iterdir() if is_zip(p))
    known = {*ARCHIVES.values(), *NAMES}
    found = [p for p in zips if plain_name(p.name) == name]
    named = bool(found)
    found = found or [p for p in zips if plain_name(p.name) not in known and fits(p, task)]
    if not found:
        return None
    found.sort(key=lambda p: p.name != name)
    marks = [(inside(folder, p), mark_of(p) if len(found) > 1 else None) for p in found]
    check_same(marks, name, str(folder))
    if task == "keypoints":
        check_tables_beside(found[0], folder, places)
    elif base != folder or not named:
        check_photos_beside(found[0], folder, base)
    return found[0]


def base_of(folder: Path, task: str) -> Path:
    """The folder of a task that lies unpacked: that of the archive's name, or else all of it.

    Raises:
        UserError: two are named so.
    """
    stem = Path(ARCHIVES[task]).stem
    found = sorted(p for p in folder.iterdir() if p.is_dir() and plain_name(p.name) == stem)
    if len(found) > 1:
        names = " and ".join(p.name for p in found)
        raise UserError(f"one folder {stem} in {folder}", names, "Take away the one not meant.")
    return found[0] if found else folder


def is_zip(path: Path) -> bool:
    """Whether a file is named as a zip archive, and not hidden."""
    return path.suffix.lower() == ".zip" and not path.name.startswith(".") and path.is_file()


def inside(folder: Path, path: Path) -> str:
    """A path in the folder, as the user sees it."""
    return path.relative_to(folder).as_posix()


def check_tables_beside(whole: Path, folder: Path, places: list[Path]) -> None:
    """Raise a `UserError` if tables beside an archive, unpacked from it, are others than its own.

    Args:
        places: folders to look in, not into their folders.
    """
    beside = [p for place in places for p in sorted(place.iterdir()) if p.is_file()]
    for table in TABLES:
        names = {name.lower() for name in packed(table)}
        found = [p for p in beside if plain_name(p.name) in names]
        if found:
            marks = [(inside(folder, path), table_mark(path, table)) for path in (whole, *found)]
            check_same(marks, f"{table}.csv", str(folder))


def table_mark(path: Path, table: str) -> tuple[int, int]:
    """Checksum and size of a table, itself or in a zip.

    Raises:
        UserError: it is not in that zip.
    """
    if path.suffix.lower() != ".zip":
        return mark_of(path)
    with innermost(path, "keypoints") as (archive, _), held_in(archive, table) as (_, member):
        return member.CRC, member.file_size


def check_photos_beside(whole: Path, folder: Path, base: Path) -> None:
    """Raise a `UserError` if the photos below `base`, unpacked from an archive, are other ones.

    A labels.csv counts as one, since it was perhaps written for them.
    """
    beside = [path for name, path in photos_below(base, folder).items() if is_photo_name(name)]
    if not beside:
        return
    with innermost(whole, "gender") as (archive, _):
        members = [m for m in files_in(archive) if not is_hidden(m.filename)]
        packed_ones = Counter((m.CRC, m.file_size) for m in members if is_photo_name(m.filename))
    sizes = Counter(path.stat().st_size for path in beside)
    same = sizes == Counter(size for _, size in packed_ones.elements())  # told without reading
    if same and Counter(map(mark_of, beside)) == packed_ones:
        return
    unpacked = f"{inside(folder, base)}/" if base != folder else "the folders beside it"
    received = f"{packed_ones.total()} in {inside(folder, whole)} and {len(beside)} in {unpacked}"
    received += ", not the same" if packed_ones.total() == len(beside) else ""
    expected = f"the same photos in an archive and beside it, unpacked, in {folder}"
    raise UserError(expected, received, "Take away the one not meant, archive or folders.")


def is_photo_name(name: str) -> bool:
    """Whether a file is named as a photo, or as the labels of some."""
    return is_picture(name) or plain_name(name) == LABELS


def unpacked_files(folder: Path, task: str) -> dict[str, Path]:
    """The files of a task that lies unpacked, by their names in the archive to be.

    Returns:
        The files; or, where there are none, the archive deeper in the folder, by the name "".

    Raises:
        UserError: something is missing.
    """
    base = base_of(folder, task)
    try:
        return keypoint_files(base, folder) if task == "keypoints" else photo_files(base, folder)
    except Missing:
        zips = [p for p in files_below(folder) if is_zip(p) and p.parent != folder]
        found = [p for p in zips if plain_name(p.name) not in NAMES and fits(p, task)]
        if not found:
            raise
        marks = [(inside(folder, p), mark_of(p)) for p in found]
        check_same(marks, ARCHIVES[task], str(folder))
        return {"": found[0]}


def keypoint_files(base: Path, folder: Path) -> dict[str, Path]:
    """Kaggle's files of the competition, wherever under `base`, by their names.

    Raises:
        UserError: one is missing, or there are two that differ.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(files_below(base), key=lambda p: (len(p.parts), p.suffix != ".zip")):
        if plain_name(path.name) in NAMES:
            name = NAMES[plain_name(path.name)]
            found.setdefault(name.partition(".")[0], []).append(path)
    missing = [table for table in TABLES if table not in found]
    if missing:
        zips = (f"{t}.zip or {t}.csv" if t != TABLES[-1] else f"{t}.csv" for t in missing)
        expected = f"{ARCHIVES['keypoints']}, or {' and '.join(zips)}, in {folder}"
        raise Missing(expected, content_of(folder), PUT)
    for table in TABLES:
        if len(paths := found[table]) > 1:
            marks = [(inside(folder, path), table_mark(path, table)) for path in paths]
            check_same(marks, f"{table}.csv", str(folder))
    return {NAMES[plain_name(paths[0].name)]: paths[0] for paths in found.values()}


def photo_files(base: Path, folder: Path) -> dict[str, Path]:
    """Every file below `base`, but for the competition's, by its path there.

    Where photos have no folder of their own (`base` is `folder`), files of other kinds may lie
    beside them: there, only pictures count, and what lies in folders.

    Raises:
        UserError: there is none.
    """
    found = photos_below(base, folder)
    if not found:
        expected = f"{ARCHIVES['gender']}, or folders of photos, in {folder}"
        raise Missing(expected, content_of(folder), PUT)
    return found


def photos_below(base: Path, folder: Path) -> dict[str, Path]:
    """The same, or nothing."""
    found = {}
    for path in files_below(base):
        inside = path.relative_to(base)
        ending = path.suffix.lower()
        if plain_name(path.name) in NAMES or ending == ".zip":
            continue
        if base == folder and plain_name(inside.parts[0]) == Path(ARCHIVES["keypoints"]).stem:
            continue
        if base == folder and len(inside.parts) == 1 and not is_picture(path.name):
            continue
        found[inside.as_posix()] = path
    return found


def content_of(folder: Path) -> str:
    """The first names in a folder, for an error, and what is wrong with an archive there."""
    return listed(map(described, folder.iterdir())) if any(folder.iterdir()) else EMPTY


def described(path: Path) -> str:
    """A file's name, and what it is if it is half a download or no zip archive for all its name."""
    if path.suffix.lower() in UNFINISHED:
        return f"{path.name} (half a download)"
    if is_zip(path):
        try:
            open_zip(path).close()
        except UserError as fault:
            return f"{path.name} ({fault.received})"
    return path.name


def add_labels(archive: Path, labels: Path) -> None:
    """Put a labels.csv into the archive, in the place of any that is there already.

    Raises:
        UserError: it is not a table of labels, or the archive is damaged.
        OSError: one cannot be read or written.
    """
    if labels.stat().st_size > LARGEST_LABELS:
        have = f"{labels.stat().st_size:,}"
        raise UserError(f"{labels} with at most {LARGEST_LABELS:,} bytes", have, "Correct it.")
    content = labels.read_bytes()
    check_labels(content, str(labels))
    rest = archive.with_suffix(".rest")
    with open_zip(archive, archive.name) as opened:
        members = files_in(opened)
        old = called(opened, LABELS)
        others = [m for m in members if m not in old]
        if old:
            print(f"{labels.name} stands in for {listed(m.filename for m in old)} in the archive")
            check_members(opened, archive.name)
            write_zip(rest, ((m.filename, read_member(opened, m)) for m in others))
    if rest.exists():
        os.replace(rest, archive)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(zipfile.ZipInfo(LABELS, LONG_AGO), content)
