"""Progress bars: one that moves on a terminal, and a line every few seconds in a log."""

import os
import sys
from contextlib import suppress
from typing import TextIO

from tqdm import tqdm

from faces.core.errors import plain

SECONDS = 2.0  # between two lines, and before the first: what is over by then needs none


def progress_bar(*args, **options) -> tqdm:
    """A `tqdm`, with its arguments; it writes to stderr.

    Where that is no terminal, each state is a line of its own, with how much of how much is done;
    bars are redrawn by a sign that a log keeps as it is, thousands of times on one line.
    """
    out = sys.stderr
    if options.get("desc"):
        options["desc"] = plain(options["desc"])
    if out is None:  # a shell's `2>&-`
        return tqdm(*args, **{**options, "disable": True})
    if out.isatty():
        return tqdm(*args, **options)
    seconds = float(os.environ.get("TQDM_MININTERVAL", SECONDS))
    often = {"mininterval": seconds, "maxinterval": seconds, "miniters": 1, "delay": seconds}
    return tqdm(*args, **{**options, **often, "file": Lines(out), "ascii": True, "ncols": 79})


class Lines:
    """A file that makes a line of each state of a bar.

    A log that cannot be written ends no work.
    """

    def __init__(self, out: TextIO):
        self.out, self.last, self.encoding = out, "", getattr(out, "encoding", "utf-8")

    def write(self, text: str) -> None:
        line = text.replace("\x1b[A", "").strip()
        if line and line != self.last:
            with suppress(OSError, ValueError):
                self.out.write(f"{line}\n")
        self.last = line or self.last

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self.out.flush()

    def isatty(self) -> bool:
        return False
