"""Pictures of photos that cleaning dropped."""

import zipfile

import pandas as pd

from faces.data.photos import LARGEST_FILE, PhotoFault, read_photo
from faces.data.tiles import Tile, of_photo


def tiles(archive: zipfile.ZipFile, table: pd.DataFrame) -> list[Tile]:
    """Photos, or a tile without a picture where a file holds none that can be read.

    Args:
        archive: `face-detection.zip`. table: `file` and `reason`.
    """
    found = []
    for file, reason in zip(table["file"], table["reason"], strict=True):
        text = f"{file}: {reason}"
        if archive.getinfo(file).file_size > LARGEST_FILE:
            found.append(Tile(text))
            continue
        try:
            found.append(of_photo(read_photo(archive.read(file), draft=192, name=file), text))
        except PhotoFault:
            found.append(Tile(text))
    return found
