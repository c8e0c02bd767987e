"""Wait for what happens, not for seconds."""

import time
from collections.abc import Callable
from typing import TypeVar

# Seconds: longer than anything takes on the busiest machine. It ends what hangs, and no more.
HANG = 1800

T = TypeVar("T")


def until(happens: Callable[[], T], what: str, pause: float = 0.05) -> T:
    """Ask again and again, until the answer is true; return that answer.

    Args:
        happens: asked every `pause` seconds; it may fail the test itself, when what is waited for
            can no longer happen.
        what: is waited for, for the message.
    """
    end = time.monotonic() + HANG
    while not (found := happens()):
        assert time.monotonic() < end, f"waited {HANG} s for {what}"
        time.sleep(pause)
    return found
