"""Where a face lies in a photo, and the crop of it that is framed as the training photos were.

A face's pose is where the middle between its eyes lies, how large it is and how far it is tilted.
Its size is the hypotenuse of the distance between the eyes and of that from their middle to the
lower lip: a turned head brings the eyes together and a nod the lip closer, but seldom both. In
the training photos that size varies by 5% of the crop's side, the distance between the eyes by 9%.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from stages.keypoints.labels import POINT_NAMES

LEFT, RIGHT, LIP = (
    POINT_NAMES.index(name)
    for name in ("left_eye_center", "right_eye_center", "mouth_center_bottom_lip")
)
OVERSAMPLING = 2  # crops are cut at twice their size and averaged: nothing flickers in between


@dataclass(frozen=True)
class Framing:
    """How faces lie in the photos that a network was trained on, as shares of the crop's sides.

    Attributes:
        width, height: the face's size by the crop's width, and by its height; they differ where
            photos of another shape were made square.
        x, y: the middle between the eyes.
    """

    width: float
    height: float
    x: float
    y: float


def poses(points: np.ndarray) -> np.ndarray:
    """Pose of each face: eye centre x and y and size, pixels, and tilt, radians.

    Args:
        points: float (n, 15, 2), pixels.

    Returns:
        float (n, 4). The tilt is positive where the subject's left eye lies lower.
    """
    points = np.asarray(points, float)
    middle = (points[:, LEFT] + points[:, RIGHT]) / 2
    across = points[:, LEFT] - points[:, RIGHT]
    down = points[:, LIP] - middle
    size = np.sqrt((across**2).sum(axis=1) + (down**2).sum(axis=1))
    # Eyes and mouth both tell the tilt; on a turned head the eyes alone are too close to.
    axis = across + np.stack([down[:, 1], -down[:, 0]], axis=1)
    tilt = np.arctan2(axis[:, 1], axis[:, 0])
    return np.column_stack([middle, size, tilt])


def to_crop(pose: np.ndarray, framing: Framing, side: int) -> np.ndarray:
    """The affine map from pixels of the photo to pixels of the crop, float (2, 3).

    Args:
        pose: of `poses`. side: of the crop, pixels.
    """
    x, y, size, tilt = pose
    cos, sin = np.cos(tilt), np.sin(tilt)
    scale = np.array([[framing.width], [framing.height]]) * side / max(size, 1e-6)
    turn = np.array([[cos, sin], [-sin, cos]]) * scale
    eyes = np.array([framing.x, framing.y]) * side - 0.5
    return np.column_stack([turn, eyes - turn @ [x, y]])


def cut(image: np.ndarray, to_frame: np.ndarray, side: int) -> np.ndarray:
    """The crop of an image, (side, side) or (side, side, 3); beyond the edge, the edge repeats.

    Args:
        image: uint8 (h, w) or (h, w, 3). to_frame: of `to_crop`.
    """
    fine = np.asarray(to_frame, float) * OVERSAMPLING
    fine[:, 2] += (OVERSAMPLING - 1) / 2
    size = (side * OVERSAMPLING, side * OVERSAMPLING)
    crop = cv2.warpAffine(
        image, fine, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)


def back(points: np.ndarray, to_frame: np.ndarray) -> np.ndarray:
    """Points (k, 2) of a crop, in pixels of the photo."""
    return (np.asarray(points, float) - to_frame[:, 2]) @ np.linalg.inv(to_frame[:, :2]).T


def measured(points: np.ndarray, upright: np.ndarray | None = None) -> Framing:
    """The framing of photos in which the faces' points are known or predicted.

    Args:
        points: float (n, 15, 2), shares of the photo's sides, of photos that may be squeezed.
        upright: the same of photos that are not squeezed; None where `points` are those.

    Returns:
        Medians over the photos.
    """
    middle = np.median((points[:, LEFT] + points[:, RIGHT]) / 2, axis=0)
    eyes, lip = spans(points)
    true_eyes, true_lip = spans(points if upright is None else upright)
    ratio = np.median(true_lip / true_eyes)
    return Framing(
        width=round(float(np.median(eyes) * np.hypot(1, ratio)), 4),
        height=round(float(np.median(lip) * np.hypot(1, 1 / ratio)), 4),
        x=round(float(middle[0]), 4),
        y=round(float(middle[1]), 4),
    )


def spans(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance between the eyes, and from their middle to the lower lip, of each face."""
    middle = (points[:, LEFT] + points[:, RIGHT]) / 2
    eyes = np.linalg.norm(points[:, LEFT] - points[:, RIGHT], axis=1)
    return eyes, np.linalg.norm(points[:, LIP] - middle, axis=1)
