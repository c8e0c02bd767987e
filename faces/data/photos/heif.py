"""The boxes of a HEIC or AVIF: which way up it is, and notes that may be broken."""

from collections.abc import Iterator

TURNED = (b"irot", b"imir")  # boxes that say so: what reads the picture obeys them


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the outermost boxes, up to the first that is damaged."""
    at = 0
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size < 8:  # to the end of the file, or more than 4 GB
            return
        yield name, data[at + 8 : at + size]
        at += size


def follows_exif(data: bytes) -> bool:
    """Whether the orientation in its EXIF counts: no box turns it, and it is not of brand miaf.

    That is how macOS shows it. Where boxes turn it, EXIF only repeats what they say.
    """
    for name, content in boxes(data):
        if name == b"ftyp" and b"miaf" in content:
            return False
        if name == b"meta":
            return not any(box in content for box in TURNED)
    return False


def bare(data: bytes) -> bytes:
    """The file with its EXIF under another name, so that nobody reads it."""
    for name, content in boxes(data):
        if name == b"meta":
            return data.replace(content, content.replace(b"Exif", b"free"), 1)
    return data
