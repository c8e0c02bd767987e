"""Pictures of rows that cleaning dropped."""

import zipfile

import pandas as pd

from faces.data.tiles import Tile, of_array
from faces.keypoints.data.clean import as_points
from faces.keypoints.data.pixels import any_pixels
from faces.keypoints.data.tables import open_csv, read_chunks
from faces.keypoints.points import COLUMNS, FRAME


def tiles(archive: zipfile.ZipFile, table: pd.DataFrame) -> list[Tile]:
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
