"""How two groups of annotators mark a face. Points are (15, 2) in pixels of the 96x96 frame."""

import numpy as np

from faces.keypoints.points import POINT_NAMES

FOUR = ("left_eye_center", "right_eye_center", "nose_tip", "mouth_center_bottom_lip")
FOUR_INDEX = tuple(POINT_NAMES.index(name) for name in FOUR)
NOSE, LIP = POINT_NAMES.index("nose_tip"), POINT_NAMES.index("mouth_center_bottom_lip")
# Brow ends are matters of taste; eye centres are not.
SPREAD = np.array([0.45, 0.45, 0.6, 0.6, 0.6, 0.6, 0.9, 1.1, 0.9, 1.1, 0.7, 0.8, 0.8, 0.6, 0.7])


def habit(points: np.ndarray, group: str) -> np.ndarray:
    """Where a group believes the points to be: "A" at the true ones, "B" lower on the nose.

    B marks the base of the nose (some 5.4 px below its tip) and the middle of the lower lip
    (some 4.5 px above its edge), along the face's own axis.
    """
    if group == "A":
        return points
    moved = points.copy()
    eyes, mouth = points[:2].mean(0), points[11:13].mean(0)
    axis = mouth - eyes
    moved[:2] += [0.3, -0.3]
    midline = eyes + axis * np.dot(points[NOSE] - eyes, axis) / np.dot(axis, axis)
    moved[NOSE] += 0.15 * axis + 0.2 * (midline - points[NOSE])
    moved[LIP] -= 0.125 * axis
    return moved


def mark(points: np.ndarray, group: str, rng: np.random.Generator) -> np.ndarray:
    """Labels (15, 2) of one row: a group's habit and a trembling hand; nan where not asked."""
    labels = habit(points, group) + SPREAD[:, None] * rng.standard_normal((15, 2))
    if group == "B":
        unmarked = np.setdiff1d(np.arange(15), FOUR_INDEX)
        labels[unmarked] = np.nan
    return np.clip(labels, 0, 95.9)


def with_holes(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels of which one or two known points are missing."""
    known = np.flatnonzero(~np.isnan(labels[:, 0]))
    holed = labels.copy()
    holed[rng.choice(known, rng.integers(1, 3), replace=False)] = np.nan
    return holed
