"""Time and memory at 1, 4 and 16 times the rows of Kaggle's training.csv.

Each stage in a process of its own, once. `train's input` loads the arrays and reads one epoch of
batches, without a network. Memory is the most that the process held of its own, mapped files
aside; "beyond" is what is left of it without the arrays that the stage makes. Time for each row
should stay the same, and so should the memory beyond. Comparing all pairs of images, in `split`,
grows with the square of the rows.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench import data
from bench.report import Line
from bench.timing import peak_memory
from stages import files

ROOT = Path(__file__).parents[1]
FACTORS = (1, 4, 16)
TRAIN = """
from stages.train import load
from stages.training.batches import Batches
arrays = load("keypoints", "train", leave_out=True)
batches = Batches(arrays, 32, seed=1)
for index in range(len(batches)):
    batches[index]
"""
STAGES = {
    "clean": ["-m", "stages.clean", "keypoints"],
    "split": ["-m", "stages.split", "keypoints"],
    "train's input": ["-c", TRAIN],
}
MADE = {"clean": "data/clean/keypoints", "split": "data/split/keypoints", "train's input": ""}


def measure(share: float = 1) -> list[Line]:
    rows = [round(share * factor * data.KAGGLE_ROWS) for factor in FACTORS]
    found = [measure_rows(count) for count in rows]
    lines = []
    for stage in STAGES:
        for factor, count, result in zip(FACTORS, rows, found, strict=True):
            (seconds, beyond), (least, before) = result[stage], found[0][stage]
            more = seconds / least
            ours = f"{seconds:.1f} s, {beyond / 2**20:.0f} MiB beyond its arrays"
            one = f"{least:.1f} s, {before / 2**20:.0f} MiB: {rows[0]:,} rows"
            good = more <= 1.2 * factor and beyond <= before + 2**27
            goal = f"{factor} x, as much beyond" if factor > 1 else ""
            what = f"{stage}, {count:,} rows"
            lines.append(Line(what, ours, one, f"{more:.1f} x", goal, good if goal else None))
    return lines


def measure_rows(rows: int) -> dict[str, tuple[float, float]]:
    """Seconds of each stage, and bytes that it held beyond the arrays that it made."""
    archive = data.keypoints(rows, level=1)
    with tempfile.TemporaryDirectory(dir=data.CACHE) as name:
        folder, result = Path(name), {}
        (folder / "data/raw").mkdir(parents=True)
        os.link(archive, folder / "data/raw/facial-keypoints-detection.zip")
        shutil.copy(ROOT / "params.yaml", folder)
        for stage, words in STAGES.items():
            if stage == "train's input":
                keep_all(folder)
            seconds, most = peak_memory([sys.executable, *words], folder)
            made = sum(p.stat().st_size for p in (folder / MADE[stage]).rglob("*.npy"))
            result[stage] = seconds, most - (made if MADE[stage] else 0)
    if rows > data.KAGGLE_ROWS:
        archive.unlink()  # gigabytes
    return result


def keep_all(folder: Path) -> None:
    """What stage `check` says when it has no doubts."""
    target = np.load(folder / "data/split/keypoints/train_target.npy", mmap_mode="r")
    kept = {"train_keep": np.ones(len(target), bool)}
    files.save_arrays(folder / "data/check/keypoints", kept)
