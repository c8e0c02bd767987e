"""From Kaggle's archive to arrays: rows checked, what cannot be used listed with its reason."""

import io
import warnings
import zipfile

import numpy as np
import pandas as pd
from tqdm import tqdm

from stages.archives import find_member, open_zip, read_member
from stages.errors import UserError
from stages.keypoints.labels import (
    COLUMNS,
    FRAME,
    GROUP_15,
    N_POINTS,
    POINT_NAMES,
    annotator_group,
)
from stages.keypoints.rows import LimitedRows, check_cells

PIXELS = FRAME * FRAME
CHUNK_ROWS = 1000
LOOKUP, LOOKUP_COLUMNS = "IdLookupTable.csv", ("RowId", "ImageId", "FeatureName")
AGAIN = "Download the archive again, or correct the file."


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
    columns, images = read_table(archive, "training", COLUMNS)
    points, halves = without_halves(as_points(columns))
    points, outside = without_outside(points)
    known = np.isfinite(points).all(axis=2)
    group, rows = annotator_group(known), np.arange(1, len(points) + 1, dtype=np.int32)
    reasons = drop_reasons(known, group, settings["incomplete"])
    kept = reasons == ""
    if not kept.any():
        raise UserError("rows with known points in training.csv", "none", AGAIN)
    ids, test_images = read_table(archive, "test", ("ImageId",))
    test_ids = whole_numbers(ids["ImageId"], "test.csv", "ImageId")
    if len(np.unique(test_ids)) < len(test_ids):
        raise UserError("every ImageId once in test.csv", "one that stands twice", AGAIN)
    lookup = read_lookup(archive, test_ids)
    arrays = {
        "images": images[kept],
        "points": points[kept],
        "group": group[kept],
        "row": rows[kept],
        "test_images": test_images,
        "test_ids": test_ids,
        "lookup": lookup,
    }
    dropped = pd.DataFrame({"row": rows[~kept], "reason": reasons[~kept]})
    dropped = pd.concat([dropped, halves, outside]).sort_values("row", kind="stable")
    counts = {
        "rows": len(rows),
        "kept": int(kept.sum()),
        "dropped": int((~kept).sum()),
        "points_outside_frame": len(outside),
        "points_with_one_coordinate": len(halves),
        "complete_rows": int(known.all(axis=1).sum()),
        "rows_group_15": int((group[kept] == GROUP_15).sum()),
        "rows_group_4": int((group[kept] != GROUP_15).sum()),
        "test_images": len(test_ids),
        "asked_values": len(lookup),
    }
    return arrays, dropped, counts


def check_header(archive: zipfile.ZipFile) -> None:
    """Raise a `UserError` unless the archive has the three files with the columns we read."""
    for name, columns in (("training", COLUMNS), ("test", ("ImageId",))):
        with open_csv(archive, name) as stream:
            read_header(stream, f"{name}.csv", (*columns, "Image"))
    with open_lookup(archive) as stream:
        read_header(stream, LOOKUP, LOOKUP_COLUMNS)


def read_table(archive: zipfile.ZipFile, name: str, columns: tuple) -> tuple[pd.DataFrame, ...]:
    """These columns, as text cells, and the images of training.csv or test.csv.

    Args:
        name: `training` or `test`: the CSV, on its own or in a zip of that name.

    Returns:
        A table of n rows, and uint8 (n, 96, 96).
    """
    tables, images = [], []
    file = f"{name}.csv"
    with open_csv(archive, name) as stream:
        chunks = read_chunks(stream, file, (*columns, "Image"))
        first = 1
        for chunk in tqdm(chunks, desc=f"read {file}", unit="chunk", leave=False):
            images.append(parse_pixels(chunk["Image"], first, file))
            tables.append(chunk[list(columns)])
            first += len(chunk)
    if first == 1:
        raise UserError(f"rows in {file}", "only a header", AGAIN)
    return pd.concat(tables, ignore_index=True), np.concatenate(images)


def open_csv(archive: zipfile.ZipFile, name: str):
    """training.csv or test.csv as a binary stream, from the archive or the zip inside it."""
    outer = archive.filename or "the archive"
    if any(m.filename.rsplit("/", 1)[-1] == f"{name}.zip" for m in archive.infolist()):
        # A stored member could be read in place; a compressed one would unpack anew at each seek.
        inner = read_member(archive, find_member(archive, f"{name}.zip", outer))
        archive = open_zip(io.BytesIO(inner), f"{name}.zip")
        outer = f"{name}.zip"
    return archive.open(find_member(archive, f"{name}.csv", outer))


def read_chunks(stream, file: str, columns: tuple):
    """Chunks of rows as text. The columns are checked before the first row is parsed."""
    header = read_header(stream, file, columns)
    stream = LimitedRows(stream, file)
    try:
        with warnings.catch_warnings():
            # pandas only warns of a row with more cells than the header has names.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            for chunk in pd.read_csv(
                stream,
                names=header,
                header=None,
                index_col=False,
                dtype=str,
                chunksize=CHUNK_ROWS,
                keep_default_na=False,
                engine="c",
            ):
                stream.next_chunk()
                for name in columns:
                    check_cells(chunk[name].tolist(), file)
                yield chunk
    except pd.errors.EmptyDataError:
        return
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError) as error:
        raise UserError(f"{file} as comma separated text", str(error), AGAIN) from error


def read_header(stream, file: str, columns: tuple) -> list[str]:
    """The column names in the first line, which must include `columns`."""
    line = stream.readline(100_000).decode("utf-8-sig", errors="replace")
    header = [name.strip().strip('"') for name in line.split(",")]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise UserError(f"every column once in {file}", f"{', '.join(twice)[:200]} twice", AGAIN)
    missing = [c for c in columns if c not in header]
    if missing:
        have = ", ".join(header)[:200] or "nothing"
        raise UserError(f"the columns {', '.join(missing)} in {file}", have, AGAIN)
    return header


def parse_pixels(cells: pd.Series, first_row: int, file: str) -> np.ndarray:
    """Pixel strings to uint8 (n, 96, 96).

    Args:
        cells: n strings of 9,216 whole numbers from 0 to 255, separated by a space.
        first_row: row number of the first cell, for the error.
    """
    lines = cells.tolist()
    try:
        with warnings.catch_warnings():
            # NumPy only warns where the text is no number, and stops reading there.
            warnings.simplefilter("error", DeprecationWarning)
            # One call for the whole chunk; int64, since uint8 would wrap 256 to 0 in silence.
            values = np.fromstring(" ".join(lines), dtype=np.int64, sep=" ")
        fits = values.size == len(lines) * PIXELS and values.min() >= 0 and values.max() <= 255
    except (ValueError, DeprecationWarning):
        fits = False
    if not fits or any(line.count(" ") != PIXELS - 1 for line in lines):
        for number, line in enumerate(lines, first_row):
            check_pixels(line, number, file)
        lines = [" ".join(line.split()) for line in lines]
        values = np.array(" ".join(lines).split(), dtype=np.int64)
    return values.astype(np.uint8).reshape(-1, FRAME, FRAME)


def check_pixels(line: str, row: int, file: str) -> None:
    """Raise the `UserError` that says what is wrong with this pixel string, if anything is."""
    words = line.split()
    where = f"in Image of row {row} of {file}"
    wrong = next(
        (
            w
            for w in words
            if not (w.isascii() and w.isdigit()) or int(w.lstrip("0")[:9] or 0) > 255
        ),
        None,
    )
    if wrong is not None:
        raise UserError(f"whole numbers from 0 to 255 {where}", repr(wrong[:40]), AGAIN)
    if len(words) != PIXELS:
        raise UserError(f"{PIXELS:,} numbers {where}", f"{len(words):,}", AGAIN)


def as_points(columns: pd.DataFrame) -> np.ndarray:
    """The 30 text columns as float32 (n, 15, 2), pixels, NaN where a cell is empty."""
    values = np.empty((len(columns), len(COLUMNS)), np.float32)
    for i, name in enumerate(COLUMNS):
        cells = columns[name].fillna("").str.strip()
        numbers = pd.to_numeric(cells.replace("", np.nan), errors="coerce")
        wrong = np.flatnonzero((numbers.isna() & (cells != "")) | np.isinf(numbers))
        if len(wrong):
            where, cell = f"row {wrong[0] + 1} of training.csv", repr(cells.iloc[wrong[0]][:40])
            raise UserError(f"a number or nothing in {name}, {where}", cell, AGAIN)
        values[:, i] = numbers
    return values.reshape(-1, N_POINTS, 2)


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


def whole_numbers(cells: pd.Series, file: str, column: str) -> np.ndarray:
    """Text cells as int32 (n,)."""
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    wrong = np.flatnonzero(~(np.abs(numbers) < 2**31) | (numbers != np.round(numbers)))
    if len(wrong):
        where = f"a whole number in {column}, row {wrong[0] + 1} of {file}"
        raise UserError(where, repr(str(cells.iloc[wrong[0]])[:40]), AGAIN)
    return numbers.astype(np.int32)


def open_lookup(archive: zipfile.ZipFile):
    """IdLookupTable.csv as a binary stream."""
    return archive.open(find_member(archive, LOOKUP, archive.filename or "the archive"))


def read_lookup(archive: zipfile.ZipFile, test_ids: np.ndarray) -> np.ndarray:
    """IdLookupTable.csv as int32 (k, 3): RowId, position of the image, coordinate 0 to 29.

    Kaggle's own file has a fourth column in its header that its rows lack: it is not read.

    Raises:
        UserError: an ImageId that test.csv lacks, an unknown FeatureName, a RowId twice.
    """
    file = LOOKUP
    with open_lookup(archive) as stream:
        chunks = list(read_chunks(stream, file, LOOKUP_COLUMNS))
    if not sum(map(len, chunks)):
        raise UserError(f"rows in {file}", "only a header", AGAIN)
    table = pd.concat(chunks, ignore_index=True)
    row_ids = whole_numbers(table["RowId"], file, "RowId")
    image_ids = whole_numbers(table["ImageId"], file, "ImageId")
    coordinates = pd.Index(COLUMNS).get_indexer(table["FeatureName"])
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
