"""The chunks of a PNG that its picture is made of."""

import zlib

START = b"\x89PNG\r\n\x1a\n"
NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf")


def bare(data: bytes) -> bytes:
    """The PNG without texts, times and profiles, which may be broken or too long.

    What is needed stays as it is, broken or not.
    """
    kept, at = [START], len(START)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        whole = zlib.crc32(data[at + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")
        if kind in NEEDED and (whole or kind != b"eXIf"):
            kept.append(data[at:end])
        at = end
    return b"".join(kept)
