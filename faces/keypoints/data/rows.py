"""A limit to the rows of a table: who reads it row by row must not meet one of gigabytes."""

import io

from faces.core.errors import UserError

LONGEST_ROW = 2**20  # bytes; Kaggle's have 37,000
LONGEST_CHUNK = 200 * 2**20  # bytes of rows that are parsed together


class LimitedRows(io.RawIOBase):
    """A CSV as a binary stream, which ends with a `UserError` where a row has no end.

    A row between quotation marks may hold ends of lines: hence the second limit, on what is read
    before `next_chunk` is called.
    """

    def __init__(self, stream, file: str):
        """`file`: what to call it in an error."""
        super().__init__()
        self.stream, self.file, self.row, self.chunk = stream, file, 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        block = self.stream.read(len(buffer))
        buffer[: len(block)] = block
        self._count(block)
        return len(block)

    def next_chunk(self) -> None:
        self.chunk = 0

    def _count(self, block: bytes) -> None:
        first, newline, rest = block.partition(b"\n")
        longest = max(self.row + len(first), max(map(len, rest.split(b"\n"))))
        self.row = len(block) - block.rfind(b"\n") - 1 if newline else self.row + len(first)
        self.chunk += len(block)
        if longest > LONGEST_ROW or self.chunk > LONGEST_CHUNK:
            raise too_long(self.file)


def check_cells(cells: list[str], file: str) -> None:
    """Raise a `UserError` if one of these cells is longer than a row may be."""
    if max(map(len, cells), default=0) > LONGEST_ROW:
        raise too_long(file)


def too_long(file: str) -> UserError:
    expected, todo = f"rows of at most {LONGEST_ROW:,} bytes in {file}", "Download it again."
    return UserError(expected, "a longer one", todo)
