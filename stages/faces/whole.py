"""Photos that are the crop of a face each: nothing is searched."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from stages.faces.answer import VIEWS, face, shows_something
from stages.faces.ask import points_and_doubt
from stages.faces.models import Models
from stages.gender import answer as gender
from stages.keypoints.labels import FRAME, clip_to_frame
from stages.photos import resized

SMALLEST = 2  # pixels of a side


@dataclass(frozen=True)
class Copies:
    """A photo as the networks see it: uint8 (96, 96, 1) and (size, size, 3), and its own size."""

    gray: np.ndarray
    colour: np.ndarray
    photo_size: tuple[int, int]


def copies(photo: Image.Image, models: Models) -> Copies | None:
    """The whole photo, squeezed; None if it is blank, a strip or a pixel, which show no face."""
    if not shows_something(photo, SMALLEST):
        return None
    gray = resized(photo.convert("L"), FRAME)[..., None]
    return Copies(gray, resized(photo, models.size), photo.size)


def answer_copies(seen: list[Copies | None], models: Models) -> list[list[dict]]:
    """The face of each photo, as in predict's JSON; its box is the whole photo."""
    answers: list[list[dict]] = [[] for _ in seen]
    shown = [i for i, copy in enumerate(seen) if copy]
    if not shown:
        return answers
    points, _ = points_and_doubt(models.keypoints, np.stack([seen[i].gray for i in shown]))
    points, _ = clip_to_frame(points)
    colours = np.stack([seen[i].colour for i in shown])
    chances = gender.outputs(models.gender, colours, flip_average=True, views=VIEWS)
    for i, own, chance in zip(shown, points, chances, strict=True):
        # From pixel centres of the 96x96 frame to pixel centres of the photo.
        size = seen[i].photo_size
        placed = (own + 0.5) * np.array(size) / FRAME - 0.5
        answers[i].append(face([0, 0, *size], placed, chance, models))
    return answers
