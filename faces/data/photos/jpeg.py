"""The segments of a JPEG: what is its own, and what other bytes stand in the same file."""

import re
from collections.abc import Iterator

START, SCAN, END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
MARKER = re.compile(rb"\xff+([^\x00\xff])")
ALONE = {0x01, 0xD8, *range(0xD0, 0xD8)}  # markers without a length: TEM, SOI, restarts
# Before the first scan: tables, which colours (APP0, APP14), and which side is up (APP1).
NEEDED = {0xE0, 0xE1, 0xEE, *range(0xC0, 0xE0)}


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment, as libjpeg finds them, to that of the JPEG's end.

    A thumbnail or a profile inside a segment, a second picture, or the video of a motion photo may
    hold the same bytes as a marker: they are not looked at.
    """
    at = 2
    while found := MARKER.search(data, at):
        marker, start = found[1][0], found.start()
        if marker == END[1]:
            yield marker, start, found.end()
            return
        if marker in ALONE:
            at = found.end()
            continue
        at = found.end() + max(int.from_bytes(data[found.end() : found.end() + 2], "big"), 2)
        yield marker, start, at


def scans(data: bytes) -> int:
    """How many scans the JPEG itself has, at most. Each is decoded over the whole picture."""
    first, end = None, len(data)
    for marker, start, after in segments(data):
        if marker == SCAN[1] and first is None:
            first = start
        if marker == END[1]:
            end = after
    return 0 if first is None else data.count(SCAN, first, end)


def bare(data: bytes) -> bytes:
    """The JPEG without notes: comments, profiles, lists of other pictures, which may be broken."""
    kept = [START]
    for marker, start, end in segments(data):
        if marker == SCAN[1]:
            return b"".join([*kept, data[start:]])
        if marker in NEEDED:
            kept.append(data[start:end])
    return b"".join(kept)


def has_all_scans(data: bytes) -> bool:
    """Whether the last bits of every coefficient have begun to come: at most their scan is cut."""
    components, ac, dc = set(), set(), set()
    for marker, start, end in segments(data):
        body = data[start + 4 : end]
        if 0xC0 <= marker <= 0xC2 and len(body) > 5:
            components = set(body[6::3][: body[5]])
        if marker == SCAN[1] and body and len(body) >= 2 * body[0] + 4:
            of_scan, (first, last, bits) = set(body[1 : 1 + 2 * body[0] : 2]), body[-3:]
            if not bits & 15:
                dc |= of_scan if first == 0 else set()
                ac |= of_scan if last == 63 else set()
    return bool(components) and components <= dc and components <= ac
