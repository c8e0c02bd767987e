"""From training.csv to arrays: `clean` beside what notebooks do, in one run. `make bench`.

The archive in data/raw is read if there is one, so run the pipeline first.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from stages.archives import open_zip
from stages.errors import UserError
from stages.keypoints.clean import open_csv, read_table
from stages.keypoints.labels import COLUMNS, FRAME

ARCHIVE = Path("data/raw/facial-keypoints-detection.zip")
ROUNDS = 5


def as_notebooks_do(archive) -> np.ndarray:
    """pandas, then a Python list of words for each row."""
    table = pd.read_csv(open_csv(archive, "training"))
    rows = table["Image"].apply(lambda cell: np.array(cell.split(), dtype=np.uint8))
    return np.stack(rows.tolist()).reshape(-1, FRAME, FRAME)


def row_by_row(archive) -> np.ndarray:
    """pandas, then NumPy's parser for each row."""
    table = pd.read_csv(open_csv(archive, "training"))
    rows = [np.fromstring(cell, dtype=np.uint8, sep=" ") for cell in table["Image"]]
    return np.stack(rows).reshape(-1, FRAME, FRAME)


def ours(archive) -> np.ndarray:
    """What stage `clean` does, with its checks of every value."""
    return read_table(archive, "training", COLUMNS)[1]


def measure() -> list[tuple[str, float]]:
    """Median seconds of each way, rounds interleaved; all must give the same pixels."""
    ways = (as_notebooks_do, row_by_row, ours)
    seconds: dict[str, list[float]] = {way.__name__: [] for way in ways}
    with open_zip(ARCHIVE) as archive:
        expected = ours(archive)
        for _ in range(ROUNDS):
            for way in ways:
                started = time.perf_counter()
                images = way(archive)
                seconds[way.__name__].append(time.perf_counter() - started)
                if not np.array_equal(images, expected):
                    raise SystemExit(f"{way.__name__} gives other pixels")
    print(f"ingest of {len(expected)} rows, median of {ROUNDS}", file=sys.stderr)
    return [(name, statistics.median(times)) for name, times in seconds.items()]


def main() -> None:
    if not ARCHIVE.is_file():
        raise UserError(
            f"{ARCHIVE.as_posix()} to measure with", "no such file", "`make run` first."
        )
    rows = measure()
    own = dict(rows)["ours"]
    print(f"{'way':20} {'seconds':>8} {'times ours':>11}")
    for name, seconds in rows:
        print(f"{name:20} {seconds:8.3f} {seconds / own:11.2f}")


if __name__ == "__main__":
    from stages import errors

    errors.run(main, timed=False)
