"""Stand-ins for networks and the detector, and pictures of three dots that they take for faces."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from faces.detection.alignment import LEFT, LIP, RIGHT, Framing
from faces.detection.models import Models

FRAMING = Framing(width=0.5, height=0.5, x=0.5, y=0.4)


class Dots:
    """Finds the brightest dot, the lip, and one in each half above it, the eyes."""

    def predict_on_batch(self, images):
        return np.stack([self.points(image[..., 0].astype(float)) for image in images])

    def points(self, gray):
        rows, columns = np.indices(gray.shape)
        found = np.zeros((19, 2), np.float32)
        lip = gray > 150
        if lip.any():
            found[:] = columns[lip].mean(), rows[lip].mean()  # all that the dots do not tell
            eyes = (gray > 30) & (rows < found[LIP, 1] - 15)  # not the lip's soft edge
            for which, side in ((RIGHT, columns < 48), (LEFT, columns >= 48)):
                if (eyes & side).any():
                    found[which] = columns[eyes & side].mean(), rows[eyes & side].mean()
        return found


class DotsWithHeatmaps(Dots):
    """The same with heatmaps: one cell where it sees the dots, all cells where it does not."""

    def predict_on_batch(self, images):
        points = super().predict_on_batch(images)
        maps = np.zeros((len(images), 24, 24, 19), np.float32)
        eyes_differ = points[:, RIGHT, 0] < points[:, LEFT, 0]
        maps[eyes_differ, 10, 10] = 50
        return [points, maps]


class Brightness:
    """Two classes: how bright the photo is, and the rest."""

    def predict_on_batch(self, images):
        bright = images.mean(axis=(1, 2, 3)) / 255
        return np.stack([bright, 1 - bright], axis=1)


class Boxes:
    """A detector that finds the same faces in every photo: crops, centre x and y and side."""

    def __init__(self, *boxes):
        self.boxes = boxes

    def poses(self, _copy, _corners, _scale):
        return poses_in(self.boxes)


def poses_in(boxes) -> np.ndarray:
    """Poses (n, 4) of upright faces whose keypoint crops are these boxes."""
    x, y, side = np.reshape(boxes, (-1, 3)).astype(float).T
    size = FRAMING.width * side
    return np.column_stack([x, y + (FRAMING.y - 0.5) * side, size, 0 * side])


def stand_ins(detector=None) -> Models:
    """Models that see dots."""
    framing = {"keypoints": FRAMING, "gender": FRAMING}
    usual = np.array([4.0, 1.0])
    classes = ["bright", "dark"]
    return Models(detector or Boxes(), Dots(), Brightness(), 60, classes, framing, usual)


@pytest.fixture
def models():
    return stand_ins()


@pytest.fixture
def models_with_heatmaps(models):
    return replace(models, keypoints=DotsWithHeatmaps())


@pytest.fixture
def finds(models):
    """Have the detector find these crops: centre x and y, side."""

    def find(*boxes):
        models.detector.boxes = boxes

    return find


def dotted(size, *faces) -> Image.Image:
    """Black, with a face of three dots at each (x, y of the eyes' middle, size, tilt)."""
    canvas = np.zeros((size[1], size[0]), np.float32)
    for face in faces:
        radius = 0.05 * face[2]
        for (x, y), level in zip(dots(*face), (60, 60, 250), strict=True):
            low, high = int(y - 2 * radius), int(y + 2 * radius) + 2
            rows, columns = np.ogrid[low:high, : size[0]]
            inside = radius + 0.5 - np.hypot(rows - y, columns - x)  # soft by a pixel
            canvas[low:high] = np.maximum(canvas[low:high], level * inside.clip(0, 1))
    return Image.fromarray(canvas.astype(np.uint8)).convert("RGB")


def dots(x, y, size, tilt=0.0) -> np.ndarray:
    """Right eye, left eye and lip, (3, 2), of a face of this pose; tilt in radians."""
    across = np.array([np.cos(tilt), np.sin(tilt)])
    down = np.array([-across[1], across[0]])
    middle = np.array([x, y], float)
    return np.stack(
        [middle - 0.3 * size * across, middle + 0.3 * size * across, middle + 0.8 * size * down]
    )
