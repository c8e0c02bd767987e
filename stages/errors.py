"""The one kind of error that a user is meant to read, and where it becomes one line."""

import sys
import time
from collections.abc import Callable


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

    Args:
        timed: whether to keep how long it took, for the report.
    """
    started = time.monotonic()
    try:
        main()
    except UserError as error:
        lines = " ".join(str(error).split())
        print(f"error: {lines}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("stopped: nothing that was finished before is lost.", file=sys.stderr)
        sys.exit(130)
    if timed:
        from stages import times  # only now: it needs this module's UserError itself

        if name := times.stage_name():
            times.note(name, time.monotonic() - started)
