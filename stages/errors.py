"""The one kind of error that a user is meant to read, and where it becomes one line."""

import errno
import os
import sys
import threading
import time
from collections.abc import Callable

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class UserError(Exception):
    """Something the user can put right: what was expected, what was received, what to do."""

    def __init__(self, expected: str, received: str, todo: str):
        self.received = plain(received)
        super().__init__(f"Expected {plain(expected)}. Received: {self.received}. {todo}")


def plain(text: str, longest: int = 600) -> str:
    """The text as it may stand on a terminal: no control characters, and not without end.

    Names inside archives and cells of tables end up in errors, whatever they are.

    >>> plain("a" + chr(27) + "[2J b")
    'a?[2J b'
    """
    text = text if len(text) <= longest else f"{text[:longest]}..."
    return "".join(c if c.isprintable() or c.isspace() else "?" for c in text)


def run(main: Callable[[], None], timed: bool = True) -> None:
    """Run a stage's main; a `UserError` ends it with one line on stderr and exit status 1.

    So does a full disk; what was written before stays as it was.

    Args:
        timed: whether to keep how long it took, for the report.
    """
    started = time.monotonic()
    if "DVC_STAGE" in os.environ:
        threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    try:
        main()
    except UserError as error:
        fail(str(error))
    except OSError as error:
        if not no_room(error):
            raise
        fail(f"Expected room for the outputs. Received: {error}. Make some and run it again.")
    except KeyboardInterrupt:
        print("stopped: nothing that was finished before is lost.", file=sys.stderr)
        sys.exit(130)
    if timed:
        from stages import times  # only now: it needs this module's UserError itself

        if name := times.stage_name():
            times.note(name, time.monotonic() - started)


def fail(message: str) -> None:
    """One line on stderr, and exit status 1."""
    print("error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(1)


def no_room(error: OSError) -> bool:
    """Whether a disk or a quota is full. NumPy says so without a number."""
    return error.errno in FULL or "requested and" in str(error)


def end_with(parent: int) -> None:
    """End this process as soon as its parent has ended.

    A stage whose DVC was killed would go on beside the one that the next `dvc repro` starts.
    """
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
