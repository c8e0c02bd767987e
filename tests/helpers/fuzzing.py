"""Damage files at random, and ask for errors that can be read."""

import os
import signal
import warnings
from contextlib import contextmanager

import numpy as np
import pillow_heif
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from faces.core.errors import UserError
from tests.conftest import encoded, photo, tiff

CASES = int(os.environ.get("FUZZ_CASES", "40"))

often = settings(
    max_examples=CASES,
    deadline=None,
    derandomize="FUZZ_CASES" not in os.environ,
    database=None,
    phases=[
        Phase.generate
    ],  # the first case that fails is shown at once; a smaller one takes minutes
    suppress_health_check=list(HealthCheck),
)

SECONDS = 20  # of work, not of waiting for a core, for one file of a few kB


def pictures() -> list[bytes]:
    """A photo in many encodings."""
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = Image.fromarray(np.asarray(photo(0, mode="L")).astype(np.uint16) * 257)
    film = {"save_all": True, "append_images": [photo(1), photo(2)]}
    blank = Image.new("RGB", photo(0).size, "white")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    colours, levels = np.asarray(photo(0)), np.asarray(photo(0, mode="L"))
    lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    pillow_heif.register_heif_opener()
    return [
        encoded(photo(0), exif=exif),
        encoded(photo(0), progressive=True),
        encoded(photo(0, mode="CMYK")),
        encoded(photo(0), "PNG"),
        encoded(photo(0, mode="RGBA"), "PNG"),
        encoded(photo(0).convert("P"), "PNG"),
        encoded(deep, "PNG"),
        encoded(photo(0), "GIF", **film),
        encoded(photo(0), "WEBP"),
        encoded(photo(0), "WEBP", lossless=True),
        encoded(photo(0), "BMP"),
        encoded(photo(0), "TIFF"),
        encoded(photo(0), "TIFF", compression="tiff_lzw"),
        encoded(photo(0), "TIFF", compression="jpeg"),
        encoded(photo(0), "MPO", save_all=True, append_images=[photo(1)]),
        encoded(photo(0), "HEIF", exif=exif.tobytes(), quality=90),
        encoded(photo(0, mode="RGBA"), "HEIF"),
        encoded(photo(0), "AVIF", exif=exif.tobytes()),
        encoded(photo(0, mode="RGBA"), "AVIF"),
        encoded(photo(0), "JPEG2000"),
        encoded(photo(0), "JPEG2000", no_jp2=True),
        encoded(photo(0), "PPM"),
        b"P3\n# digits\n40 50\n255\n" + b" ".join(b"%d" % v for v in colours.ravel()),
        b"P5 40 50 1000\n" + levels.astype(">u2").tobytes(),
        encoded(Image.fromarray(np.float32(levels)), "PPM"),
        tiff(np.float32(levels / 255)),
        tiff(np.float32(colours / 255), 2),
        tiff(colours.astype(np.uint16) * 16, 2, ">"),
        encoded(ImageCms.applyTransform(photo(0), lab), "TIFF"),
        encoded(photo(0), "PNG", icc_profile=profile[:60] + b"\xff" + profile[61:], exif=exif),
        encoded(photo(0), icc_profile=profile, exif=exif) + b"\xff\xda" * 300,
        encoded(blank, "PNG", **film),
        encoded(blank, "WEBP", **film),
        encoded(blank, "AVIF", **film),
        encoded(blank, "TIFF", **film),
    ]


PICTURES = pictures()

change = st.tuples(
    st.sampled_from(["flip", "flip", "flip", "set", "cut", "drop", "insert", "repeat"]),
    st.integers(0, 2**24),
    st.integers(0, 255),
    st.integers(1, 40),
)

changes = st.lists(change, min_size=1, max_size=6)


def damaged(data: bytes, changes: list[tuple]) -> bytes:
    """The data with bits flipped, and bytes replaced, cut off, left out, added or repeated."""
    data = bytearray(data)
    for kind, place, value, length in changes:
        at = place % max(len(data), 1)
        if kind == "flip" and data:
            data[at] ^= 1 << value % 8
        elif kind == "set" and data:
            data[at] = value
        elif kind == "cut":
            del data[at:]
        elif kind == "drop":
            del data[at : at + length]
        elif kind == "insert":
            data[at:at] = bytes([value]) * length
        elif kind == "repeat":
            data[at:at] = data[at : at + length]
    return bytes(data)


@contextmanager
def readable_errors_only():
    """What the user may see: a line, for what is wrong with a file. And soon."""

    def stop(*_):
        raise AssertionError(f"it takes more than {SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UserError as error:
        assert str(error).startswith("Expected ") and len(str(error)) < 3000
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
