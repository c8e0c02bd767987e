"""PPM and PGM with levels in digits, or with another top than 255: Pillow takes minutes."""

import re

import numpy as np
from PIL import Image

LONGEST = 16  # bytes from one number to the next


def is_slow(image: Image.Image) -> bool:
    """Whether Pillow would read it number by number."""
    return image.format == "PPM" and image.tile[0][0] != "raw" and image.mode != "1"


def to_bytes(data: bytes, image: Image.Image) -> np.ndarray:
    """Levels uint8, (height, width) or (height, width, 3).

    Args:
        image: as Pillow has opened it, not decoded yet.

    Raises:
        ValueError: there are fewer levels than its size says, or something else among them.
    """
    how, _, start, (_, top) = image.tile[0]
    shape = (image.height, image.width, *[3] * (image.mode == "RGB"))
    number = int(np.prod(shape))
    if how == "ppm_plain":
        digits = re.sub(rb"#[^\r\n]*", b" ", data[start:])
        levels = np.fromstring(digits[: LONGEST * number], np.int32, sep=" ")[:number]
        if levels.size < number:
            raise ValueError("not enough image data")
    else:
        levels = np.frombuffer(data, ">u2" if top > 255 else "u1", number, start)
    scaled = (np.arange(top + 1) * (255 / top)).round().astype(np.uint8)
    return scaled[levels.clip(0, top)].reshape(shape)
