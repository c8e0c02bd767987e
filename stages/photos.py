"""Photos of any kind, read into upright RGB; what cannot be used says why."""

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 50_000_000
LONGEST_STRIP = 4  # a photo more than four times as long as wide shows no face that we could use
LEAST_CONTRAST = 3.0  # standard deviation of the gray levels of a picture that shows anything
LARGEST_FILE = 400_000_000  # bytes; 50 megapixels of four 16 bit channels, unpacked
# Of a JPEG. Each is decoded over the whole picture: thousands of them would take hours.
MOST_SCANS, SCAN = 100, b"\xff\xda"
# What photos come as. Pillow knows 40 more, some that start programs. MPO is opened as JPEG.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")


class PhotoFault(ValueError):
    """Why a photo cannot be used, in a few words."""


def read_photo(data: bytes, draft: int | None = None) -> Image.Image:
    """The photo, upright, 8 bit RGB. Of an animation, the first frame.

    Args:
        data: the content of a file: JPEG, PNG, GIF, WebP, BMP or TIFF.
        draft: pixels; a larger JPEG may be decoded at 1/2, 1/4 or 1/8, no smaller than this.

    Raises:
        PhotoFault: it is empty, no image, cut short, or larger than 50 megapixels.
    """
    if not data:
        raise PhotoFault("empty file")
    if len(data) > LARGEST_FILE:
        raise PhotoFault(f"a file of over {LARGEST_FILE / 1e6:.0f} MB")
    try:
        with warnings.catch_warnings():
            # We have a limit of our own, below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise PhotoFault(f"{image.width}x{image.height} is over 50 megapixels")
            if image.format in ("JPEG", "MPO") and data.count(SCAN) > MOST_SCANS:
                raise PhotoFault(f"over {MOST_SCANS} scans")
            if draft and image.format == "JPEG":
                image.draft(image.mode, (draft, draft))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return to_rgb(image)
    except PhotoFault:
        raise
    except UnidentifiedImageError:
        raise PhotoFault("not an image") from None
    except Image.DecompressionBombError:
        raise PhotoFault("over 50 megapixels") from None
    except (OSError, SyntaxError) as error:
        # Pillow's word for a file that ends too soon.
        cut = "truncated" in str(error).lower() or "not processed" in str(error)
        raise PhotoFault("cut short" if cut else f"damaged ({error})") from None
    except (ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError) as error:
        raise PhotoFault(f"damaged ({error})") from None
    except (struct.error, zlib.error, MemoryError, ZeroDivisionError) as error:
        raise PhotoFault(f"damaged ({error})") from None


def to_rgb(image: Image.Image) -> Image.Image:
    """8 bit RGB of any mode: 16 bit is scaled, what is transparent becomes white."""
    if image.mode.startswith(("I", "F")):
        levels = np.asarray(image, np.float32)
        top = 255 if levels.max(initial=0) <= 255 else 65535
        return Image.fromarray((levels.clip(0, top) * (255 / top)).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def check_content(image: Image.Image, min_side: int) -> None:
    """Raise a `PhotoFault` if there is nothing to see: too small, a strip, or blank.

    Args:
        min_side: pixels.
    """
    short, long = sorted(image.size)
    if long == 1:
        raise PhotoFault("one pixel")
    if long > LONGEST_STRIP * short:
        raise PhotoFault(f"a strip of {image.width}x{image.height}")
    if short < min_side:
        raise PhotoFault(f"{image.width}x{image.height} is below {min_side} pixels")
    if np.asarray(image.convert("L").resize((32, 32), Image.Resampling.BOX)).std() < LEAST_CONTRAST:
        raise PhotoFault("blank")


def resized(image: Image.Image, size: int) -> np.ndarray:
    """The whole photo as a square, whatever its shape was: uint8 (size, size, 3)."""
    return np.asarray(image.resize((size, size), Image.Resampling.BOX, reducing_gap=None))
