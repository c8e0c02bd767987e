"""The one kind of error that a user is meant to read, and one line for any other."""

import os
import signal
import traceback
from pathlib import Path

TRACEBACK = "FACES_TRACEBACK"  # a variable: 1 shows the traceback of any error


class UserError(Exception):
    """Something the user can put right: what was expected, what was received, what to do."""

    def __init__(self, expected: str, received: str, todo: str):
        self.received, self.said = plain(received), (expected, received, todo)
        super().__init__(f"Expected {plain(expected)}. Received: {self.received}. {todo}")

    def __reduce__(self):
        """Cross to another process by its three parts; what a subclass adds stays behind."""
        return UserError, self.said


def plain(text: str, longest: int = 600) -> str:
    """The text as it may stand on a terminal: no control characters, and not without end.

    Names inside archives and cells of tables end up in errors, whatever they are.

    >>> plain("a" + chr(27) + "[2J b")
    'a?[2J b'
    """
    text = text if len(text) <= longest else f"{text[:longest]}..."
    return "".join(c if c.isprintable() or c.isspace() else "?" for c in text)


class Stopped(KeyboardInterrupt):
    """An end that somebody asked for: Ctrl-C, or a signal.

    Args:
        number: of the signal. kept: what there is of the work, in words; empty if not known.
    """

    def __init__(self, number: int = signal.SIGINT, kept: str = ""):
        super().__init__(kept)
        self.number, self.kept = number, kept


def unexpected(error: BaseException) -> str:
    """Describe an error that nobody foresaw: what, where, and how to see more.

    >>> unexpected(ModuleNotFoundError("No module named 'six'"))[:79]
    "Expected the packages of requirements.txt. Received: No module named 'six'. Run"
    """
    kind, said = type(error).__name__, plain(str(error), 300) or "no words"
    more = f"{TRACEBACK}=1 before the command shows the traceback."
    if isinstance(error, MemoryError) or "ResourceExhausted" in kind or "nsufficient mem" in said:
        return f"Expected enough memory. Received: {kind}, {said}. End other programs. {more}"
    if isinstance(error, ImportError):
        todo = "Run `pip install -c constraints.txt -r requirements.txt`."
        return f"Expected the packages of requirements.txt. Received: {said}. {todo} {more}"
    if isinstance(error, OSError):
        expected = "files and folders that can be read and written"
        return f"Expected {expected}. Received: {said}. {more}"
    return f"Expected no {kind}. Received one{place(error)}: {said}. {more}"


def place(error: BaseException) -> str:
    """The last line of ours that an error came through: " in faces/data/members.py, line 12"."""
    root = Path(__file__).resolve().parents[2]
    ours = tuple(f"{root / name}{os.sep}" for name in ("faces", "stages"))
    frames = traceback.extract_tb(error.__traceback__)
    last = [f for f in frames if f.filename.startswith(ours) and "running.py" not in f.filename]
    return "".join(
        f" in {Path(f.filename).relative_to(root).as_posix()}, line {f.lineno}" for f in last[-1:]
    )
