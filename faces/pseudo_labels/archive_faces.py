"""Crop the faces of the keypoint archive as the photos are cropped, for pseudo-labels.

Nobody said what they show. But they come from videos, small, blurred and badly lit, as the
photos do not; a network that learns from the answers of a first network for them knows such faces
too (pseudo-labels, Lee 2013; with more augmentation than the first network saw, Xie et al. 2020,
arXiv:1911.04252).
"""

import numpy as np

from faces.core.progress import progress_bar
from faces.detection.alignment import Framing, cut, poses, to_crop
from faces.keypoints.points import FOUR_POINTS, N_POINTS


def points_of(targets: np.ndarray) -> np.ndarray:
    """The 15 points of each row, whoever marked them: float (n, 15, 2), NaN where unknown.

    Args:
        targets: (n, 19, 2), as the split has them.
    """
    points = targets[:, :N_POINTS].copy()
    for second, first in enumerate(FOUR_POINTS, N_POINTS):
        points[:, first] = np.where(
            np.isnan(points[:, first]), targets[:, second], points[:, first]
        )
    return points


def crops(images: np.ndarray, points: np.ndarray, framing: Framing, side: int) -> np.ndarray:
    """Each face as it would lie in a photo of the set: uint8 (n, side, side, 3), all gray.

    Args:
        images: uint8 (n, 96, 96). points: float (n, 15, 2), eyes and lower lip known.
        framing: of the photos.
    """
    found = np.empty((len(images), side, side, 3), np.uint8)
    pairs = zip(images, poses(points), strict=True)
    for row, (image, pose) in enumerate(progress_bar(pairs, "cut faces", len(images), False)):
        found[row] = cut(image, to_crop(pose, framing, side), side)[..., None]
    return found


def placed(points: np.ndarray) -> np.ndarray:
    """Which faces can be cut out: bool (n,), eyes and lower lip are known."""
    return np.isfinite(poses(points)).all(axis=1)
