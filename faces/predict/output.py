"""Answers written as they come, so that a run that ends early loses none of them."""

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from faces.core import files, running
from faces.core.errors import Stopped, UserError
from faces.core.stopping import Stopping

# What `/dev/stdout` and a shell's `>(command)` are: numbers of files that are open already.
OPENED = re.compile(r"/(?:dev/fd|proc/self/fd)/(\d+)")
NAMES = {"/dev/stdout": 1, "/dev/stderr": 2}
WRITE = 0o222
ELSEWHERE = "Name another place, or make room."


def as_json(entry: dict, encoding: str, indent: int | None = None) -> str:
    r"""An entry as JSON, in letters that the encoding has.

    Bytes of a file name that are no UTF-8 are written as Python reads them: byte E9 is `\udce9`,
    and `os.fsencode` gives the name back. No stream could take them as they are.

    >>> as_json({"path": "caf\udce9"}, "utf-8"), as_json({"path": "caf\xe9"}, "ascii")
    ('{"path": "caf\\udce9"}', '{"path": "caf\\u00e9"}')
    """
    try:
        text = json.dumps(entry, indent=indent, ensure_ascii=False)
        text.encode(encoding)
    except UnicodeEncodeError:
        text = json.dumps(entry, indent=indent, ensure_ascii=True)
    return text.replace("\n", "\n  ")


class Form:
    """How entries follow each other: a JSON list, or a line for each.

    Args:
        as_list: whether it is a list.
    """

    def __init__(self, as_list: bool):
        self.indent = 2 if as_list else None
        self.start, self.end = ("[", "\n]\n") if as_list else ("", "")
        self._first, self._next, self._last = ("\n  ", ",\n  ", "") if as_list else ("", "", "\n")

    def entry(self, entry: dict, number: int, encoding: str) -> str:
        """An entry, and what stands between it and the one before."""
        between = self._next if number else self._first
        return between + as_json(entry, encoding, self.indent) + self._last


class InFile:
    """Entries in a file that is whole after each of them: what a killed run leaves can be read.

    An `OSError` of `add`: the entry cannot be written; those before it are there, and the end.
    """

    def __init__(self, file: BinaryIO, form: Form):
        """Begin with no entry. The file is empty, and not buffered."""
        self.file, self.form, self.count = file, form, 0
        self._write(form.start.encode() + form.end.encode())
        self._after = len(form.start.encode())  # the last entry

    def add(self, entry: dict) -> None:
        text = self.form.entry(entry, self.count, "utf-8").encode()
        try:
            self.file.seek(self._after)
            self._write(text + self.form.end.encode())
        except BaseException:
            self.close()
            raise
        self._after += len(text)
        self.count += 1

    def close(self) -> None:
        """Leave nothing behind the last whole entry but the end."""
        self.file.seek(self._after)
        self._write(self.form.end.encode())
        self.file.truncate()

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[self.file.write(left) :]


class InStream:
    """Entries in what cannot be gone back in: stdout, a pipe, a device."""

    def __init__(self, stream: TextIO, form: Form):
        self.stream, self.form, self.count, self.broken = stream, form, 0, False
        self._write(form.start)

    def add(self, entry: dict) -> None:
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        self._write(self.form.entry(entry, self.count, encoding))
        self.count += 1

    def close(self) -> None:
        if not self.broken:
            self._write(self.form.end)

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except BaseException:
            self.broken = True
            running.give_up(self.stream)
            raise


class Output:
    """Where the answers go, one by one.

    Args:
        written: the entries. name: of the place, in words. stopping: what asks for an end.
    """

    def __init__(self, written: InFile | InStream, name: str, stopping: Stopping):
        self.written, self.name, self.stopping = written, name, stopping

    def add(self, entry: dict) -> None:
        """Write an entry.

        Raises:
            UserError: it cannot be written. SystemExit: nobody reads it any more.
        """
        try:
            with self.stopping.held():
                self.written.add(entry)
        except OSError as error:
            raise fault(error, self.name, self.kept()) from error

    def kept(self) -> str:
        """What is there, in words; nothing if there is none."""
        count = self.written.count
        noun = "answer" if count == 1 else "answers"
        return f"{self.name} has the {count:,} {noun} given until then" if count else ""


class Empty(Exception):
    """There is no answer to keep: the file that was there stays."""


@contextmanager
def output(path: Path | None, as_list: bool, stopping: Stopping) -> Iterator[Output]:
    """Where answers go: a file, which has its name when the block ends, however that ends.

    Where the block fails before the first answer, the file that was there stays.

    Args:
        path: of a file, a device or a pipe; None for stdout. as_list: a JSON list, or lines.

    Raises:
        UserError: it cannot be written. Stopped: with what is kept, where somebody asked for it.
    """
    name, failure, out = "stdout" if path is None else str(path), None, None
    check(path)
    try:
        with ExitStack() as last, suppress(Empty), opened(path, Form(as_list)) as written:
            out = Output(written, name, stopping)
            try:
                yield out
            except BaseException as error:
                failure = error
            last.enter_context(stopping.held())  # until it has its name
            if failure and not written.count:
                raise Empty
    except KeyboardInterrupt as again:
        failure = failure or again
    except OSError as error:
        if not isinstance(failure, UserError | SystemExit):  # or else it is known already
            failure = fault(error, name)
    if isinstance(failure, KeyboardInterrupt) and out:
        raise Stopped(getattr(failure, "number", signal.SIGINT), out.kept()) from None
    if failure:
        raise failure


def check(path: Path | None) -> None:
    """Raise a `UserError` if the place cannot be written, before anything is answered."""
    if path is None:
        if sys.stdout is None or sys.__stdout__ is None:
            raise UserError("a place for the answers", "a closed stdout", "Name one: --json FILE.")
    elif path.is_dir():
        todo = f"Name a file, such as {path / 'answers.json'}."
        raise UserError("a file for the answers", f"{path}, a folder", todo)
    elif path.is_file() and not (path.stat().st_mode & WRITE and os.access(path, os.W_OK)):
        raise UserError("a file that may be written", f"{path}, which is read-only", ELSEWHERE)


@contextmanager
def opened(path: Path | None, form: Form) -> Iterator[InFile | InStream]:
    """The place, open, and closed at the end of the block.

    Raises:
        OSError: it cannot be opened, or not get its name.
    """
    if path is None:
        with ended(sys.stdout, form) as written:
            yield written
    elif (number := number_of(path)) is not None:
        with os.fdopen(os.dup(number), "w", encoding="utf-8") as out, ended(out, form) as written:
            yield written
    elif files.is_stream(path):
        with path.open("w", encoding="utf-8") as out, ended(out, form) as written:
            yield written
    else:
        with files.replacing(path) as unfinished, unfinished.open("wb", buffering=0) as file:
            yield InFile(file, form)


def number_of(path: Path) -> int | None:
    """The number of the open file that a path stands for; None where it is a file of its own."""
    opened_already = OPENED.fullmatch(str(path))
    return int(opened_already[1]) if opened_already else NAMES.get(str(path))


@contextmanager
def ended(stream: TextIO, form: Form) -> Iterator[InStream]:
    """Entries in a stream, with their end written when the block ends."""
    written = InStream(stream, form)
    try:
        yield written
    finally:
        written.close()


def fault(error: OSError, name: str, kept: str = "") -> BaseException:
    """What to raise where the place cannot be written."""
    if isinstance(error, BrokenPipeError):
        running.reader_gone()
        return SystemExit(running.READER_GONE)
    received = f"{error}; {kept}" if kept else str(error)
    return UserError(f"answers to be written to {name}", received, ELSEWHERE)
