"""Which candidates are faces, by what the detectors and the keypoint network say of each.

A detector takes a clock or a fold of cloth for a face; the keypoint network then finds no eyes
there: its heatmaps are spread, the mirror image's points lie elsewhere, and cutting the crop anew
round the points moves them again.
"""

import numpy as np

from stages.faces.detect import STRONG
from stages.faces.frame import Framing, poses

FARTHEST = 0.6  # of the face's size: how far from a detector's box the eyes may lie
SCALES = (0.6, 1.6)  # of the box's size
TILT = np.radians(45)
NEXT = 0.6  # of the larger face's size: eyes of two faces are further apart
MOVED = 0.02  # of the face's size: how far the second crop moves the points of a typical face
# A logistic regression over 1,647 candidates in 1,200 made-up video frames of 320 to 640 pixels, of
# the real photos' train split, as `python -m bench.belief` makes them: faces, photos upside down,
# and grounds without any; blurred, dark, noisy and compressed (JPEG 30 to 60). Rounded; the
# bias 0.2 above the fitted one, since faces are dearer than mistakes: 5 in the 1,200 frames. How
# far points move tells nothing that the rest does not. The same for every network with heatmaps,
# since its doubt is measured by its usual one.
WEIGHTS = np.array([0.4, 0.2, 3.5, -2.7, -1.1, 0.0])
BIAS = 1.3
# The same over 218 candidates in 121 frames, for those of which less is known: no detector sees
# anything, or the network has no heatmaps, whose spread says most.
WEIGHTS_OF_LESS = np.array([0.1, 1.1, 2.2, -2.3, -1.8, -0.2])
BIAS_OF_LESS = 0.8
# Belief from which a candidate is a face; for a photo as a whole less is enough. On the real
# photos' validation split, none of 1,253 corners, halves and upside-down portraits taken for such a
# photo is believed more than -2.0, and of 22 tightly cut portraits in which nothing else is
# believed, 10 are more than -1.2.
BELIEF, BELIEF_OF_WHOLE = 0.0, -1.2
# Usual spread of the heatmaps, pixels of the 96x96 crop, up to which a network can tell faces
# without a detector: 5 to 6 after the default trainings, 39 after two epochs.
SURE = 10.0


def pose_of(boxes: np.ndarray, framing: Framing) -> np.ndarray:
    """Poses (n, 4) of upright faces whose keypoint crops are these boxes (n, 3)."""
    x = boxes[:, 0] + (framing.x - 0.5) * boxes[:, 2]
    y = boxes[:, 1] + (framing.y - 0.5) * boxes[:, 2]
    return np.column_stack([x, y, framing.width * boxes[:, 2], np.zeros(len(boxes))])


def box_as_framed(photo_size: tuple[int, int], photo: Framing, crop: Framing) -> np.ndarray:
    """The box of a face that lies in a photo as a framing says: centre x and y and side, pixels.

    Args:
        photo: how the face lies in it. crop: of keypoint crops, which are such boxes.
    """
    width, height = photo_size
    side = np.sqrt(photo.width * width * photo.height * height) / crop.width
    x, y = photo.x * width + (0.5 - crop.x) * side, photo.y * height + (0.5 - crop.y) * side
    return np.array([x, y, side])


def near(found: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Poses, kept near those of the boxes: what is no face would lead far away."""
    kept = found.copy()
    step = found[:, :2] - first[:, :2]
    length = np.linalg.norm(step, axis=1) + 1e-9
    most = FARTHEST * first[:, 2]
    kept[:, :2] = first[:, :2] + step * np.minimum(1, most / length)[:, None]
    kept[:, 2] = np.clip(found[:, 2], SCALES[0] * first[:, 2], SCALES[1] * first[:, 2])
    kept[:, 3] = np.clip(found[:, 3], -TILT, TILT)
    return kept


def box_of(pose: np.ndarray, framing: Framing, photo_size: tuple[int, int]) -> list[int]:
    """The upright square round a face that its keypoint crop would show, cut at the edges.

    Returns:
        [x, y, width, height], pixels.
    """
    x, y, size, tilt = pose
    side = size / framing.width
    right, down = (0.5 - framing.x) * side, (0.5 - framing.y) * side
    x += right * np.cos(tilt) - down * np.sin(tilt)
    y += right * np.sin(tilt) + down * np.cos(tilt)
    low = [
        round(float(np.clip(c - side / 2, 0, s - 1)))
        for c, s in zip((x, y), photo_size, strict=True)
    ]
    high = [
        round(float(np.clip(c + side / 2, 1, s))) for c, s in zip((x, y), photo_size, strict=True)
    ]
    return [*low, *(max(1, h - v) for h, v in zip(high, low, strict=True))]


def belief(
    votes: np.ndarray,
    doubt: np.ndarray,
    usual: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
) -> np.ndarray:
    """How surely each candidate is a face: a logistic regression's score, above 0 for a face.

    Args:
        votes: of the detectors, (n, 3).
        doubt: of the keypoint network, (n, 2), of the second crop.
        usual: its doubt of the photos that it was trained on, (2,).
        first, second: points (n, 15, 2) of the first crop and of the second, pixels.

    Returns:
        (n,); -inf where no detector sees anything and the network has no heatmaps either.
    """
    found = features(votes, doubt, usual, first, second)
    unseen, blind = (votes == 0).all(axis=1), np.isnan(doubt[:, 0])
    less = found @ WEIGHTS_OF_LESS + BIAS_OF_LESS
    score = np.where(unseen | blind, less, found @ WEIGHTS + BIAS)
    return np.where(unseen & blind, -np.inf, score)


def tells_faces(usual: np.ndarray) -> bool:
    """Whether the keypoint network can be asked of what no detector sees; never without heatmaps.

    Args:
        usual: its doubt of the photos that it was trained on, (2,).
    """
    return bool(usual[0] <= SURE)


def features(votes, doubt, usual, first, second) -> np.ndarray:
    """What `belief` is made of, (n, 6)."""
    size = np.maximum(poses(second)[:, 2], 1e-6)
    moved = np.median(np.linalg.norm(first - second, axis=2), axis=1) / size
    # A network without heatmaps has no spread: then it tells neither way.
    unsure = np.log(np.maximum(np.nan_to_num(doubt / usual, nan=1.0), 0.1))
    still = np.log(np.maximum(moved, 0.005) / MOVED)
    return np.column_stack([np.minimum(votes / STRONG, 2.0), unsure, still])


def choose(
    found: np.ndarray, belief: np.ndarray, owner: np.ndarray, least: float = BELIEF
) -> np.ndarray:
    """The candidates that are faces, each face once, the surest first.

    Args:
        found: poses (n, 4), pixels. belief: (n,). owner: int (n,), the photo of each.
        least: what is not believed more than this is no face.

    Returns:
        int (k,), positions.
    """
    chosen: list[int] = []
    for i in np.argsort(-belief, kind="stable"):
        if belief[i] <= least:
            break
        rivals = [j for j in chosen if owner[j] == owner[i]]
        apart = np.linalg.norm(found[rivals, :2] - found[i, :2], axis=1)
        if (apart > NEXT * np.maximum(found[rivals, 2], found[i, 2])).all():
            chosen.append(int(i))
    return np.array(chosen, int)
