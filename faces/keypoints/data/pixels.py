"""The pixel strings of training.csv and test.csv, as numbers."""

import itertools
import re

import numpy as np

from faces.core.errors import UserError
from faces.keypoints.points import FRAME

PIXELS = FRAME * FRAME
AGAIN = "Download the archive again, or correct the file."
LIST_SIGNS = str.maketrans(",[]()", " " * 5)  # of a list or an array, written as text
NO_FRACTION = re.compile(r"(?<=[0-9])\.0*(?!\S)")
SHORTENED = "..."  # as NumPy and pandas write what they find too long
ZERO, SPACE, LOW_HALF, TEN, HUNDRED = np.array([ord("0"), ord(" "), 0x0F, 10, 100], np.uint8)


def plain_pixels(cells: list[bytes]) -> np.ndarray | None:
    """Texts of 9,216 whole numbers from 0 to 255 with single spaces between: uint8 (n, 9216).

    None if one of them is anything else. All arithmetic is on arrays of bytes, at each place of
    the texts at once; the values at the last digits of the numbers are then taken out.
    """
    signs = np.frombuffer(b" ".join(cells), np.uint8)
    digit = (signs - ZERO) < 10  # uint8: what lies below "0" wraps around
    if np.count_nonzero(digit) != len(signs) - (len(cells) * PIXELS - 1):
        return None
    third = digit[2:] & digit[1:-1] & digit[:-2]
    if (third[1:] & digit[:-3]).any():  # more than three digits: zeros before a number, perhaps
        return None
    values = signs & LOW_HALF  # 0 to 9, and 0 for a space
    hundreds = values[:-2] * third
    if hundreds.max() > 2:
        return None
    hundreds *= HUNDRED
    values[1:] += values[:-1] * TEN
    values[2:] += hundreds
    if (values[2:] < hundreds).any():  # 256 to 299 wrapped around
        return None
    digit[:-1] &= signs[1:] == SPACE  # last digits only
    # So many last digits leave no sign between them that is no space.
    starts = itertools.accumulate((len(cell) + 1 for cell in cells), initial=0)
    parts = (digit[start:][: len(cell)] for start, cell in zip(starts, cells, strict=False))
    if any(np.count_nonzero(part) != PIXELS for part in parts):
        return None
    return np.compress(digit, values).reshape(-1, PIXELS)


def any_pixels(text: str, row: int, file: str) -> np.ndarray:
    """The same of a string with any white space, and with zeros before a number.

    A list (`[238, 236]`) and whole numbers with a point (`238.0`) are understood too.

    Args:
        row, file: for the error.

    Raises:
        UserError: it is not 9,216 whole numbers from 0 to 255.
    """
    plain = " ".join(text.translate(LIST_SIGNS).split())
    values = plain_pixels([plain.encode()])
    if values is None and "." in plain:
        plain = NO_FRACTION.sub("", plain)
        values = plain_pixels([plain.encode()])
    if values is not None:
        return values[0]
    words = plain.split()
    check_pixels(words, row, file)
    return np.array([int(word[-3:]) for word in words], np.uint8)


def check_pixels(words: list[str], row: int, file: str) -> None:
    """Raise the `UserError` that says what is wrong with these pixels, if anything is."""
    where = f"in Image of row {row} of {file}"
    if SHORTENED in words:
        todo = "Write all numbers: ' '.join(map(str, pixels)), not str(pixels)."
        received = "an image that was shortened (...) when it was written"
        raise UserError(f"{PIXELS:,} numbers {where}", received, todo)
    wrong = next((word for word in words if not is_pixel(word)), None)
    if wrong is not None:
        todo = "Write gray levels, 0 (black) to 255, a space between two; or download it again."
        raise UserError(f"whole numbers from 0 to 255 {where}", repr(wrong[:40]), todo)
    if len(words) != PIXELS:
        todo = "Take the row out, write its image, or download the archive again."
        raise UserError(f"{PIXELS:,} numbers {where}", f"{len(words):,}", todo)


def is_pixel(word: str) -> bool:
    """Whether this is a whole number from 0 to 255, in ASCII digits."""
    return word.isascii() and word.isdigit() and int(word.lstrip("0")[:9] or 0) <= 255
