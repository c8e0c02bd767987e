"""docs/benchmarks.md: one table, of which a run renews the rows that it measured."""

import importlib.util
import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from bench.timing import ROUNDS
from stages import files

RESULTS = Path("bench/results.json")
PAGE = Path("docs/benchmarks.md")
LIBRARIES = ("numpy", "pandas", "pillow", "isal", "tensorflow", "keras", "torch", "dvc")
HEAD = """# Benchmarks

`make bench` measures all of this anew, `make bench ROWS=ingest,photos` some of it. Each figure
stands beside its baseline from the same run: both are taken in turn, {rounds} rounds or more;
times are medians, ratios medians over rounds. In brackets the processor time of all threads,
which other work on the machine disturbs less. What takes hours of training is not here:
`make bench-accuracy` writes docs/time-to-quality.md, docs/models.md and
docs/accuracy-per-operation.md.

"""


@dataclass(frozen=True)
class Line:
    """A line of the table; all but the last are text as it will stand there."""

    what: str
    ours: str
    baseline: str
    ratio: str
    goal: str = ""
    met: bool | None = None

    def text(self) -> str:
        """The line in words, for the terminal."""
        goal = f"; goal {self.goal}: {said(self.met)}" if self.goal else ""
        return f"{self.what}: {self.ours}; {self.baseline}; {self.ratio}{goal}"


def said(met: bool | None) -> str:
    return {True: "met", False: "**not met**", None: ""}[met]


def update(row: str, lines: list[Line], order: tuple[str, ...]) -> None:
    """Put the lines of a row into the page; those of other rows stay."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results[row] = {"machine": machine(), "lines": [asdict(line) for line in lines]}
    files.save_json(RESULTS, results)
    files.save_text(PAGE, page({name: results[name] for name in order if name in results}))


def page(results: dict[str, dict]) -> str:
    """The Markdown page of all rows, with the machines that they were measured on."""
    machines = list(dict.fromkeys(result["machine"] for result in results.values()))
    table = ["| row | what | ours | baseline | ratio | goal | |", "|" + " --- |" * 7]
    for name, result in results.items():
        mark = f" ({machines.index(result['machine']) + 1})" if len(machines) > 1 else ""
        for line in result["lines"]:
            cells = [line[key] for key in ("what", "ours", "baseline", "ratio", "goal")]
            table.append("| " + " | ".join([name + mark, *cells, said(line["met"])]) + " |")
    listed = [f"{i}. {text}" for i, text in enumerate(machines, 1)]
    notes = [f"**{name}**: {note(name)}" for name in results]
    parts = ["\n".join(table), "## Measured on\n\n" + "\n".join(listed), "## How", *notes]
    return HEAD.format(rounds=ROUNDS) + "\n\n".join(parts) + "\n"


def note(row: str) -> str:
    """How a row is measured: the module's own description, less its first line."""
    text = importlib.import_module(f"bench.{row}").__doc__
    return " ".join(text.partition("\n")[2].split())


def machine() -> str:
    """Processor, memory, system, versions, and how busy the machine was."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[1]
    # A benchmark itself keeps about one core busy.
    other = f"; other work ran beside it (load {load:.0f})" if load > cores + 1 else ""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES if installed(name))
    return (
        f"{processor()}, {cores} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}{other}"
    )


def installed(name: str) -> bool:
    """Whether there is such a library; a baseline may be missing."""
    return importlib.util.find_spec({"pillow": "PIL"}.get(name, name)) is not None


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
