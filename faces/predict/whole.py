"""Photos that are the crop of a face each: nothing is searched."""

import numpy as np
from PIL import Image

from faces.data.photos import PhotoFault, check_content, resized
from faces.detection.doubt import points_and_doubt
from faces.detection.finding import classes_of, labelled
from faces.detection.models import Models
from faces.keypoints.points import FRAME, clip_to_frame

SMALLEST = 2  # pixels of a side


def answer(photo: Image.Image, models: Models) -> list[dict]:
    """The face of a photo, squeezed into the networks' squares, as in predict's JSON.

    Its box is the whole photo. No face if it is blank, a strip or a pixel.
    """
    if not shows_something(photo):
        return []
    gray = resized(photo.convert("L"), FRAME)[None, ..., None]
    points, _ = points_and_doubt(models.keypoints, gray)
    within, _ = clip_to_frame(points[0])
    chance = classes_of(resized(photo, models.size)[None], models)[0]
    # From pixel centres of the 96x96 frame to pixel centres of the photo.
    placed = (within + 0.5) * np.array(photo.size) / FRAME - 0.5
    return [{"box": [0, 0, *photo.size], **labelled(placed, chance, models)}]


def shows_something(photo: Image.Image) -> bool:
    """Whether it is neither blank nor a strip, and no side is below SMALLEST pixels."""
    try:
        check_content(photo, SMALLEST)
    except PhotoFault:
        return False
    return True
