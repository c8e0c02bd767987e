"""Files that photo sets contain beside good JPEGs: good photos in odd encodings, and faults."""

import io

import numpy as np
from PIL import Image

ORIENTATION = 0x0112  # EXIF tag; 6: turn a quarter clockwise to view


def unusual_encodings(photos: list[tuple[str, Image.Image]]) -> dict[str, bytes]:
    """Seven good photos (class, RGB image), readable each, in seven encodings other than JPEG's."""
    makers = {
        "cmyk.jpg": lambda image: _file(image.convert("CMYK"), "JPEG", quality=88),
        "palette.png": lambda image: _file(image.quantize(64), "PNG"),
        "alpha.png": lambda image: _file(_with_alpha(image), "PNG"),
        "gray16.png": lambda image: _file(_gray16(image), "PNG"),
        "still.gif": lambda image: _file(image.quantize(128), "GIF"),
        "photo.webp": lambda image: _file(image, "WEBP", quality=80),
        "rotated.jpg": _rotated,
    }
    if len(photos) != len(makers):
        raise ValueError(
            f"Expected {len(makers)} photos. Received: {len(photos)}. "
            f"Give one for each of {', '.join(makers)}."
        )
    return {
        f"faces/{name}/{file}": make(image)
        for (name, image), (file, make) in zip(photos, makers.items(), strict=True)
    }


def litter(classes: tuple[str, ...], photo: bytes) -> dict[str, bytes]:
    """Entries that hold no face: empty, cut short, not images, blank, a point, a strip."""
    first, last = f"faces/{classes[0]}", f"faces/{classes[-1]}"
    dot = Image.new("RGB", (1, 1), (120, 90, 80))
    strip = Image.new("RGB", (200, 4), (120, 90, 80))
    blank = Image.new("RGB", (120, 140), (255, 255, 255))
    return {
        f"{last}/empty.jpg": b"",
        f"{first}/truncated.jpg": photo[: len(photo) // 3],
        f"{last}/not_an_image.jpg": b"<html>404 Not Found</html>\n",
        f"{first}/.DS_Store": b"\x00\x00\x00\x01Bud1",
        f"{last}/Thumbs.db": b"\xd0\xcf\x11\xe0",
        f"{first}/blank.jpg": _file(blank, "JPEG"),
        f"{last}/dot.png": _file(dot, "PNG"),
        f"{first}/strip.png": _file(strip, "PNG"),
    }


def _file(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _with_alpha(image: Image.Image) -> Image.Image:
    """The image in a soft round window, transparent towards the corners."""
    x, y = np.meshgrid(np.linspace(-1, 1, image.width), np.linspace(-1, 1, image.height))
    alpha = np.clip(4 * (1.35 - np.hypot(x, y)), 0, 1)
    clear = image.copy()
    clear.putalpha(Image.fromarray((alpha * 255).astype(np.uint8)))
    return clear


def _gray16(image: Image.Image) -> Image.Image:
    """Gray of 16 bits a pixel."""
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def _rotated(image: Image.Image) -> bytes:
    """A JPEG that lies on its side and says so in its EXIF data."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    turned = image.transpose(Image.Transpose.ROTATE_90)
    return _file(turned, "JPEG", quality=88, exif=exif)
