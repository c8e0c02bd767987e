"""From Kaggle's archive to arrays: rows checked, what cannot be used listed with its reason."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from faces.core.errors import UserError
from faces.keypoints.data.pixels import AGAIN
from faces.keypoints.data.tables import (
    IMAGE,
    LONGEST_HEADER,
    open_csv,
    read_chunks,
    read_header,
    read_table,
)
from faces.keypoints.points import COLUMNS, FRAME, GROUP_15, N_POINTS, POINT_NAMES, annotator_group

LOOKUP, LOOKUP_COLUMNS = "IdLookupTable.csv", ("RowId", "ImageId", "FeatureName")
# What pandas, R, SQL and people write where nothing is known, in small letters.
UNKNOWN = {"", "nan", "na", "n/a", "#n/a", "<na>", "null", "none", "-", "?"}
BLOCK_ROWS = 1000


def clean(archive: zipfile.ZipFile, settings: dict) -> tuple[dict, pd.DataFrame, dict]:
    """Everything later stages need from `facial-keypoints-detection.zip`.

    Args:
        archive: the archive, open.
        settings: `incomplete`: `mask` keeps rows with unknown points, `drop` does not.

    Returns:
        Arrays: `images` uint8 (n, 96, 96), `points` float32 (n, 15, 2) in pixels with NaN where
        unknown, `group` int16 (n,) the annotator group, 15 or 4, `row` int32 (n,) the row of
        training.csv counted from 1, `test_images` uint8 (m, 96, 96), `test_ids` int32 (m,),
        `lookup` int32 (k, 3): RowId, position in `test_images`, coordinate 0 to 29.
        A table `row`, `reason` of what was dropped, and counts.

    Raises:
        UserError: a file or column is missing, or a value cannot be what it should be.
    """
    points, images = read_table(archive, "training", COLUMNS, as_points)
    points, halves = without_halves(points)
    points, outside = without_outside(points)
    known = np.isfinite(points).all(axis=2)
    group, rows = annotator_group(known), np.arange(1, len(points) + 1, dtype=np.int32)
    reasons = drop_reasons(known, group, settings["incomplete"])
    kept = reasons == ""
    if not kept.any():
        raise UserError("rows with known points in training.csv", "none", AGAIN)
    test_ids, test_images = read_table(archive, "test", ("ImageId",), as_ids)
    if len(np.unique(test_ids)) < len(test_ids):
        raise UserError("every ImageId once in test.csv", "one that stands twice", AGAIN)
    lookup = read_lookup(archive, test_ids)
    arrays = {
        "images": only(images, kept),
        "points": points[kept],
        "group": group[kept],
        "row": rows[kept],
        "test_images": test_images,
        "test_ids": test_ids,
        "lookup": lookup,
    }
    dropped = pd.DataFrame({"row": rows[~kept], "reason": reasons[~kept]})
    dropped = pd.concat([dropped, halves, outside]).sort_values("row", kind="stable")
    counts = {**row_counts(kept, known, group), "test_images": len(test_ids)}
    counts["points_outside_frame"], counts["points_with_one_coordinate"] = len(outside), len(halves)
    return arrays, dropped, {**counts, "asked_values": len(lookup)}


def row_counts(kept: np.ndarray, known: np.ndarray, group: np.ndarray) -> dict[str, int]:
    """How many rows there are of which kind.

    Args:
        kept: bool (n,). known: bool (n, 15), which points are. group: (n,), 15 or 4.
    """
    return {
        "rows": len(kept),
        "kept": int(kept.sum()),
        "dropped": int((~kept).sum()),
        "complete_rows": int(known.all(axis=1).sum()),
        "rows_group_15": int((group[kept] == GROUP_15).sum()),
        "rows_group_4": int((group[kept] != GROUP_15).sum()),
    }


def check_header(archive: zipfile.ZipFile) -> None:
    """Raise a `UserError` unless the archive has the three files with the columns we read."""
    for name, columns in (("training", COLUMNS), ("test", ("ImageId",))):
        with open_csv(archive, name) as stream:
            read_header(stream.readline(LONGEST_HEADER), f"{name}.csv", (*columns, IMAGE))
    with open_csv(archive, Path(LOOKUP).stem) as stream:
        read_header(stream.readline(LONGEST_HEADER), LOOKUP, LOOKUP_COLUMNS)


def as_points(cells: np.ndarray, first_row: int = 1) -> np.ndarray:
    """Text cells (n, 30) as float32 (n, 15, 2), pixels, NaN where a cell tells nothing."""
    numbers = pd.to_numeric(cells.ravel(), errors="coerce").astype(float)
    for at in np.flatnonzero(~np.isfinite(numbers) & (cells.ravel() != "")):
        word = cells.flat[at].strip()
        if word.lower() not in UNKNOWN:
            numbers[at] = as_number(word, at, first_row)
    return numbers.astype(np.float32).reshape(-1, N_POINTS, 2)


def as_number(word: str, at: int, first_row: int) -> float:
    """The number that a cell without the spaces around it is; a `UserError` if it is none."""
    number = pd.to_numeric(word, errors="coerce")
    if not np.isfinite(number):
        row, column = divmod(int(at), len(COLUMNS))
        where = f"{COLUMNS[column]}, row {first_row + row} of training.csv"
        todo = "Write a number of pixels with a point, as 48.5; nothing or NaN where it is unknown."
        raise UserError(f"a number or nothing in {where}", repr(word[:40]), todo)
    return number


def as_ids(cells: np.ndarray, first_row: int) -> np.ndarray:
    """The column ImageId of test.csv, text cells (n, 1), as int32 (n,)."""
    return whole_numbers(pd.Series(cells[:, 0]), "test.csv", "ImageId", first_row)


def only(images: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The rows that are kept, bool (n,), moved up in place: a copy would double the memory."""
    rows = np.flatnonzero(kept)
    if len(rows) == len(images):
        return images
    for start in range(0, len(rows), BLOCK_ROWS):
        part = rows[start : start + BLOCK_ROWS]
        images[start : start + len(part)] = images[part]
    return images[: len(rows)]


def without_outside(points: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Points outside the frame, which no image can show, made unknown; and a list of them."""
    wrong = ((points < 0) | (points > FRAME)).any(axis=2)
    return left_out(points, wrong, "outside the frame")


def without_halves(points: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Points of which one coordinate only is known made unknown; and a list of them."""
    return left_out(points, np.isfinite(points).sum(axis=2) == 1, "has one coordinate only")


def left_out(points: np.ndarray, wrong: np.ndarray, why: str) -> tuple[np.ndarray, pd.DataFrame]:
    """The points without those that are wrong, bool (n, 15); `row` and `reason` of each."""
    rows, which = np.nonzero(wrong)
    reasons = [f"{POINT_NAMES[i]} {why}: left out" for i in which]
    listed = pd.DataFrame({"row": (rows + 1).astype(np.int32), "reason": reasons})
    return np.where(wrong[..., None], np.float32(np.nan), points), listed


def drop_reasons(known: np.ndarray, group: np.ndarray, incomplete: str) -> np.ndarray:
    """Why each row is dropped; "" for rows that stay.

    Args:
        known: bool (n, 15). group: (n,). incomplete: `mask` or `drop`.
    """
    n_known = known.sum(axis=1)
    reasons = np.full(len(known), "", dtype=object)
    if incomplete == "drop":
        for i in np.flatnonzero(n_known < N_POINTS):
            reasons[i] = f"incomplete: {n_known[i]} of {N_POINTS} points"
    reasons[n_known == 0] = "no known point"
    return reasons


def whole_numbers(cells: pd.Series, file: str, column: str, first_row: int = 1) -> np.ndarray:
    """Text cells as int32 (n,)."""
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    wrong = np.flatnonzero(~(np.abs(numbers) < 2**31) | (numbers != np.round(numbers)))
    if len(wrong):
        where = f"a whole number in {column}, row {first_row + wrong[0]} of {file}"
        raise UserError(where, repr(str(cells.iloc[wrong[0]])[:40]), AGAIN)
    return numbers.astype(np.int32)


def read_lookup(archive: zipfile.ZipFile, test_ids: np.ndarray) -> np.ndarray:
    """IdLookupTable.csv as int32 (k, 3): RowId, position of the image, coordinate 0 to 29.

    Kaggle's own file has a fourth column in its header that its rows lack: it is not read.

    Raises:
        UserError: an ImageId that test.csv lacks, an unknown FeatureName, a RowId twice.
    """
    file = LOOKUP
    with open_csv(archive, Path(LOOKUP).stem) as stream:
        chunks = list(read_chunks(stream, file, LOOKUP_COLUMNS))
    if not sum(map(len, chunks)):
        raise UserError(f"rows in {file}", "only a header", AGAIN)
    table = pd.concat(chunks, ignore_index=True)
    row_ids = whole_numbers(table["RowId"], file, "RowId")
    image_ids = whole_numbers(table["ImageId"], file, "ImageId")
    features = table["FeatureName"].str.strip().str.lower()
    coordinates = pd.Index(COLUMNS).get_indexer(features)
    positions = pd.Index(test_ids).get_indexer(image_ids)
    unknown = np.flatnonzero(coordinates < 0)
    if len(unknown):
        at = f"row {unknown[0] + 1} of {file}"
        raise UserError(f"a known FeatureName in {at}", repr(table.FeatureName[unknown[0]]), AGAIN)
    unknown = np.flatnonzero(positions < 0)
    if len(unknown):
        at = f"row {unknown[0] + 1} of {file}"
        raise UserError(f"an ImageId of test.csv in {at}", str(image_ids[unknown[0]]), AGAIN)
    if len(np.unique(row_ids)) < len(row_ids):
        raise UserError(f"every RowId once in {file}", "one that stands twice", AGAIN)
    return np.stack([row_ids, positions, coordinates], axis=1).astype(np.int32)
