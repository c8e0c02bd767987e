"""Data of Kaggle's size to measure with, made of a few drawn faces; kept in .cache/bench."""

import io
import zipfile
from pathlib import Path

import numpy as np

from stages import files
from stages.keypoints.labels import COLUMNS, FOUR_POINTS, FRAME
from stages.sample.keypoints import TRAIN, draw_frame
from stages.sample.photos import draw_jpeg

CACHE = Path(".cache/bench")
KAGGLE_ROWS, TEST_IMAGES = 7049, 40
FACES, PHOTOS = 48, 200
# The text of each pixel value and a space, filled up with NUL.
TEXTS = np.array([f"{value} ".encode() for value in range(256)], "S4")


def keypoints(rows: int, level: int = 6) -> Path:
    """An archive like Kaggle's with so many rows in training.csv, packed at this level of zlib.

    Each row is a drawn face moved, mirrored and lit in another way, so that few look alike.
    """
    path = CACHE / f"keypoints-{rows}-{level}.zip"
    if path.exists():
        return path
    faces = np.stack([draw_frame((0, TRAIN, i, 0))[0] for i in range(FACES)])
    with (
        files.replacing(path) as unfinished,
        zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive,
    ):
        for name, count in (("training", rows), ("test", TEST_IMAGES)):
            with (
                archive.open(f"{name}.zip", "w", force_zip64=True) as outer,
                zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as inner,
                inner.open(f"{name}.csv", "w", force_zip64=True) as stream,
            ):
                write_table(stream, name, faces, count)
        archive.writestr("IdLookupTable.csv", lookup())
    return path


def write_table(stream, name: str, faces: np.ndarray, rows: int) -> None:
    """training.csv or test.csv, row by row."""
    random = np.random.default_rng([0, rows])
    columns = COLUMNS if name == "training" else ("ImageId",)
    stream.write((",".join([*columns, "Image"]) + "\n").encode())
    for row in range(rows):
        cells = labels(row < rows // 3, random) if name == "training" else [str(row + 1)]
        text = pixel_text(varied(faces[row % len(faces)], random))
        stream.write(",".join([*cells, ""]).encode() + text + b"\n")


def labels(complete: bool, random: np.random.Generator) -> list[str]:
    """30 cells, of which all or those of four points are filled."""
    known = (
        range(len(COLUMNS)) if complete else {2 * p + axis for p in FOUR_POINTS for axis in (0, 1)}
    )
    return [f"{random.uniform(5, 90):.6f}" if i in known else "" for i in range(len(COLUMNS))]


def varied(face: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The face moved, mirrored, and under another light: uint8 (96, 96)."""
    moved = np.roll(face, random.integers(-8, 9, 2), axis=(0, 1))[:, :: random.choice([-1, 1])]
    light = random.normal(0, 45, (8, 8)).repeat(FRAME // 8, 0).repeat(FRAME // 8, 1)
    return np.clip(moved.reshape(FRAME, FRAME) + light, 0, 255).astype(np.uint8)


def pixel_text(picture: np.ndarray) -> bytes:
    """The cell of an image.

    >>> pixel_text(np.array([7, 0, 255], np.uint8))
    b'7 0 255'
    """
    return TEXTS[picture.ravel()].tobytes().translate(None, b"\0")[:-1]


def lookup() -> bytes:
    """IdLookupTable.csv: all 30 values of each test image."""
    asked = [(image + 1, name) for image in range(TEST_IMAGES) for name in COLUMNS]
    lines = [f"{i},{image},{name}," for i, (image, name) in enumerate(asked, 1)]
    return "\n".join(["RowId,ImageId,FeatureName,Location", *lines, ""]).encode()


def photos(number: int) -> list[bytes]:
    """So many JPEG files, 60 to 400 pixels long; drawn photos, each several times."""
    path = CACHE / f"photos-{PHOTOS}.zip"
    if not path.exists():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for i in range(PHOTOS):
                archive.writestr(f"{i:04d}.jpg", draw_jpeg((0, "gender", "Female", i)))
        with files.replacing(path) as unfinished:
            unfinished.write_bytes(packed.getvalue())
    with zipfile.ZipFile(path) as archive:
        drawn = [archive.read(name) for name in archive.namelist()]
    return [drawn[i % len(drawn)] for i in range(number)]
