"""Ways to do the same thing, timed in turn, so that what disturbs one disturbs all."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROUNDS = 5


@dataclass(frozen=True)
class Times:
    """Seconds of each round, by the clock and of the processor (all threads)."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{show(self.median)} ({show(median(self.cpu))})"

    @property
    def median(self) -> float:
        """Seconds by the clock."""
        return median(self.wall)

    def by(self, other: "Times", kind: str = "wall") -> float:
        """Say how many times as long as the other: the median over rounds."""
        pairs = zip(getattr(self, kind), getattr(other, kind), strict=True)
        return median(own / its for own, its in pairs)


def show(seconds: float) -> str:
    """Write 1.234 as 1.23 s and 0.0123 as 12.3 ms."""
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def interleaved(ways: dict[str, Callable[[], object]]) -> dict[str, Times]:
    """Time each way; a round runs all of them, and a first one that does not count warms up."""
    times = {name: Times() for name in ways}
    for number in range(ROUNDS + 1):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), sum(os.times()[:4])  # children that ended, too
            way()
            if number:
                times[name].wall.append(time.perf_counter() - wall)
                times[name].cpu.append(sum(os.times()[:4]) - cpu)
    return times


def peak_memory(words: list[str], folder: Path) -> tuple[float, float]:
    """Run Python with these words: seconds, and the most memory of its own that it held, bytes.

    Pages of files that it maps are not counted: the system takes them back when it needs them.
    """
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TF_CPP_MIN_LOG_LEVEL": "3"}
    started, most = time.perf_counter(), 0
    with tempfile.TemporaryFile() as said:
        to = {"cwd": folder, "env": environment, "stdout": said, "stderr": said}
        process = subprocess.Popen([sys.executable, *words], **to)
        while process.poll() is None:
            most = max(most, anonymous_memory(process.pid))
            time.sleep(0.01)
        if process.returncode:
            said.seek(0)
            sys.exit(said.read().decode())
    return time.perf_counter() - started, most


def anonymous_memory(pid: int) -> int:
    """Bytes that a process holds and no file has; 0 once it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    _, _, amount = status.partition("RssAnon:")
    return int(amount.split()[0]) * 1024 if amount else 0
