"""Time and memory at 1, 4 and 16 times the rows of Kaggle's training.csv.

Each stage in a process of its own, once. *Input of train* loads the arrays and reads one epoch of
batches, without a network. Memory is the most that the process held of its own, mapped files
aside; "beyond" is what is left of it without the arrays that the stage makes. Time for each row
should stay the same, and so should the memory beyond. Comparing all pairs of images, in `split`,
grows with the square of the rows.
"""

import os
import shutil
import tempfile
from pathlib import Path

from bench import data
from bench.report import Line
from bench.timing import peak_memory
from faces.core import paths, tasks

FACTORS = (1, 4, 16)
TRAIN = """
from faces.core import paths, sides
from faces.training.batches import Batches
batches = Batches(sides.load(paths.SPLIT / "keypoints", "train"), 32, seed=1)
for index in range(len(batches)):
    batches[index]
"""
STAGES = {  # name: words for Python, and the folder that it makes
    "clean": (["-m", "stages.clean", "keypoints"], paths.CLEAN),
    "split": (["-m", "stages.split", "keypoints"], paths.SPLIT),
    "input of train": (["-c", TRAIN], paths.ANSWERS),  # nothing
}


def measure(share: float = 1) -> list[Line]:
    """Measure each stage at each size, beside itself at the smallest."""
    rows = [round(share * factor * data.KAGGLE_ROWS) for factor in FACTORS]
    found = [measure_rows(count) for count in rows]
    lines = []
    for stage in STAGES:
        least, before = found[0][stage]
        for factor, count, result in zip(FACTORS, rows, found, strict=True):
            seconds, beyond = result[stage]
            good = seconds <= 1.2 * factor * least and beyond <= before + 2**27
            goal = (f"{factor} x, as much beyond", good) if factor > 1 else ()
            ours = f"{seconds:.1f} s, {beyond / 2**20:.0f} MiB beyond its arrays"
            one = f"{least:.1f} s, {before / 2**20:.0f} MiB: {rows[0]:,} rows"
            cells = f"{stage}, {count:,} rows", ours, one, f"{seconds / least:.1f} x"
            lines.append(Line(*cells, *goal))
    return lines


def measure_rows(rows: int) -> dict[str, tuple[float, float]]:
    """Measure seconds of each stage, and bytes that it held beyond the arrays that it made."""
    archive = data.keypoints(rows)
    with tempfile.TemporaryDirectory(dir=data.CACHE) as name:
        folder, result = Path(name), {}
        (folder / paths.RAW).mkdir(parents=True)
        os.link(archive, folder / paths.RAW / tasks.ARCHIVES["keypoints"])
        shutil.copy("params.yaml", folder)
        for stage, (words, made) in STAGES.items():
            seconds, most = peak_memory(words, folder)
            arrays = sum(path.stat().st_size for path in (folder / made).rglob("*.npy"))
            result[stage] = seconds, most - arrays
    if rows > data.KAGGLE_ROWS:
        archive.unlink()  # gigabytes
    return result
