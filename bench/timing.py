"""Ways to do the same thing, timed in turn, so that what disturbs one disturbs all."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5


@dataclass(frozen=True)
class Times:
    """Seconds of each round, by the clock and of the processor (all threads)."""

    wall: list[float]
    cpu: list[float]

    def __str__(self) -> str:
        return f"{show(statistics.median(self.wall))} ({show(statistics.median(self.cpu))})"

    @property
    def median(self) -> float:
        return statistics.median(self.wall)


def show(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def interleaved(ways: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, Times]:
    """Times of each way; a round runs all of them, and a first one that does not count warms up."""
    times = {name: Times([], []) for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), processor_seconds()
            way()
            if number:
                times[name].wall.append(time.perf_counter() - wall)
                times[name].cpu.append(processor_seconds() - cpu)
    return times


def processor_seconds() -> float:
    """Of this process and of the children that have ended."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def ratio(baseline: Times, ours: Times) -> float:
    """How many times as long the baseline takes: the median over rounds."""
    return statistics.median(b / o for b, o in zip(baseline.wall, ours.wall, strict=True))


def cpu_ratio(baseline: Times, ours: Times) -> float:
    """The same of processor time."""
    return statistics.median(b / o for b, o in zip(baseline.cpu, ours.cpu, strict=True))


def peak_memory(words: list[str], folder: Path) -> tuple[float, float]:
    """Seconds of a command, and the most memory of its own that it held, in bytes.

    Pages of files that it maps are not counted: the system takes them back when it needs them.
    """
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TF_CPP_MIN_LOG_LEVEL": "3"}
    started, most = time.perf_counter(), 0
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(words, cwd=folder, env=environment, stdout=said, stderr=said) as process,
    ):
        while process.poll() is None:
            most = max(most, anonymous_memory(process.pid))
            time.sleep(0.01)
        if process.returncode:
            said.seek(0)
            sys.exit(said.read().decode())
    return time.perf_counter() - started, most


def anonymous_memory(pid: int) -> int:
    """Bytes; 0 once the process has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0
