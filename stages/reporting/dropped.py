"""What cleaning dropped: how many for which reason, and some of each to look at."""

import zipfile

import numpy as np
import pandas as pd

from stages.archives import open_zip
from stages.keypoints.clean import as_points
from stages.keypoints.labels import COLUMNS, FRAME
from stages.keypoints.pixels import any_pixels
from stages.keypoints.tables import open_csv, read_chunks
from stages.photos import LARGEST_FILE, PhotoFault, read_photo
from stages.reporting.tiles import Tile, of_array, of_photo

SHOWN = 24


def summary(table: pd.DataFrame) -> list[tuple[str, int]]:
    """Reasons, in short, and how often each is given, the most frequent first.

    Args:
        table: with a column `reason`.
    """
    counts = short(table).value_counts()
    return sorted(((str(k), int(n)) for k, n in counts.items()), key=lambda row: (-row[1], row[0]))


def short(table: pd.DataFrame) -> pd.Series:
    """Each row's reason without what differs from row to row."""
    return table["reason"].astype(str).str.split(r"[:(]", regex=True).str[0].str.strip()


def some_of_each(table: pd.DataFrame, n: int = SHOWN) -> pd.DataFrame:
    """At most n rows: the first of each reason, then the second of each, and so on."""
    turn = table.groupby(short(table)).cumcount()
    return table.iloc[np.argsort(turn.to_numpy(), kind="stable")[:n]]


def rows(archive: zipfile.ZipFile, table: pd.DataFrame) -> list[Tile]:
    """Rows of training.csv with the points that were marked.

    Args:
        archive: `facial-keypoints-detection.zip`. table: `row`, from 1, and `reason`.
    """
    wanted, found = set(table["row"]), {}
    if not wanted:
        return []
    with open_csv(archive, "training") as stream:
        first = 1
        for chunk in read_chunks(stream, "training.csv", (*COLUMNS, "Image")):
            here = sorted(row for row in wanted if first <= row < first + len(chunk))
            for row in here:
                cells = chunk.iloc[row - first]
                image = any_pixels(cells["Image"], row, "training.csv").reshape(FRAME, FRAME)
                points = as_points(cells[list(COLUMNS)].to_numpy(object)[None], row)[0]
                found[row] = image, points
            first += len(chunk)
            if len(found) == len(wanted):
                break
    return [
        of_array(found[row][0], f"row {row}: {reason}", found[row][1])
        for row, reason in zip(table["row"], table["reason"], strict=True)
    ]


def photos(archive: zipfile.ZipFile, table: pd.DataFrame) -> list[Tile]:
    """Photos, or a tile without a picture where a file holds none that can be read.

    Args:
        archive: `face-detection.zip`. table: `file` and `reason`.
    """
    tiles = []
    for file, reason in zip(table["file"], table["reason"], strict=True):
        text = f"{file}: {reason}"
        if archive.getinfo(file).file_size > LARGEST_FILE:
            tiles.append(Tile(text))
            continue
        try:
            tiles.append(of_photo(read_photo(archive.read(file), draft=192, name=file), text))
        except PhotoFault:
            tiles.append(Tile(text))
    return tiles


def section(path, table: pd.DataFrame, look) -> dict:
    """What the page tells of a task: `reasons`, `tiles`, and how many rows the table has.

    Args:
        path: of the archive as it came. table: `dropped.csv`. look: `rows` or `photos`.
    """
    with open_zip(path) as archive:
        tiles = look(archive, some_of_each(table))
    return {"reasons": summary(table), "tiles": tiles, "n": len(table)}
