"""Stage `download`: both archives, from wherever `source` says -> data/raw, once they are whole."""

import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from PIL import Image

from stages import errors, folder_source, params
from stages.archives import check_entry, check_members, open_zip, read_member
from stages.errors import UserError
from stages.gender.labels import check_labels
from stages.members import called, files_in, listed, readings
from stages.nested import packed, unpacked, unwrap
from stages.photos import DAMAGE, open_photo
from stages.tasks import ARCHIVES

RAW, LINKS = Path("data/raw"), Path("data/source")
KEYS = ["source", "seed", "kaggle", "sample", "gender.labels"]


def main() -> None:
    settings = params.load(*KEYS)
    try:
        for left in RAW.parent.glob(".download-*"):  # of a run that was killed
            shutil.rmtree(left)
        renew(settings)
    except OSError as error:
        todo = "Look at free space and permissions, and run it again."
        raise UserError(
            f"to read the source and to write {RAW.as_posix()}", str(error), todo
        ) from error


def renew(settings: dict) -> None:
    """Bring both archives and put them into data/raw, once both are known to be good.

    Raises:
        UserError: the source lacks something, or an archive is not as it must be.
        OSError: something cannot be read or written.
    """
    RAW.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RAW.parent, prefix=".download-") as name:
        arrived = Path(name)
        watched = fetch(settings, arrived)
        for task, archive in ARCHIVES.items():
            unwrap(arrived / archive, task, archive)
            check_archive(arrived / archive, archive)
        watch(watched)
        for archive in ARCHIVES.values():
            os.replace(arrived / archive, RAW / archive)
            size = (RAW / archive).stat().st_size
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
        draw(settings, arrived)
        return with_labels(settings["labels"], arrived, {})
    if settings["source"] == "kaggle":
        from stages import kaggle_source

        kaggle_source.download(settings["kaggle"], arrived)
        return with_labels(settings["labels"], arrived, {})
    folder = folder_source.locate(settings["source"])
    used = folder_source.collect(folder, arrived)
    return with_labels(settings["labels"] or folder_source.labels_beside(folder), arrived, used)


def draw(settings: dict, arrived: Path) -> None:
    """Draw the sample's archives.

    Raises:
        UserError: a setting that cannot be drawn.
    """
    from stages.sample.archives import write_archives
    from stages.sample.settings import check, check_seed

    try:
        check(settings["sample"])
        check_seed(settings["seed"])
    except ValueError as error:  # "Expected ... . Received: ... . What to do."
        expected, _, rest = str(error).removeprefix("Expected ").partition(". Received: ")
        received, _, todo = rest.partition(". ")
        raise UserError(expected, received, todo) from error
    write_archives(arrived, settings["sample"], settings["seed"])


def with_labels(labels: str | Path, arrived: Path, used: dict[str, Path]) -> dict[str, Path]:
    """The same files, and labels.csv, if one is given: it travels inside the photos' archive.

    Raises:
        UserError: it is not there, or not a table of labels.
    """
    if not labels:
        return used
    path = folder_source.locate(str(labels), "gender.labels", folder=False)
    folder_source.add_labels(arrived / ARCHIVES["gender"], path)
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
    from stages.keypoints.clean import check_header

    for table in folder_source.TABLES:
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
    for member in called(archive, folder_source.LABELS):
        content = read_member(archive, member, folder_source.LARGEST_LABELS)
        check_labels(content, f"{member.filename} in {name}")


def is_photo(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether it begins as an image does."""
    try:
        with archive.open(member) as stream, open_photo(stream):
            return True
    except (*DAMAGE, Image.DecompressionBombError):
        return False


def watch(used: dict[str, Path]) -> None:
    """Link these files into data/source, which DVC compares: one that changes is noticed.

    What lies there itself stays: DVC sees it without a link.
    """
    here = LINKS.resolve()
    used = {name: path.absolute() for name, path in used.items()}
    inside = {path for path in used.values() if here in path.parents}
    for old in sorted(LINKS.rglob("*"), reverse=True):
        if old.is_symlink() and old.absolute() not in inside:
            old.unlink()
        elif old.is_dir() and not old.is_symlink() and not any(old.iterdir()):
            old.rmdir()
    for name, path in used.items():
        link = LINKS / name
        if path in inside:
            continue
        try:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())
        except OSError as error:  # Windows without the right to make links; a name that is taken
            print(f"changes of {path} will not be noticed: no link could be made ({error})")
            return


if __name__ == "__main__":
    errors.run(main, words=False)
