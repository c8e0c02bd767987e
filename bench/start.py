"""What DVC and Python take before any work is done.

`dvc repro` and `dvc status` in a copy of the pipeline whose outputs are stand-ins, so that nothing
is to be done. Imports: a fresh Python that imports a stage's module and those of its task, less a
fresh Python that imports nothing.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from bench.report import Line
from bench.timing import interleaved, ratio, show

ROOT = Path(__file__).parents[1]
# What a stage imports at its start, before its params are checked.
MODULES = {
    "params": "stages.params",
    "download": "stages.download",
    "clean": "stages.clean, stages.keypoints.clean, stages.gender.clean",
    "split": "stages.split, stages.keypoints.split, stages.gender.split",
    "check": "stages.check",
    "train": "stages.train",
    "framing": "stages.framing",
    "teach": "stages.teach",
    "evaluate": "stages.evaluate",
    "crossval": "stages.crossval",
    "card": "stages.card",
    "refit": "stages.refit",
    "submission": "stages.submission",
    "report": "stages.report",
    "predict": "stages.predict",
    "Keras and TensorFlow": "keras",
}


def measure(share: float = 1) -> list[Line]:
    del share  # there is nothing to take a share of
    with tempfile.TemporaryDirectory() as name:
        folder = stand_in(Path(name))
        ways = {
            words: (lambda words=words: run(["dvc", *words.split()], folder))
            for words in ("repro", "status")
        }
        times = interleaved(ways)
    more = ratio(times["repro"], times["status"])
    text = f"{times['status']}: `dvc status`"
    lines = [Line("no-op `dvc repro`", str(times["repro"]), text, f"{more:.1f} times as long")]
    return lines + imports()


def run(words: list[str], folder: Path) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True, env=environment())


def environment() -> dict[str, str]:
    here = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([here, os.environ["PATH"]])}


def stand_in(folder: Path) -> Path:
    """A copy of the pipeline that DVC takes for finished."""
    for name in ("stages", ".dvc/config", "dvc.yaml", "params.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    (folder / "data/source").mkdir(parents=True)
    run(["git", "init", "-q"], folder)
    listed = subprocess.run(
        ["dvc", "stage", "list", "--all"], cwd=folder, capture_output=True, env=environment()
    )
    listed.check_returncode()
    for path in outputs():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path, encoding="utf-8")
    run(["dvc", "commit", "--force"], folder)
    return folder


def outputs() -> list[str]:
    """The outputs of all stages, as the last run wrote them down."""
    stages = yaml.safe_load((ROOT / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    return [out["path"] for stage in stages.values() for out in stage["outs"]]


def imports() -> list[Line]:
    def fresh(code: str):
        return lambda: subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)

    nothing = "nothing"
    ways = {name: fresh(f"import {modules}") for name, modules in MODULES.items()}
    times = interleaved({nothing: fresh(""), **ways})
    least = times[nothing].median
    return [
        Line(
            f"import: {name}",
            show(max(0, times[name].median - least)),
            f"{show(least)}: Python's own start",
            f"{(times[name].median - least) / least:.1f} times that",
        )
        for name in MODULES
    ]
