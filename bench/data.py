"""Data of Kaggle's size to measure with, made of a few drawn faces; kept in .cache/bench."""

import zipfile
from pathlib import Path

import numpy as np

from faces.core import files
from faces.sources.drawn.keypoints import TRAIN, asked_values, draw_frame, plan_rows, training_lines
from faces.sources.drawn.photos import draw_jpeg
from faces.sources.drawn.zipping import zipped, zipped_lines

CACHE = Path(".cache/bench")
KAGGLE_ROWS, TEST_IMAGES, FACES, PHOTOS = 7049, 40, 48, 200


def varied(face: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Move and mirror a face, and light it differently, so that few look alike: uint8 (96, 96)."""
    moved = np.roll(face, random.integers(-8, 9, 2), axis=(0, 1))[:, :: random.choice([-1, 1])]
    light = random.normal(0, 45, (8, 8)).repeat(12, 0).repeat(12, 1)
    return np.clip(moved + light, 0, 255).astype(np.uint8)


def keypoints(rows: int) -> Path:
    """Make an archive like Kaggle's with so many rows in training.csv."""
    path, random = CACHE / f"keypoints-{rows}.zip", np.random.default_rng(rows)
    if path.exists():
        return path
    drawn = [draw_frame((0, TRAIN, i, 0)) for i in range(FACES)]
    # The points stay where they were: nobody learns from these.
    faces = [
        (varied(drawn[i % FACES][0], random), drawn[i % FACES][1])
        for i in range(max(rows, TEST_IMAGES))
    ]
    training = training_lines(plan_rows(rows, random), faces, seed=0)
    other = training_lines(plan_rows(TEST_IMAGES, random), faces, seed=1)
    test = [f"{i},{line.rpartition(',')[2]}" for i, line in enumerate(other)]
    test[0] = "ImageId,Image"
    asked = [f"{image},{name}" for image, name in asked_values(TEST_IMAGES, random)]
    lookup = ["RowId,ImageId,FeatureName,Location", *(f"{i},{a}," for i, a in enumerate(asked, 1))]
    members = {
        "training.zip": zipped_lines("training.csv", training),
        "test.zip": zipped_lines("test.csv", test),
        "IdLookupTable.csv": "\n".join(lookup).encode(),
    }
    with files.replacing(path) as unfinished:
        unfinished.write_bytes(zipped(members))
    return path


def photos(number: int) -> list[bytes]:
    """Give so many JPEG files, 60 to 400 pixels long; drawn photos, each several times."""
    path = CACHE / f"photos-{PHOTOS}.zip"
    if not path.exists():
        with files.replacing(path) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
            for i in range(PHOTOS):
                archive.writestr(f"{i:04d}.jpg", draw_jpeg((0, "gender", "Female", i)))
    with zipfile.ZipFile(path) as archive:
        drawn = [archive.read(name) for name in archive.namelist()]
    return [drawn[i % len(drawn)] for i in range(number)]
