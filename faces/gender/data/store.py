"""How clean photos lie on disk: one archive of them as they were, one table, the class names."""

import zipfile
from pathlib import Path

import pandas as pd

from faces.core import files
from faces.data.archives import open_zip, write_zip


def save_clean(folder: Path, kept: tuple[pd.DataFrame, list[str]], archive: zipfile.ZipFile):
    photos, classes = kept
    folder.mkdir(parents=True)
    photos.to_csv(folder / "photos.csv", index=False, lineterminator="\n")
    write_zip(folder / "photos.zip", ((name, archive.read(name)) for name in photos["file"]))
    files.save_json(folder / "classes.json", classes)


def load_clean(folder: Path) -> dict:
    """The arguments of `split.split` that are data."""
    return {
        "archive": open_zip(folder / "photos.zip"),
        "photos": pd.read_csv(
            folder / "photos.csv", keep_default_na=False, dtype={"file": str, "label": str}
        ),
        "classes": files.load_json(folder / "classes.json"),
    }
