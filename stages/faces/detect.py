"""Where faces may be in a photo: OpenCV's cascades and dlib's HOG detector, none downloaded.

Each misses faces that another finds, and each takes other things for faces. So all are asked to
find too much, and boxes that lie on each other become one candidate with what each said of it.
Which candidates are faces is decided in `verify`, with the keypoint network's word.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

LONGEST = 1000  # pixels; larger photos are searched on a copy of this size
SMALLEST = 30  # pixels of that copy; smaller faces are too few pixels to answer for
MARGIN = 0.25  # of the shorter side, repeated around the photo: a face may fill it
SAME = 0.3  # boxes that share more of their union lie on the same face
LOWEST = -1.0  # dlib's score from which a box is a candidate; its own limit is 0


@dataclass(frozen=True)
class Candidate:
    """A box that may hold a face, and who says so.

    Attributes:
        box: centre x and y and side, pixels of the photo.
        votes: what each of `DETECTORS` said: neighbours (cascades), score + 1 (dlib), 0 if it
            found nothing there.
    """

    box: np.ndarray
    votes: np.ndarray


DETECTORS = ("default", "alt2", "dlib")
CASCADES = {
    "default": "haarcascade_frontalface_default.xml",
    "alt2": "haarcascade_frontalface_alt2.xml",
}
STRONG = np.array([10.0, 10.0, 1.5])  # votes of a face that is easily seen
# Steps between sizes, and the neighbours from which a box is a candidate: few.
STEP, NEIGHBOURS = 1.1, 2
# Where the detectors lay their boxes round a face, which is as `pose_of` says: shift down and
# size of their square, shares of its side. Medians over faces whose points are known.
MORE_DOWN = {"default": 0.02, "alt2": 0.03, "dlib": -0.05}
MORE_SIDE = {"default": 1.03, "alt2": 1.09, "dlib": 1.14}


class Detectors:
    """The three detectors, loaded once. Not for several threads at a time."""

    def __init__(self):
        import dlib

        folder = cv2.data.haarcascades
        self.cascades = {n: cv2.CascadeClassifier(folder + f) for n, f in CASCADES.items()}
        self.hog = dlib.get_frontal_face_detector()

    def candidates(self, photo: Image.Image) -> list[Candidate]:
        """Where faces may be, the most likely first.

        Args:
            photo: RGB, of any size.
        """
        gray, scale, margin = prepared(photo)
        boxes, votes = [], []
        for which, detector in enumerate(DETECTORS):
            for (x, y, side), vote in self.boxes_of(detector, gray):
                boxes.append((x, y + MORE_DOWN[detector] * side, side * MORE_SIDE[detector]))
                votes.append(np.eye(len(DETECTORS))[which] * vote)
        found = merge(np.reshape(boxes, (-1, 3)), np.reshape(votes, (-1, len(DETECTORS))))
        for candidate in found:
            candidate.box[:2] = (candidate.box[:2] - margin + 0.5) / scale - 0.5
            candidate.box[2] /= scale
        return found

    def boxes_of(self, detector: str, gray: np.ndarray):
        """Yields ((centre x, centre y, side), vote), pixels of the gray picture."""
        if detector == "dlib":
            found, scores, _ = self.hog.run(gray, 1, LOWEST)
            for box, score in zip(found, scores, strict=True):
                centre = box.center()
                yield (centre.x, centre.y, box.width()), 1 + score
            return
        even = cv2.equalizeHist(gray)
        found, neighbours = self.cascades[detector].detectMultiScale2(
            even, STEP, NEIGHBOURS, minSize=(SMALLEST, SMALLEST)
        )
        for (x, y, width, height), count in zip(found, neighbours, strict=True):
            yield (x + (width - 1) / 2, y + (height - 1) / 2, width), count


def prepared(photo: Image.Image) -> tuple[np.ndarray, float, int]:
    """What is searched: a gray copy, not too large, its edges repeated around it.

    Returns:
        uint8 (h, w), its scale against the photo, and the width of the margin in pixels.
    """
    scale = min(1.0, LONGEST / max(photo.size))
    size = [max(1, round(side * scale)) for side in photo.size]
    small = (
        photo.convert("L")
        if scale == 1
        else photo.resize(size, Image.Resampling.BOX, reducing_gap=2).convert("L")
    )
    margin = round(MARGIN * min(size))
    gray = cv2.copyMakeBorder(
        np.asarray(small), margin, margin, margin, margin, cv2.BORDER_REPLICATE
    )
    return gray, scale, margin


def merge(boxes: np.ndarray, votes: np.ndarray) -> list[Candidate]:
    """Boxes that lie on each other become one: the strongest, with the votes of all.

    Args:
        boxes: float (n, 3), centre x and y and side. votes: float (n, detectors).
    """
    strength = (votes / STRONG).sum(axis=1)
    left, merged = np.argsort(-strength, kind="stable"), []
    while len(left):
        shared = overlap(boxes[left[0]], boxes[left])
        same = left[shared > SAME]
        merged.append(Candidate(boxes[left[0]].copy(), votes[same].max(axis=0)))
        left = left[shared <= SAME]
    return merged


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of a square with others; (3,) and (n, 3) to (n,)."""
    centre, side = others[:, :2], others[:, 2:]
    low = np.maximum(box[:2] - box[2] / 2, centre - side / 2)
    high = np.minimum(box[:2] + box[2] / 2, centre + side / 2)
    both = np.prod(np.maximum(high - low, 0), axis=1)
    return both / (box[2] ** 2 + others[:, 2] ** 2 - both)
