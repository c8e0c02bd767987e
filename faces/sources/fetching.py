"""Bring both archives from wherever `source` says, and check that they are whole."""

import os
import tempfile
import zipfile
from pathlib import Path

from PIL import Image

from faces.core import errors
from faces.core.errors import UserError
from faces.core.tasks import ARCHIVES
from faces.data.archives import check_entry, check_members, open_zip, read_member
from faces.data.members import called, files_in, listed, readings
from faces.data.nested import packed, unpacked, unwrap
from faces.data.photos import DAMAGE, open_photo
from faces.gender.data.labels import check_labels
from faces.sources import folder


def renew(settings: dict, raw: Path, links: Path) -> None:
    """Bring both archives and put them into `raw`, once both are known to be good.

    Args:
        settings: `source`, `seed`, `kaggle`, `sample`, `labels`. links: folder for links to files
            that they were made of; DVC compares these.

    Raises:
        UserError: the source lacks something, or an archive is not as it must be.
        OSError: something cannot be read or written.
    """
    raw.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=raw.parent, prefix=".download-") as name:
        arrived = Path(name)
        watched = fetch(settings, arrived)
        for task, archive in ARCHIVES.items():
            unwrap(arrived / archive, task, archive)
            check_archive(arrived / archive, archive)
        watch(watched, links)
        for archive in ARCHIVES.values():
            os.replace(arrived / archive, raw / archive)
            size = (raw / archive).stat().st_size
            came = watched.get(archive, Path(archive)).name
            named = f" ({errors.plain(came)})" if came != archive else ""
            print(f"{archive}: {size / 1e6:.1f} MB from {settings['source']}{named}")


def fetch(settings: dict, arrived: Path) -> dict[str, Path]:
    """Put both archives into the folder `arrived`.

    Returns:
        Files outside the project that they were made of, by a name for each: they are watched.

    Raises:
        UserError: the source lacks something.
        OSError: something cannot be read or written.
    """
    if settings["source"] == "sample":
        from faces.sources.drawn.archives import write_archives  # NumPy's slow part, for it alone

        write_archives(arrived, settings["sample"], settings["seed"])
        return with_labels(settings["labels"], arrived, {})
    if settings["source"] == "kaggle":
        from faces.sources import kaggle

        kaggle.download(settings["kaggle"], arrived)
        return with_labels(settings["labels"], arrived, {})
    place = folder.locate(settings["source"])
    used = folder.collect(place, arrived)
    return with_labels(settings["labels"] or folder.labels_beside(place), arrived, used)


def with_labels(labels: str | Path, arrived: Path, used: dict[str, Path]) -> dict[str, Path]:
    """The same files, and labels.csv, if one is given: it travels inside the photos' archive.

    Raises:
        UserError: it is not there, or not a table of labels.
    """
    if not labels:
        return used
    path = folder.locate(str(labels), "gender.labels", folder=False)
    folder.add_labels(arrived / ARCHIVES["gender"], path)
    return {**used, "labels.csv": path}


def check_archive(path: Path, name: str) -> None:
    """Read all of it, the archives inside it too.

    Raises:
        UserError: the archive is not whole, or lacks what its task needs.
    """
    with open_zip(path, name) as archive:
        archive.filename = name  # for errors: where it lies now is no place to look at
        check_members(archive, name)
        if name == ARCHIVES["keypoints"]:
            check_tables(archive)
        else:
            check_photos(archive, name)


def check_tables(archive: zipfile.ZipFile) -> None:
    """Raise a `UserError` unless the files and columns are there, those in inner zips too."""
    from faces.keypoints.data.clean import check_header

    for table in folder.TABLES:
        for member in called(archive, *packed(table)[1:]):
            check_entry(member, archive.filename)
            with unpacked(archive, member) as inner:
                check_members(inner, member.filename)
    check_header(archive)


def check_photos(archive: zipfile.ZipFile, name: str) -> None:
    """Raise a `UserError` unless there is a photo, and any labels.csv has its columns."""
    files = files_in(archive)
    if not any(is_photo(archive, member) for member in files):
        have = listed(readings(m)[0] for m in files) if files else "an empty archive"
        raise UserError(f"photos in {name}", have, "Download it again, or unpack what is in it.")
    for member in called(archive, folder.LABELS):
        content = read_member(archive, member, folder.LARGEST_LABELS)
        check_labels(content, f"{member.filename} in {name}")


def is_photo(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether it begins as an image does."""
    try:
        with archive.open(member) as stream, open_photo(stream):
            return True
    except (*DAMAGE, Image.DecompressionBombError):
        return False


def watch(used: dict[str, Path], links: Path) -> None:
    """Link these files into a folder that DVC compares: one that changes is noticed.

    What lies there itself stays: DVC sees it without a link.
    """
    here = links.resolve()
    used = {name: path.absolute() for name, path in used.items()}
    inside = {path for path in used.values() if here in path.parents}
    for old in sorted(links.rglob("*"), reverse=True):
        if old.is_symlink() and old.absolute() not in inside:
            old.unlink()
        elif old.is_dir() and not old.is_symlink() and not any(old.iterdir()):
            old.rmdir()
    for name, path in used.items():
        link = links / name
        if path in inside:
            continue
        try:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())
        except OSError as error:  # Windows without the right to make links; a name that is taken
            print(f"changes of {path} will not be noticed: no link could be made ({error})")
            return
