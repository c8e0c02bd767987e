"""Where a face lies in a photo, and the crop of it that is framed as the training photos were.

A face's pose is where the middle between its eyes lies, how large it is and how far it is tilted.
Its size is the hypotenuse of the distance between the eyes and of that from their middle to the
lower lip: a turned head brings the eyes together and a nod the lip closer, but seldom both. In
the training photos that size varies by 5% of the crop's side, the distance between the eyes by 9%.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from faces.keypoints.points import POINT_NAMES

LEFT, RIGHT, LIP = (
    POINT_NAMES.index(name)
    for name in ("left_eye_center", "right_eye_center", "mouth_center_bottom_lip")
)
LARGEST = 2**15 - 1  # pixels of a side that OpenCV can warp
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
    return pose_of(middle, across, points[:, LIP] - middle)


def pose_of(middle: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """The same of the middle between the eyes, the way from the right eye to the left one, and
    that from their middle to the lower lip, each (n, 2)."""
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


def box_of(pose: np.ndarray, framing: Framing, photo_size: tuple[int, int]) -> list[int]:
    """The upright square round a face that its crop would show, cut at the edges.

    Returns:
        [x, y, width, height], pixels.
    """
    x, y, size, tilt = pose
    side = size / framing.width
    right, down = (0.5 - framing.x) * side, (0.5 - framing.y) * side
    centre = np.array([x, y]) + [
        right * np.cos(tilt) - down * np.sin(tilt),
        right * np.sin(tilt) + down * np.cos(tilt),
    ]
    low = np.clip(centre - side / 2, 0, np.array(photo_size) - 1).round().astype(int)
    high = np.clip(centre + side / 2, 1, photo_size).round().astype(int)
    return [*low.tolist(), *np.maximum(high - low, 1).tolist()]


def cut(image: np.ndarray, to_frame: np.ndarray, side: int) -> np.ndarray:
    """The crop of an image, (side, side) or (side, side, 3); beyond the edge, the edge repeats.

    Args:
        image: uint8 (h, w) or (h, w, 3). to_frame: of `to_crop`.
    """
    image, to_frame = reduced(image, np.asarray(to_frame, float), side)
    fine = to_frame * OVERSAMPLING
    fine[:, 2] += (OVERSAMPLING - 1) / 2
    size = (side * OVERSAMPLING, side * OVERSAMPLING)
    crop = cv2.warpAffine(
        image, fine, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)


def reduced(image: np.ndarray, to_frame: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """The part of a large image that a crop shows, made smaller by a whole number, and its map.

    So that each pixel of the crop is a mean of those that it covers.
    """
    scale = OVERSAMPLING * np.sqrt(abs(np.linalg.det(to_frame[:, :2])))
    times = max(1, int(1 / max(scale, 1e-6)))
    if times == 1 and max(image.shape) < LARGEST:
        return image, to_frame
    corners = back(np.array([[0, 0], [side, 0], [0, side], [side, side]]), to_frame)
    sizes = np.array(image.shape[1::-1])
    low = np.clip(corners.min(axis=0) - 2 * times, 0, sizes - 1).astype(int)
    high = np.clip(corners.max(axis=0) + 2 * times, low + 1, sizes).astype(int)
    number = np.maximum((high - low) // times, 1)
    high = np.minimum(low + number * times, sizes)  # whole cells: all of one size
    part = image[low[1] : high[1], low[0] : high[0]]
    step = (high - low) / number
    small = cv2.resize(part, tuple(number.tolist()), interpolation=cv2.INTER_AREA)
    linear = to_frame[:, :2] * step
    shift = to_frame[:, 2] + to_frame[:, :2] @ (low + (step - 1) / 2)
    return small, np.column_stack([linear, shift])


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
