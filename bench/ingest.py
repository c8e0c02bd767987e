"""From training.csv to arrays: stage `clean` beside what notebooks do.

A drawn archive with 7,049 rows (240 MB of text), packed as Kaggle packs it. `clean` checks every
value; the baselines do not. Memory is what a process holds beyond the imports, at most, divided by
the arrays that it makes.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from bench import data
from bench.report import Line
from bench.timing import cpu_ratio, interleaved, peak_memory, ratio
from stages.archives import open_zip
from stages.inflating import pieces
from stages.keypoints.clean import as_points
from stages.keypoints.labels import COLUMNS, FRAME
from stages.keypoints.tables import held_in, open_csv, read_table

MEMORY = """
import sys
from bench import ingest
with ingest.open_zip(sys.argv[1]) as archive:
    ingest.{way}(archive)
"""


def ours(archive) -> np.ndarray:
    return read_table(archive, "training", COLUMNS, as_points)[1]


def apply_split(archive) -> np.ndarray:
    """pandas, then a Python list of words for each row."""
    with open_csv(archive, "training") as stream:
        table = pd.read_csv(stream)
    rows = table["Image"].apply(lambda cell: np.array(cell.split(), dtype=np.uint8))
    return np.stack(rows.tolist()).reshape(-1, FRAME, FRAME)


def fromstring(archive) -> np.ndarray:
    """pandas, then NumPy's parser for each row."""
    with open_csv(archive, "training") as stream:
        table = pd.read_csv(stream)
    rows = [np.fromstring(cell, dtype=np.uint8, sep=" ") for cell in table["Image"]]
    return np.stack(rows).reshape(-1, FRAME, FRAME)


def inflate(archive) -> int:
    """The text alone, not looked at: its length."""
    with held_in(archive, "training") as (inner, member):
        return sum(len(piece) for piece in pieces(inner, member))


def nothing(_) -> None:
    """What the imports alone hold."""


def measure(share: float = 1) -> list[Line]:
    path = data.keypoints(round(share * data.KAGGLE_ROWS))
    plain = path.with_suffix(".csv")
    with warnings.catch_warnings(), open_zip(path) as archive:
        warnings.simplefilter("ignore")
        with held_in(archive, "training") as (inner, member):
            plain.write_bytes(inner.read(member))
        expected = ours(archive)
        for way in (apply_split, fromstring):
            if not np.array_equal(way(archive), expected):
                raise SystemExit(f"{way.__name__} gives other pixels")
        ways = {
            way.__name__: lambda way=way: way(archive)
            for way in (ours, apply_split, fromstring, inflate)
        }
        times = interleaved({**ways, "read": plain.read_bytes})
    size = plain.stat().st_size
    plain.unlink()
    own = times["ours"]
    lines = []
    for name, goal, text in (
        ("apply_split", 10, "`read_csv`, `Image.apply(lambda s: np.array(s.split()))`"),
        ("fromstring", 3, "`read_csv`, `np.fromstring` for each row"),
    ):
        found = ratio(times[name], own)
        both = f"{found:.1f} x ({cpu_ratio(times[name], own):.1f} x)"
        lines.append(
            Line(
                f"{len(expected):,} rows to arrays",
                str(own),
                f"{times[name]}: {text}",
                both,
                f"{goal} x",
                found >= goal,
            )
        )
    for name, text in (
        ("inflate", "unpacking alone (ISA-L, one thread)"),
        ("read", "a plain read of the unpacked file, cached"),
    ):
        both = f"{1 / ratio(times[name], own):.2f} times as long"
        speed = f"{size / own.median / 1e6:.0f} MB/s"
        lines.append(
            Line(
                "bytes of text per second",
                speed,
                f"{size / times[name].median / 1e6:.0f} MB/s: {text}",
                both,
            )
        )
    return [*lines, memory(path, expected.nbytes)]


def memory(path: Path, arrays: int) -> Line:
    """The most that each way holds, less what the imports hold, by the size of the arrays."""
    most = {}
    for way in (nothing, ours, fromstring):
        words = [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            MEMORY.format(way=way.__name__),
            str(path.resolve()),
        ]
        most[way.__name__] = peak_memory(words, Path.cwd())[1]
    mine, other = ((most[way] - most["nothing"]) / arrays for way in ("ours", "fromstring"))
    return Line(
        "most memory, by the arrays made",
        f"{mine:.2f}",
        f"{other:.2f}: `np.fromstring` for each row",
        f"{other / mine:.1f} x",
        "2, and a chunk",
        mine <= 2.1,
    )
