"""Levels that Pillow cannot hold, read by OpenCV: colours of 16 bits, floats in colour."""

import io
import struct

import numpy as np
from PIL import TiffImagePlugin, UnidentifiedImageError

WIDTH, HEIGHT, BITS, SAMPLES = 256, 257, 258, 277  # tags of a TIFF
MOST = 1_000_000_000  # bytes, unpacked: 50 megapixels of three floats, and some


def levels(data: bytes) -> np.ndarray:
    """Levels (height, width) or (height, width, 3), red first.

    Raises:
        UnidentifiedImageError: OpenCV cannot read it either.
    """
    import cv2

    as_stored = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR | cv2.IMREAD_IGNORE_ORIENTATION
    log = cv2.utils.logging
    before = log.setLogLevel(log.LOG_LEVEL_SILENT)  # what is wrong is said by us
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), as_stored)
    except cv2.error:
        found = None
    finally:
        log.setLogLevel(before)
    if found is None:
        raise UnidentifiedImageError
    return found if found.ndim == 2 else found[..., ::-1]


def tags_of(data: bytes) -> dict[int, object]:
    """The tags of a TIFF's first picture.

    Raises:
        UnidentifiedImageError: there are none, or they name no size that could be decoded.
    """
    try:
        tags = TiffImagePlugin.ImageFileDirectory_v2(
            data[:16] if data[2:4] in (b"+\0", b"\0+") else data[:8]
        )
        stream = io.BytesIO(data)
        stream.seek(tags.next)
        tags.load(stream)
        found = dict(tags)
        bits = max(found.get(BITS, (1,))) * int(found.get(SAMPLES, 1))
        if not 0 < found[WIDTH] * found[HEIGHT] * bits <= 8 * MOST:
            raise UnidentifiedImageError
        return found
    except (SyntaxError, KeyError, TypeError, ValueError, EOFError, struct.error) as error:
        raise UnidentifiedImageError from error
