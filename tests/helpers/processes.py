"""Processes that tests start, and what becomes of them."""

import os
import signal
import subprocess
from pathlib import Path


def heed_interrupts() -> None:
    """Undo, in a child, what a shell does to jobs in the background: it has them ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def alive(pid: int) -> bool:
    """Whether the process is there and is no zombie, one that ended and was not asked about."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return not state.stdout.strip().startswith("Z") and bool(state.stdout.strip())


def children(pid: int) -> list[int]:
    """The processes that a process has started itself, on Linux."""
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
