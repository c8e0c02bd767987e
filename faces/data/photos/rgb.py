"""Pictures of any mode as a viewer shows them: 8 bit RGB, in the colours of sRGB."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

DEPTHS = tuple(2**bits - 1 for bits in (8, 10, 12, 14, 16, 24, 31, 32))  # white, by bits
OVERSHOOT = 0.1  # floats may lie so far outside their range: sharpening leaves them there
SAMPLE = 1_000_000  # pixels that tell the range of floats
SAME = 3  # levels; a profile that moves no colour further is sRGB by another name
BITS, COLOURS, SAMPLE_FORMAT = 258, 262, 339  # tags of a TIFF
WHITE_IS_0, UNSIGNED, SIGNED = 0, (1,), (2,)  # and what they may say
SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # of profiles, and the mode they are of
BROKEN = (OSError, ValueError, TypeError, ImageCms.PyCMSError)


def to_rgb(image: Image.Image) -> Image.Image:
    """8 bit RGB of any mode: what is transparent becomes white, colours become those of sRGB."""
    if image.mode.startswith(("I", "F")):
        return gray(image).convert("RGB")
    profile = image.info.get("icc_profile")
    if image.mode == "LAB":
        return ImageCms.applyTransform(image, lab())
    if profile and (own := transform(profile, image.mode)):
        return ImageCms.applyTransform(image, own)
    image = flat(image)
    if profile and (own := transform(profile, image.mode)):
        return ImageCms.applyTransform(image, own)
    return image


def flat(image: Image.Image) -> Image.Image:
    """RGB, on white. Where nothing at all would show, the transparency is a mistake: ignored."""
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    image = image.convert("RGBA")
    if image.getextrema()[3][1] <= 1:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def gray(image: Image.Image) -> Image.Image:
    """8 bit gray of 16 or 32 bits, or of floats."""
    levels, tags = np.asarray(image), getattr(image, "tag_v2", {})
    kind = tags.get(BITS), tags.get(SAMPLE_FORMAT, UNSIGNED)
    if levels.dtype == np.int32 and kind == ((32,), UNSIGNED):  # Pillow gives them a sign
        levels = levels.view(np.uint32)
    if kind == ((16,), SIGNED):
        levels = levels * 2  # white is half as large
    found = to_bytes(levels)
    # Pillow turns a TIFF whose 0 is white, but for such levels.
    return Image.fromarray(255 - found if tags.get(COLOURS) == WHITE_IS_0 else found)


def to_bytes(levels: np.ndarray) -> np.ndarray:
    """Levels of any range as uint8 of the same shape.

    Integers are of as few bits as hold them: cameras store 12 in 16. Floats are 0 to 1, or as
    integers are. What is neither, such as negative levels, is stretched from the darkest to the
    brightest. What is no number is black.
    """
    low, high = ends(levels)
    scaled = np.nan_to_num(levels.astype(np.float32), nan=low, posinf=high, neginf=low)
    scaled = (scaled - low) * (255 / (high - low) if high > low else 0)
    if levels.dtype.kind == "f":
        scaled = scaled.round()
    return scaled.clip(0, 255).astype(np.uint8)


def ends(levels: np.ndarray) -> tuple[float, float]:
    """The levels of black and of white."""
    floats = levels.dtype.kind == "f"
    if floats:  # all but a hundredth: a few hot pixels are no range
        some = levels.ravel()[:: max(levels.size // SAMPLE, 1)]
        some = some[np.isfinite(some)]
        low, high = np.percentile(some, (1, 99)) if some.size else (0.0, 1.0)
    else:
        low, high = int(levels.min(initial=0)), int(levels.max(initial=0))
    spare = OVERSHOOT if floats else 0
    for top in (1, *DEPTHS) if floats else DEPTHS:
        if low >= -spare * max(high, 0) and high <= top * (1 + spare):
            return 0.0, float(top)
    return float(low), float(high)


@lru_cache(maxsize=16)
def transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From a profile's colours to sRGB; None if it is broken, of another mode, or sRGB itself."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if SPACES.get(opened.profile.xcolor_space.strip()) != mode:
            return None
        found = ImageCms.buildTransform(opened, srgb(), mode, "RGB")
        return None if mode != "CMYK" and moves_little(found, mode) else found
    except BROKEN:
        return None


def moves_little(found: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether no colour of a lattice becomes another one that could be told from it."""
    steps = np.arange(256) if mode == "L" else np.linspace(0, 255, 9)
    axes = np.meshgrid(*[steps] * len(mode), indexing="ij")
    lattice = np.stack(axes, -1).reshape(1, -1, len(mode)).astype(np.uint8)
    image = Image.fromarray(lattice[..., 0] if mode == "L" else lattice)
    moved = np.asarray(ImageCms.applyTransform(image, found), int)
    return bool(np.abs(moved - np.asarray(image.convert("RGB"), int)).max() <= SAME)


@lru_cache(maxsize=1)
def srgb() -> ImageCms.ImageCmsProfile:
    """The colours that screens show."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@lru_cache(maxsize=1)
def lab() -> ImageCms.ImageCmsTransform:
    """From CIELAB to sRGB."""
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), srgb(), "LAB", "RGB")
