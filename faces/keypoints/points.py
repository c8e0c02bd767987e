"""The 15 keypoints of the competition: names, order, mirror images, annotator groups.

Coordinates are pixels of the 96x96 frame, x to the right and y down, counted from the centre
of the top left pixel: the last column is x = 95. "left" and "right" are the subject's.
"""

import numpy as np

FRAME = 96

POINT_NAMES = (
    "left_eye_center",
    "right_eye_center",
    "left_eye_inner_corner",
    "left_eye_outer_corner",
    "right_eye_inner_corner",
    "right_eye_outer_corner",
    "left_eyebrow_inner_end",
    "left_eyebrow_outer_end",
    "right_eyebrow_inner_end",
    "right_eyebrow_outer_end",
    "nose_tip",
    "mouth_left_corner",
    "mouth_right_corner",
    "mouth_center_top_lip",
    "mouth_center_bottom_lip",
)
N_POINTS = len(POINT_NAMES)

COLUMNS = tuple(f"{name}_{axis}" for name in POINT_NAMES for axis in "xy")

# The second group of annotators marked these four only, with other habits (a lower nose tip,
# for one), so that a network needs an output of its own for each of them.
FOUR_POINTS = tuple(
    POINT_NAMES.index(name)
    for name in ("left_eye_center", "right_eye_center", "nose_tip", "mouth_center_bottom_lip")
)
GROUP_15, GROUP_4 = 15, 4
# The outputs of the network: 15 points in the habits of the first group, four in the second's.
OUTPUT_NAMES = (*POINT_NAMES, *(f"{POINT_NAMES[i]}_of_{GROUP_4}" for i in FOUR_POINTS))
N_OUTPUTS = len(OUTPUT_NAMES)


def mirrored_name(name: str) -> str:
    """The point's name in the mirrored image.

    >>> mirrored_name("left_eye_center"), mirrored_name("nose_tip")
    ('right_eye_center', 'nose_tip')
    """
    swap = {"left": "right", "right": "left"}
    return "_".join(swap.get(word, word) for word in name.split("_"))


MIRROR = np.array([POINT_NAMES.index(mirrored_name(name)) for name in POINT_NAMES])
# The same for the outputs of the network: 15 points, then the four of the second group.
MIRROR_OUTPUTS = np.concatenate(
    [MIRROR, [N_POINTS + FOUR_POINTS.index(MIRROR[i]) for i in FOUR_POINTS]]
)


def annotator_group(known: np.ndarray) -> np.ndarray:
    """Which group of annotators marked each row: 4 if only points of the second group are known.

    Args:
        known: bool (n, 15), True where a point is known.

    Returns:
        int16 (n,), 15 or 4. A row without any point counts as 15.
    """
    others = np.delete(np.arange(N_POINTS), FOUR_POINTS)
    few = ~known[:, others].any(axis=1) & known.any(axis=1)
    return np.where(few, GROUP_4, GROUP_15).astype(np.int16)


def to_targets(points: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Make the targets of the network's outputs: NaN where this row does not tell.

    Args:
        points: float (n, 15, 2), pixels, NaN where unknown.
        group: int (n,), 15 or 4.

    Returns:
        float32 (n, 19, 2): rows of group 15 fill the first 15, rows of group 4 the last 4.
    """
    targets = np.full((len(points), N_OUTPUTS, 2), np.nan, np.float32)
    first, second = group == GROUP_15, group == GROUP_4
    targets[first, :N_POINTS] = points[first]
    targets[second, N_POINTS:] = points[second][:, FOUR_POINTS]
    return targets


def with_missing_habits(targets: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Targets to train on, where one group of annotators has no rows at all.

    With complete rows only, nobody shows the habits of the second group: its outputs then learn
    those of the first, which is the best guess for the images that ask for them. And the reverse.

    Args:
        targets: float (n, 19, 2), NaN where unknown. known: bool (19,), outputs that some row of
            the data set tells.
    """
    filled = targets.copy()
    for second, first in enumerate(FOUR_POINTS, N_POINTS):
        if not known[second]:
            filled[:, second] = targets[:, first]
        elif not known[first]:
            filled[:, first] = targets[:, second]
    return filled


def from_outputs(outputs: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The 15 points of each image, in the habits of its annotator group.

    Args:
        outputs: float (n, 19, 2), pixels, as the network gives them.
        group: int (n,), 15 or 4.

    Returns:
        float32 (n, 15, 2). In group 4, the four points come from its own outputs.
    """
    points = outputs[:, :N_POINTS].astype(np.float32)
    second = np.flatnonzero(group == GROUP_4)
    points[np.ix_(second, FOUR_POINTS)] = outputs[second, N_POINTS:]
    return points


def clip_to_frame(points: np.ndarray) -> tuple[np.ndarray, int]:
    """Points moved into the frame, 0 to 96 pixels, and how many coordinates lay outside."""
    outside = int(((points < 0) | (points > FRAME)).sum())
    return np.clip(points, 0, FRAME), outside


def mirror(points: np.ndarray) -> np.ndarray:
    """Outputs (n, 19, 2) as they are in the mirror image, under their names there."""
    swapped = points[:, MIRROR_OUTPUTS].copy()
    swapped[..., 0] = FRAME - 1 - swapped[..., 0]
    return swapped
