"""Whether a file of a video ends before its container says that it does.

Counts of frames are no proof: editors leave them as they were, and hide frames. Sizes are.
"""

import io
import os
from collections.abc import Iterator

MOVIE = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"moof", b"sidx"}
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
TS, SYNC = 188, 0x47  # bytes of a packet of a transport stream, and its first
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
MOST_BOXES = 100_000


def ends_outside(file: io.RawIOBase) -> bool:
    """Whether a part of a file that frames lie in, or that says where, goes on beyond its end."""
    head = read_at(file, 0, 12)
    size = size_of(file)
    if head[:4] == b"RIFF":
        return any(end > size + 1 for _, end in riffs(file))  # the last byte only fills up
    if head[:4] == EBML:
        return segment_end(file) > size
    if head == ASF[:12]:
        return any(end > size for end in asf_objects(file))
    if head[4:8] in MOVIE:
        return any(end > size for name, end in boxes(file) if name in (b"moov", b"moof"))
    starts = [read_at(file, i * TS, 1) for i in range(5)]
    return all(start == bytes([SYNC]) for start in starts) and size % TS != 0


def lacks_index(file: io.RawIOBase) -> bool:
    """Whether this is an MP4 or MOV without the table that says where frames lie."""
    if read_at(file, 4, 4) not in MOVIE:
        return False
    size = size_of(file)
    return not any(name == b"moov" and end <= size for name, end in boxes(file))


def boxes(file: io.RawIOBase) -> Iterator[tuple[bytes, int]]:
    """Name and end of each box of an MP4, until there is something else."""
    at, size = 0, size_of(file)
    for _ in range(MOST_BOXES):
        head = read_at(file, at, 16)
        length, name = int.from_bytes(head[:4]), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:16])
        elif length == 0:
            length = size - at
        if length < 8 or len(head) < 8:
            return
        at += length
        yield name, at


def riffs(file: io.RawIOBase) -> Iterator[tuple[int, int]]:
    """Start and end of each part of an AVI; large ones have several."""
    at = 0
    for _ in range(MOST_BOXES):
        head = read_at(file, at, 8)
        if head[:4] != b"RIFF" or len(head) < 8:
            return
        length = int.from_bytes(head[4:8], "little")
        yield at, at + 8 + length
        at += 8 + length + length % 2


def asf_objects(file: io.RawIOBase) -> Iterator[int]:
    """End of each object of a WMV or ASF file: header, frames, index."""
    at = 0
    for _ in range(MOST_BOXES):
        length = int.from_bytes(read_at(file, at + 16, 8), "little")
        if length < 24:  # none, or a broadcast, which does not know its length
            return
        at += length
        yield at


def segment_end(file: io.RawIOBase) -> int:
    """Where the segment of a Matroska or WebM file ends; 0 if it does not say."""
    body, length = element(file, 4)
    at = body + (length or 0)
    if read_at(file, at, 4) != SEGMENT:
        return 0
    body, length = element(file, at + 4)
    return 0 if length is None else body + length


def element(file: io.RawIOBase, at: int) -> tuple[int, int | None]:
    """Where the content of an element begins whose size stands at `at`, and how long it is.

    The size is as many bytes as its first has leading zeros, and one; None if all bits are 1.
    """
    first = read_at(file, at, 1) or b"\x01"
    extra = 8 - first[0].bit_length()
    value = int.from_bytes(read_at(file, at, extra + 1)) & ((1 << 7 * (extra + 1)) - 1)
    unknown = value == (1 << 7 * (extra + 1)) - 1
    return at + extra + 1, None if unknown else value


def read_at(file: io.RawIOBase, at: int, number: int) -> bytes:
    """Bytes of the file from `at` on; fewer at its end."""
    file.seek(at)
    return file.read(number)


def size_of(file: io.RawIOBase) -> int:
    """Bytes of the file."""
    return os.fstat(file.fileno()).st_size
