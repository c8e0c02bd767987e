"""How clean keypoint data lies on disk: one `.npy` for each array."""

import zipfile
from pathlib import Path

import numpy as np

from faces.core import files

SPLIT_READS = ("images", "points", "group", "row")


def save_clean(folder: Path, kept: dict[str, np.ndarray], _: zipfile.ZipFile) -> None:
    files.save_arrays(folder, kept)


def load_clean(folder: Path) -> dict:
    """The arguments of `split.split` that are data."""
    return {"arrays": files.load_arrays(folder, *SPLIT_READS)}
