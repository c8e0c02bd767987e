"""Ctrl-C and other signals that ask a program to end, heard where nothing is half done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from faces.core.errors import Stopped

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopping:
    """Turns signals into `Stopped`, but for those that come while something is `held`.

    They wait until that is done. A second one does not wait: what is held may wait itself, for a
    reader that never comes.
    """

    def __init__(self):
        self._held, self._waiting = False, 0

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen inside the block. What the caller of the program has had ignored stays so."""
        if threading.current_thread() is not threading.main_thread():
            yield  # only there can Python hear any
            return
        usual = (signal.SIG_DFL, signal.default_int_handler)
        before = {n: old for n in SIGNALS if (old := signal.getsignal(n)) in usual}
        for number in before:
            signal.signal(number, self._hear)
        try:
            yield
        finally:
            for number, old in before.items():
                signal.signal(number, old)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Do what is inside the block to its end before `Stopped` is raised."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._waiting:
            number, self._waiting = self._waiting, 0
            raise Stopped(number)

    def _hear(self, number: int, _) -> None:
        if self._held and not self._waiting:
            self._waiting = number
            return
        self._waiting = 0
        raise Stopped(number)
