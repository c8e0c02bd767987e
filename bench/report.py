"""docs/benchmarks.md: a section for each row, of which a run renews those that it measured."""

import datetime
import importlib
import os
import platform
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from faces.core import files
from faces.core.threads import cores

# In this order: `training` chooses the device before others compute. The last takes hours.
ROWS = ("ingest", "photos", "start", "scale", "training", "predict", "frames", "accuracy")
PAGE = Path("docs/benchmarks.md")
LIBRARIES = ("numpy", "pandas", "pillow", "isal", "tensorflow", "keras", "torch", "dvc")
HEAD = """# Benchmarks

`make bench` measures this anew, all but the last section; `make bench ROWS=ingest,photos` some of
it; `make bench-accuracy`, which trains for long, the last. Each figure stands beside its baseline
from the same run: both take turns, five rounds, unless it says otherwise; times are medians, ratios
medians over rounds. In brackets the processor time of all threads."""


@dataclass(frozen=True)
class Line:
    """A line of a table; all but the last are text as it will stand there."""

    what: str
    ours: str
    baseline: str
    ratio: str
    goal: str = ""
    met: bool | None = None

    def cells(self) -> list[str]:
        """Give the line's cells, with a verdict where there is a goal."""
        verdict = {True: "met", False: "**not met**", None: ""}[self.met]
        return [self.what, self.ours, self.baseline, self.ratio, self.goal, verdict]

    def text(self) -> str:
        """Give the line in words, for the terminal."""
        return "; ".join(cell for cell in self.cells() if cell)


def update(row: str, lines: list[Line]) -> None:
    """Put the lines of a row into the page; sections of other rows stay."""
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    sections = {text.partition("\n")[0]: text.strip() for text in old.split("\n## ")[1:]}
    sections[row] = section(row, lines)
    known = [sections[name] for name in ROWS if name in sections]
    files.save_text(PAGE, "\n\n## ".join([HEAD, *known]) + "\n")


def section(row: str, lines: list[Line]) -> str:
    """Give a row's name, how it is measured (its module's docstring), when and on what; a table."""
    how = importlib.import_module(f"bench.{row}").__doc__.partition("\n")[2].strip()
    table = ["| what | ours | baseline | ratio | goal | |", "|" + " --- |" * 6]
    table += [f"| {' | '.join(line.cells())} |" for line in lines]
    measured = f"Measured on {datetime.date.today()}: {machine()}."
    return "\n\n".join([row, how, measured, "\n".join(table)])


def machine() -> str:
    """Name processor, memory, system and versions, and say whether other work ran beside it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found = {each.name.lower(): each.version for each in distributions()}
    libraries = "".join(f", {name} {found[name]}" for name in LIBRARIES if name in found)
    load = os.getloadavg()[1]
    # A benchmark itself keeps about one core busy.
    other = f"; other work ran beside it (load {load:.0f})" if load > cores() + 1 else ""
    return (
        f"{processor()}, {cores()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}{libraries}{other}"
    )


def processor() -> str:
    """Give the processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
