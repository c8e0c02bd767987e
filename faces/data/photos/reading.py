"""Photos of any kind, read into upright RGB; what cannot be used says why."""

import io
import struct
import warnings
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from faces.data.photos import deep, formats, heif, jpeg, png, ppm
from faces.data.photos.jpeg import SCAN
from faces.data.photos.rgb import COLOURS, WHITE_IS_0, to_bytes, to_rgb

MOST_PIXELS = 50_000_000
LONGEST_STRIP = 4  # a photo more than four times as long as wide shows no face that we could use
LEAST_CONTRAST = 3.0  # standard deviation of the gray levels of a picture that shows anything
LARGEST_FILE = 400_000_000  # bytes; 50 megapixels of four 16 bit channels, unpacked
MOST_SCANS = 100  # of a JPEG. Each is decoded over the whole picture: thousands would take hours.
MOST_FRAMES = 20  # of an animation that begins with nothing
MOST_LOST = 0.05  # of the rows: a file that ends so little too soon is shown, as viewers do
ANIMATED = ("GIF", "WEBP", "PNG", "AVIF", "TIFF")
ORIENTATION, DNG, SMALLER, MORE = 0x0112, 50706, 254, 330  # tags of EXIF and TIFF
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Whatever Pillow and its plugins raise over damaged files.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError)
DAMAGE += (struct.error, zlib.error, MemoryError, AttributeError, AssertionError, RuntimeError)


class PhotoFault(ValueError):
    """Why a photo cannot be used, in a few words."""


def read_photo(data: bytes, draft: int | None = None, name: str = "") -> Image.Image:
    """The photo as a viewer shows it, upright, 8 bit RGB. Of an animation, the first frame.

    Args:
        data: the content of a file of a kind in `formats.FORMATS` or `formats.BOXED`.
        draft: pixels; a larger JPEG may be decoded at 1/2, 1/4 or 1/8, no smaller than this.
        name: of the file. Where the content does not tell what it is, the ending may.

    Raises:
        PhotoFault: it is empty, no image, cut short, or larger than 50 megapixels.
    """
    if not data:
        raise PhotoFault("empty file")
    if len(data) > LARGEST_FILE:
        raise PhotoFault(f"a file of over {LARGEST_FILE / 1e6:.0f} MB")
    try:
        with warnings.catch_warnings():
            # Of bombs: we have a limit of our own, below. Of broken notes: they do not matter.
            warnings.simplefilter("ignore")
            return decode_or_mend(data, draft, name)
    except PhotoFault:
        raise
    except UnidentifiedImageError:
        raise PhotoFault(formats.recognised(data, name) or "not an image") from None
    except Image.DecompressionBombError:
        raise PhotoFault("over 50 megapixels") from None
    except DAMAGE as error:
        raise PhotoFault("cut short" if is_cut(error) else f"damaged ({error})") from None


def decode_or_mend(data: bytes, draft: int | None, name: str) -> Image.Image:
    """The photo; where it cannot be decoded as it is, decoded without what its pixels do not need.

    Raises:
        PhotoFault, UnidentifiedImageError, Image.DecompressionBombError, one of DAMAGE.
    """
    try:
        return decode(data, draft, name)
    except PhotoFault:
        raise
    except DAMAGE as error:
        cut = is_cut(error)
        with suppress(*DAMAGE):
            if data.startswith(png.START) and not cut:
                return decode(png.bare(data), draft, name)
            if data[4:8] == b"ftyp" and not cut:
                return decode(heif.bare(data), draft, name)
            if data.startswith(jpeg.START) and not cut:
                return decode(jpeg.bare(data), draft, name)
            if data.startswith(jpeg.START) and jpeg.has_all_scans(data):
                return decode(data + jpeg.END, draft, name, ended=True)
        raise


def decode(data: bytes, draft: int | None, name: str, ended: bool = False) -> Image.Image:
    """The photo of a file that is whole.

    Args:
        ended: the end is ours, so that rows before it may be missing.
    """
    try:
        image = open_photo(io.BytesIO(data))
    except UnidentifiedImageError:
        if data.startswith(tuple(TiffImagePlugin.PREFIXES)):
            return decode_deep(data, name)
        raise
    check_before(image, data, name)
    if ppm.is_slow(image):
        return Image.fromarray(ppm.to_bytes(data, image)).convert("RGB")
    if draft and image.format == "JPEG":
        image.draft(image.mode, (draft, draft))
    dark = image.mode in ("RGB", "RGBA") and ";16" in str([tile[3] for tile in image.tile])
    load(image, ended)
    rgb = to_rgb(showing(image))
    if dark and max(top for _, top in rgb.getextrema()) < 64:  # 14 bits or less, in 16
        if image.format == "TIFF":
            return decode_deep(data, name)
        rgb = Image.fromarray(to_bytes(deep.levels(data)))
    return turned(rgb, orientation_of(image, data))


def open_photo(stream: BinaryIO) -> Image.Image:
    """The image, not decoded yet. The first HEIC has the library loaded that reads it.

    Raises:
        UnidentifiedImageError, Image.DecompressionBombError, one of DAMAGE: it is no photo.
    """
    boxed = stream.read(8)[4:] == b"ftyp"
    stream.seek(0)
    if not boxed:
        return Image.open(stream, formats=formats.FORMATS)
    try:
        import pillow_heif
    except ImportError:  # an installation of before
        return Image.open(stream, formats=("AVIF",))
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return Image.open(stream, formats=formats.BOXED)


def check_before(image: Image.Image, data: bytes, name: str) -> None:
    """Raise a `PhotoFault` if decoding would take too long, or show the wrong picture."""
    check_size(image)
    if image.format in ("JPEG", "MPO"):
        # Over all of the file is quickly counted. Its own are fewer, if a video follows it.
        if data.count(SCAN) > MOST_SCANS and jpeg.scans(data) > MOST_SCANS:
            raise PhotoFault(f"over {MOST_SCANS} scans")
    elif image.format == "TIFF":
        check_raw(image.tag_v2, data, name)


def check_raw(tags: Mapping, data: bytes, name: str) -> None:
    """Raise a `PhotoFault` if a TIFF is a camera's raw file: its first picture is a thumbnail.

    Args:
        tags: of its first picture.
    """
    smaller = tags.get(SMALLER) == 1 and MORE in tags
    if DNG in tags or smaller or data[8:10] == b"CR" or formats.is_raw(name):
        raise PhotoFault(formats.raw(name))


def check_size(image: Image.Image) -> None:
    """Raise a `PhotoFault` if it is too large."""
    if image.width * image.height > MOST_PIXELS:
        raise PhotoFault(f"{image.width}x{image.height} is over 50 megapixels")


def load(image: Image.Image, ended: bool) -> None:
    """Decode the image. If a few rows are missing at its end, they stay black or gray."""
    try:
        image.load()
        lost = lost_rows(image) if ended else 0
    except OSError as error:
        interlaced = image.info.get("interlace") or image.format not in ("PNG", "BMP", "PPM")
        if not is_cut(error) or interlaced:
            raise
        image.tile = []  # what has come is there
        lost = lost_rows(image)
    if lost > MOST_LOST * image.height:
        raise OSError("truncated")


def lost_rows(image: Image.Image) -> int:
    """Rows at the top or the bottom that are of one colour."""
    rows = np.asarray(image).reshape(image.height, image.width, -1)
    empty = (rows == rows[:, :1]).all(axis=(1, 2))
    shown = np.flatnonzero(~empty)
    return max(shown[0], image.height - 1 - shown[-1]) if shown.size else image.height


def is_cut(error: BaseException) -> bool:
    """Whether it is what Pillow and its plugins say of a file that ends too soon."""
    said = str(error).lower()
    return any(
        word in said
        for word in (
            "truncated",
            "not processed",
            "not enough image data",
            "smaller than requested",
        )
    )


def showing(image: Image.Image) -> Image.Image:
    """The first frame; of an animation that begins with an empty one, the first with a picture."""
    if image.format not in ANIMATED or not getattr(image, "is_animated", False) or shows(image):
        return image
    first = image.copy()
    with suppress(*DAMAGE):
        for frame in range(1, MOST_FRAMES):
            image.seek(frame)
            check_size(image)
            image.load()
            if shows(image):
                return image
    return first


def shows(image: Image.Image) -> bool:
    """Whether there is anything to see."""
    return contrast(to_rgb(image)) >= LEAST_CONTRAST


def orientation_of(image: Image.Image, data: bytes) -> int | None:
    """Which of the eight ways the picture lies; None if its notes do not say it, or are broken."""
    if image.format == "HEIF":
        return image.info.get("original_orientation") if heif.follows_exif(data) else None
    with suppress(*DAMAGE):
        return image.getexif().get(ORIENTATION)
    return None


def turned(rgb: Image.Image, orientation: object) -> Image.Image:
    """The picture upright.

    Args:
        orientation: 1 to 8, as EXIF has it. Whatever else is ignored.
    """
    turn = UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return rgb if turn is None else rgb.transpose(turn)


def decode_deep(data: bytes, name: str) -> Image.Image:
    """A TIFF that Pillow does not know, such as one of floats in colour.

    Raises:
        UnidentifiedImageError: it has no tags. PhotoFault: OpenCV does not know it either, or it
            is too large.
    """
    tags = deep.tags_of(data)
    width, height = tags[deep.WIDTH], tags[deep.HEIGHT]
    if width * height > MOST_PIXELS:
        raise PhotoFault(f"{width}x{height} is over 50 megapixels")
    check_raw(tags, data, name)
    try:
        found = to_bytes(deep.levels(data))
    except UnidentifiedImageError:
        raise PhotoFault(formats.OTHER.format("TIFF")) from None
    if tags.get(COLOURS) == WHITE_IS_0:
        found = 255 - found
    return Image.fromarray(found).convert("RGB")  # OpenCV has turned it upright


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
    if contrast(image) < LEAST_CONTRAST:
        raise PhotoFault("blank")


def contrast(image: Image.Image) -> float:
    """Standard deviation of the gray levels of a small copy."""
    return float(np.asarray(image.convert("L").resize((32, 32), Image.Resampling.BOX)).std())


def resized(image: Image.Image, size: int) -> np.ndarray:
    """The whole photo as a square, whatever its shape was: uint8 (size, size, 3)."""
    return np.asarray(image.resize((size, size), Image.Resampling.BOX, reducing_gap=None))
