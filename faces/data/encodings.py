"""Text of another program: which encoding it is in, and its bytes as UTF-8."""

import codecs
import io

MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What Windows writes in Korea and in western Europe, where a program does not write UTF-8.
PAGES = ("cp949", "cp1252")
PIECE = 2**16  # characters that are recoded at a time


def encoding_of(start: bytes) -> str | None:
    """The encoding that the first bytes of a text tell; None if they tell none.

    >>> encoding_of("a,b".encode("utf-16")), encoding_of("a,b".encode("utf-16-le"))
    ('utf-16', 'utf-16-le')
    """
    for mark, name in MARKS.items():
        if start.startswith(mark):
            return name
    if len(start) >= 4 and start[1] == start[3] == 0 != start[0]:
        return "utf-16-le"
    if len(start) >= 4 and start[0] == start[2] == 0 != start[1]:
        return "utf-16-be"
    return None


def texts_of(content: bytes) -> list[str]:
    """Decode bytes: one text, or one for each code page that fits.

    Raises:
        UnicodeDecodeError: they are no text.
    """
    known = encoding_of(content)
    try:
        return [content.decode(known or "utf-8")]
    except UnicodeDecodeError:
        pages = [] if known else PAGES
        found = [text for page in pages if (text := decoded(content, page)) is not None]
        if not found:
            raise
        return found


def decoded(content: bytes, page: str) -> str | None:
    """The text in this code page; None if it is not in it."""
    try:
        return content.decode(page)
    except UnicodeDecodeError:
        return None


class Recoded(io.RawIOBase):
    """A binary stream of text in UTF-16 or UTF-32, as one in UTF-8."""

    def __init__(self, stream, encoding: str):
        super().__init__()
        self._text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if not self._rest:
            self._rest = self._text.read(PIECE).encode("utf-8", "replace")
        block, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(block)] = block
        return len(block)


def as_utf_8(stream) -> io.BufferedReader:
    """A binary stream that can be looked into, in UTF-8 if its first bytes tell another encoding.

    Args:
        stream: binary; of an archive's member, for example.
    """
    stream = io.BufferedReader(stream, PIECE)
    encoding = encoding_of(stream.peek(4)[:4])
    if encoding in (None, "utf-8-sig"):
        return stream
    return io.BufferedReader(Recoded(stream, encoding), PIECE)
