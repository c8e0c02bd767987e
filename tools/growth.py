"""Measure look-alikes found through an index beside comparing all: `python -m tools.growth`.

Prints the rows of a Markdown table: pairs found, processor seconds on one thread, and the most
memory. The rows are drawn faces moved, mirrored and lit differently; every tenth is nearly the one
before. *Images* and *faces* are what stage split compares of keypoint rows, *photos* what stage
clean compares of photos. Comparing all is left out where it would take minutes or gigabytes.
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable
from unittest.mock import patch

import numpy as np

from bench.data import FACES, varied
from faces.core import threads
from faces.core.splitting import neighbours
from faces.data import nearby
from faces.gender.data import copies
from faces.keypoints.data import likeness, split
from faces.sources.drawn.keypoints import TRAIN, draw_frame

EYES = [[66.0, 37.0], [30.0, 37.0]]  # pixels, of every row
MODULES = {"images": split, "faces": likeness, "photos": copies}
EXACT = {"images": 32_000, "faces": 8000, "photos": 8000}  # rows of which all are compared, at most


def main() -> None:
    """Measure each comparison at each number of rows."""
    parser = argparse.ArgumentParser(prog="python -m tools.growth", description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, help="2000 8000 32000 if left out")
    for kind in MODULES:
        for rows in parser.parse_args().rows or (2000, 8000, 32_000):
            print("|", " | ".join([kind, f"{rows:,}", *measured(kind, rows)]), "|", flush=True)


def measured(kind: str, rows: int) -> list[str]:
    """Run a comparison through the index and without: pairs found, and what each way took."""
    images = pictures(rows)
    small = images.reshape(rows, 32, 3, 32, 3).mean(axis=(2, 4)).astype(np.uint8).reshape(rows, -1)
    points = np.full((rows, 15, 2), np.nan, np.float32)
    points[:, likeness.EYES] = EYES
    way = {
        "images": lambda: split.alike_pairs(images, 0.95)[0],
        "faces": lambda: neighbours(likeness.clusters(images, points, 0.6, seed=1)),
        "photos": lambda: copies.same_scene(small)[0],
    }[kind]
    found, ours = timed(way, kind, few=0)
    if rows > EXACT[kind]:
        return ["", ours, ""]
    exact, theirs = timed(way, kind, few=rows)
    return [f"{len(found & exact) / max(1, len(exact)):.2%} of {len(exact):,}", ours, theirs]


def timed(way: Callable, kind: str, few: int) -> tuple[set, str]:
    """Run a comparison that compares all of up to `few` rows: its pairs; seconds and memory."""
    with patch.object(MODULES[kind], "FEW", few), patch.object(threads, "cores", lambda: 1):
        tracemalloc.start()
        start = time.process_time()
        pairs = nearby.on_one_thread(way)()
        seconds, most = time.process_time() - start, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return {*map(tuple, pairs.tolist())}, f"{seconds:.1f} s, {most / 2**20:.0f} MiB"


def pictures(rows: int) -> np.ndarray:
    """Make pictures that differ, every tenth nearly the one before: uint8 (rows, 96, 96)."""
    random = np.random.default_rng(rows)
    drawn = [draw_frame((0, TRAIN, i, 0))[0] for i in range(FACES)]
    made = np.stack([varied(drawn[i % FACES], random) for i in range(rows)])
    noise = random.normal(0, 5, (len(made[9::10]), 96, 96))
    moved = np.roll(made[8::10][: len(noise)], random.integers(-1, 2, 2), axis=(1, 2))
    made[9::10] = np.clip(moved + noise, 0, 255)
    return made


if __name__ == "__main__":
    main()
