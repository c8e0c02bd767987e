"""Which images may show the same person: faces brought to one place and compared.

Frames of one video are cropped differently, so whole images hardly correlate; the faces in them do.
"""

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from faces.core.progress import progress_bar
from faces.core.splitting import largest_group
from faces.keypoints.data.linkage import linked, merged
from faces.keypoints.points import FRAME, POINT_NAMES

EYES = [POINT_NAMES.index(f"{side}_eye_center") for side in ("left", "right")]
USUAL = np.array([[66.0, 37.0], [30.0, 37.0]])  # pixels; for faces whose eyes are not marked
SIDE, LEFT, RIGHT = 40, (29, 12), (11, 12)  # of a face brought to one place, and its eyes
FEW = 8000  # faces; so many are compared all with all


def clusters(images: np.ndarray, points: np.ndarray, likeness: float, seed: int) -> np.ndarray:
    """Groups of images with faces alike: int (n,), the same number for one group.

    Average linkage: the faces of two groups correlate on average less than `likeness`, so a chain
    of small steps does not join all.

    Args:
        images: uint8 (n, 96, 96). points: float (n, 15, 2), pixels, NaN where unknown.
        likeness: mean correlation, -1 to 1; 1 puts each image by itself.
        seed: of what an index of many faces learns.
    """
    faces = aligned(images, points)
    if likeness >= 1 or len(faces) < 2:
        return np.arange(len(faces))
    if len(faces) <= FEW:
        return linked(faces, likeness)
    return merged(faces, likeness, largest_group(len(faces)), seed)


def aligned(images: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Faces turned and scaled until their eyes lie in one place, light taken out.

    Returns:
        float32 (n, 1600), each row of mean 0 and length 1: products are correlations.
    """
    faces = np.empty((len(images), SIDE * SIDE), np.float32)
    eyes = np.where(
        np.isnan(points[:, EYES]).any(axis=(1, 2), keepdims=True), USUAL, points[:, EYES]
    )
    pairs = zip(images, eyes, strict=True)
    for row, (image, (left, right)) in enumerate(
        progress_bar(pairs, "align faces", len(images), False)
    ):
        faces[row] = evened(brought(image, left, right)).ravel()
    faces -= faces.mean(axis=1, keepdims=True)
    return faces / np.maximum(np.linalg.norm(faces, axis=1, keepdims=True), 1e-6)


def brought(image: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The face cut out so that the eyes come to lie at `LEFT` and `RIGHT`: (40, 40)."""
    step = (left - right) / (LEFT[0] - RIGHT[0])
    if not np.hypot(*step) > 0:
        step = np.array([FRAME / SIDE / 2, 0.0])
    turn = np.array([[step[0], -step[1]], [step[1], step[0]]])
    x, y = right - turn @ RIGHT
    coefficients = (turn[0, 0], turn[0, 1], x, turn[1, 0], turn[1, 1], y)
    photo = Image.fromarray(image)
    face = photo.transform(
        (SIDE, SIDE), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(face, np.float32)


def evened(face: np.ndarray) -> np.ndarray:
    """Keep what is between fine and coarse in a face, equally strong everywhere."""
    band = gaussian_filter(face, 1) - gaussian_filter(face, 6)
    return band / (np.sqrt(gaussian_filter(band**2, 6)) + 2)
