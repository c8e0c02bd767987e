"""The faces of the keypoint archive, cut out as photos are, and what a first network says of them.

Nobody said what they show. But they come from videos, small, blurred and badly lit, as the
photos do not; a network that has learned from its teacher's answers for them knows such faces too
(pseudo-labels, Lee 2013; a student that is disturbed more than its teacher, Xie et al. 2020,
arXiv:1911.04252).
"""

from pathlib import Path

import numpy as np

from stages.faces.frame import Framing, cut, poses, to_crop
from stages.keypoints.labels import FOUR_POINTS, N_POINTS
from stages.progress import progress_bar
from stages.training import members


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


def joined(parts: list[dict]) -> dict[str, np.ndarray]:
    """Put the arrays of all parts one after the other, by their names."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def answered(
    network, answer, settings: dict, photos: dict, faces, validation: dict, seed: int, kept: Path
) -> dict[str, np.ndarray]:
    """Train a first network on photos, and take its answers for faces as their labels.

    Args:
        network, answer: modules of the task. settings: the task's section, with `lr`; `teach` has
            what is another for the first network; with `epochs` 0 no face is answered for.
        photos, validation: `image` uint8 (n, side, side, 3), `target` (n, classes).
        faces: uint8 (m, side, side, 3). kept: folder of finished networks.

    Returns:
        `image` and `target` of the faces: float32 (m, classes), probabilities.
    """
    if not settings["teach"]["epochs"] or not len(faces):
        return {name: array[:0] for name, array in photos.items()}
    first = {**settings, **settings["teach"], "members": 1}
    model, _ = members.train_members(network, first, photos, validation, seed, kept)
    answers = answer.outputs(model, faces, settings["flip_average"], settings["views"])
    return {"image": np.asarray(faces), "target": answers.astype(np.float32)}
