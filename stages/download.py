"""Stage `download`: both archives, from wherever `source` says -> data/raw, once they are whole."""

import os
import tempfile
from pathlib import Path

from stages import errors, folder_source, params
from stages.archives import check_members, open_zip
from stages.errors import UserError
from stages.tasks import ARCHIVES

RAW, LINKS = Path("data/raw"), Path("data/source")
KEYS = ["source", "seed", "kaggle", "sample", "gender.labels"]


def main() -> None:
    settings = params.load(*KEYS)
    RAW.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RAW.parent, prefix=".download-") as name:
        arrived = Path(name)
        watched = fetch(settings, arrived)
        for archive in ARCHIVES.values():
            check_archive(arrived / archive, archive)
        watch(watched)
        for archive in ARCHIVES.values():
            os.replace(arrived / archive, RAW / archive)
            size = (RAW / archive).stat().st_size
            print(f"{archive}: {size / 1e6:.1f} MB from {settings['source']}")


def fetch(settings: dict, arrived: Path) -> dict[str, Path]:
    """Put both archives into the folder `arrived`.

    Returns:
        Files outside the project that they were made of, by a name for each: they are watched.
    """
    if settings["source"] == "sample":
        from stages.sample.archives import write_archives

        write_archives(arrived, settings["sample"], settings["seed"])
        return with_labels(settings["labels"], arrived, {})
    if settings["source"] == "kaggle":
        from stages import kaggle_source

        kaggle_source.download(settings["kaggle"], arrived)
        return with_labels(settings["labels"], arrived, {})
    folder = folder_source.locate(settings["source"])
    used = folder_source.collect(folder, arrived)
    return with_labels(settings["labels"] or folder_source.labels_beside(folder), arrived, used)


def with_labels(labels: str | Path, arrived: Path, used: dict[str, Path]) -> dict[str, Path]:
    """The same files, and labels.csv, if one is given: it travels inside the photos' archive."""
    if not labels:
        return used
    path = folder_source.locate(str(labels), "gender.labels", folder=False)
    folder_source.add_labels(arrived / ARCHIVES["gender"], path)
    return {**used, "labels.csv": path}


def check_archive(path: Path, name: str) -> None:
    """Raise a `UserError` unless the archive is whole and holds what its task needs."""
    with open_zip(path, name) as archive:
        check_members(archive, name)
        if name == ARCHIVES["keypoints"]:
            from stages.keypoints.clean import check_header

            check_header(archive)
        elif not any(not m.is_dir() for m in archive.infolist()):
            raise UserError(f"photos in {name}", "an empty archive", "Download it again.")


def watch(used: dict[str, Path]) -> None:
    """Link these files into data/source, which DVC compares: one that changes is noticed."""
    for old in sorted(LINKS.rglob("*"), reverse=True):
        if old.is_symlink():
            old.unlink()
        elif old.is_dir():
            old.rmdir()
    for name, path in used.items():
        link = LINKS / name
        link.parent.mkdir(parents=True, exist_ok=True)
        try:
            link.symlink_to(path.resolve())
        except OSError as error:  # Windows without the right to make links
            print(f"changes of {path} will not be noticed: no link could be made ({error})")
            return


if __name__ == "__main__":
    errors.run(main)
