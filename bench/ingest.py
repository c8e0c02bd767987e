"""From training.csv to arrays: stage `clean` beside what notebooks do.

A drawn archive with 7,049 rows (240 MB of text), packed as Kaggle packs it. `clean` checks every
value; the baselines do not. Memory is what a process holds beyond the imports, at most, divided by
the arrays that it makes; measured once.
"""

import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from bench import data
from bench.report import Line
from bench.timing import interleaved, peak_memory
from faces.data.archives import open_zip
from faces.data.nested import held_in
from faces.keypoints.data.clean import as_points
from faces.keypoints.data.tables import read_table
from faces.keypoints.points import COLUMNS, FRAME

ALONE = "from pathlib import Path; from bench import ingest; ingest.{}(Path({!r}))"


def ours(path: Path) -> np.ndarray:
    """Read as stage `clean` does: uint8 (n, 96, 96)."""
    with open_zip(path) as archive:
        return read_table(archive, "training", COLUMNS, as_points)[1]


def apply_split(path: Path) -> np.ndarray:
    """Read with pandas, then make a list of words of each row."""
    return notebook(path, lambda cell: np.array(cell.split(), dtype=np.uint8))


def fromstring(path: Path) -> np.ndarray:
    """Read with pandas, then parse each row with NumPy."""
    return notebook(path, lambda cell: np.fromstring(cell, dtype=np.uint8, sep=" "))


def notebook(path: Path, parse) -> np.ndarray:
    with open_zip(path) as archive, held_in(archive, "training") as (inner, member):
        table = pd.read_csv(inner.open(member))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of `np.fromstring`
        return np.stack([parse(cell) for cell in table["Image"]]).reshape(-1, FRAME, FRAME)


def nothing(_) -> None:
    """Import what the others import."""


def measure(share: float = 1) -> list[Line]:
    """Measure rows to arrays, and memory."""
    path = data.keypoints(round(share * data.KAGGLE_ROWS)).resolve()
    images = ours(path)
    for way in (apply_split, fromstring):
        if not np.array_equal(way(path), images):
            raise SystemExit(f"{way.__name__} gives other pixels")
    ways = {way.__name__: partial(way, path) for way in (ours, apply_split, fromstring)}
    own, words, parsed = interleaved(ways).values()
    lines = []
    for other, goal, text in (
        (words, 10, "`read_csv`, `Image.apply(lambda s: np.array(s.split()))`"),
        (parsed, 3, "`read_csv`, `np.fromstring` for each row"),
    ):
        more = f"{other.by(own):.1f} x ({other.by(own, 'cpu'):.1f} x)"
        cells = f"{len(images):,} rows to arrays", str(own), f"{other}: {text}", more
        lines.append(Line(*cells, f"{goal} x", other.by(own) >= goal))
    return [*lines, memory(str(path), images.nbytes)]


def memory(path: str, arrays: int) -> Line:
    """Measure the most that each way holds, less what the imports hold, by the arrays' bytes."""
    ways = ("nothing", "ours", "fromstring")
    least, own, other = (peak_memory(["-c", ALONE.format(w, path)], Path.cwd())[1] for w in ways)
    mine, its = (own - least) / arrays, (other - least) / arrays
    cells = f"{mine:.2f}", f"{its:.2f}: `np.fromstring` for each row", f"{its / mine:.1f} x"
    return Line("most memory, by the arrays made", *cells, "2, and a chunk", mine <= 2.1)
