"""What DVC takes before any work is done.

`dvc repro` and `dvc status` in a copy of the pipeline whose outputs are stand-ins, so that nothing
is to be done. What one photo takes from the start of Python on is in the section on predict.
"""

import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from dvc.repo import Repo

from bench.report import Line
from bench.timing import interleaved

DVC = (sys.executable, "-m", "dvc")
PIPELINE = ("stages", "faces", ".dvc/config", ".dvcignore", "dvc.yaml", "params.yaml")


def measure(share: float = 1) -> list[Line]:
    """Measure a `dvc repro` that finds nothing to do; there is nothing to take a share of."""
    with tempfile.TemporaryDirectory() as name:
        stand_in(Path(name))
        ways = {word: partial(run, Path(name), *DVC, word) for word in ("repro", "status")}
        repro, status = interleaved(ways).values()
    text, more = f"{status}: `dvc status`", f"{repro.by(status):.1f} times as long"
    return [Line("`dvc repro` with nothing to do", str(repro), text, more)]


def stand_in(folder: Path) -> None:
    """Make a copy of the pipeline that DVC takes for finished."""
    for name in PIPELINE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if Path(name).is_dir() else shutil.copy
        copy(name, folder / name)
    (folder / "data/source").mkdir(parents=True)
    run(folder, "git", "init", "-q")
    for path in (Path(out.fspath) for out in Repo(folder).index.outs):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name, encoding="utf-8")
    run(folder, *DVC, "commit", "--force")


def run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
