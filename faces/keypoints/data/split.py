"""Train, validation and test rows; images that look alike stay together."""

import numpy as np
import pandas as pd

from faces.core.errors import UserError
from faces.core.progress import progress_bar
from faces.core.splitting import (
    NAMES,
    TEST,
    TRAIN,
    VALIDATION,
    counts,
    hold_out,
    join_closest,
    neighbours,
)
from faces.data import nearby
from faces.keypoints.data.likeness import clusters
from faces.keypoints.points import FRAME, OUTPUT_NAMES, to_targets, with_missing_habits

SMALL = 16
BLOCK = 1024
FEW = 8000  # images; so many are compared all with all
CERTAIN = 2  # above any correlation


def split(
    arrays: dict[str, np.ndarray], settings: dict, seed: int
) -> tuple[dict[str, np.ndarray], list[str], pd.DataFrame, dict]:
    """The arrays of each side, names of the outputs, where each row went, and counts.

    Args:
        arrays: `images`, `points`, `group`, `row` as `clean` gives them.
        settings: `validation`, `test`: shares of the rows. `alike`: correlation of small copies
            from which two images count as the same face. `same_face`: mean correlation of aligned
            faces from which they count as frames of one person.

    Returns:
        Arrays `train_images` uint8 (n, 96, 96, 1), `train_target` float32 (n, 19, 2) as
        `points.to_targets` makes it, `train_group`, and so for `validation` and `test`; the 19
        names of the outputs; a table of `row` (of training.csv), `alike` (rows with the same
        number are look-alikes) and `split`; counts of rows and of groups of look-alikes.
    """
    groups = together(arrays["images"], arrays["points"], settings, seed)
    sides = choose_sides(np.asarray(arrays["group"]), groups, settings, seed)
    target = to_targets(np.asarray(arrays["points"]), np.asarray(arrays["group"]))
    columns = {
        "images": arrays["images"][..., None],
        "target": target,
        "group": arrays["group"],
    }
    chosen = {
        f"{name}_{key}": np.asarray(column[sides == side])
        for side, name in enumerate(NAMES)
        for key, column in columns.items()
    }
    known = np.isfinite(target).all(axis=2).any(axis=0)
    for name in ("train", "validation"):
        chosen[f"{name}_target"] = with_missing_habits(chosen[f"{name}_target"], known)
    table = pd.DataFrame({"row": arrays["row"], "alike": groups, "split": np.array(NAMES)[sides]})
    sizes = np.bincount(groups)
    return (
        chosen,
        list(OUTPUT_NAMES),
        table,
        {
            **counts(sides),
            "groups": len(sizes),
            "rows_with_a_look_alike": int(sizes[sizes > 1].sum()),
            "largest_group": int(sizes.max()),
        },
    )


def together(images: np.ndarray, points: np.ndarray, settings: dict, seed: int) -> np.ndarray:
    """Groups of images that stay on one side: look-alikes, and faces alike once aligned.

    Returns:
        int32 (n,), the same number for one group.
    """
    same = neighbours(clusters(images, points, settings["same_face"], seed))
    pairs, likeness = alike_pairs(images, settings["alike"], seed)
    certain = np.full(len(same), CERTAIN, np.float32)
    both = np.concatenate([pairs, same]), np.concatenate([likeness, certain])
    return join_closest(*both, len(images))


def choose_sides(strata: np.ndarray, groups: np.ndarray, settings: dict, seed: int) -> np.ndarray:
    """TRAIN, VALIDATION or TEST for each row, int8 (n,); every side has rows.

    Raises:
        UserError: there are too few rows, or too few groups, for three sides.
    """
    if settings["validation"] + settings["test"] >= 1:
        shares = f"{settings['validation']:g} + {settings['test']:g}"
        expected = "keypoints.split.validation + keypoints.split.test below 1"
        raise UserError(expected, shares, "Leave rows to train on.")
    sides = np.full(len(groups), TRAIN, np.int8)
    for side, name in ((TEST, "test"), (VALIDATION, "validation")):
        rest = np.flatnonzero(sides == TRAIN)
        share = settings[name] * len(groups) / len(rest)
        sides[hold_out(rest, strata, groups, share, seed, name)] = side
    if len(np.unique(sides)) < len(NAMES):
        todo = "Use more rows, other shares, or a higher keypoints.split.alike."
        raise UserError("rows for train, validation and test", str(counts(sides)), todo)
    return sides


def alike_pairs(
    images: np.ndarray, threshold: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Find pairs of images whose small copies correlate at least this much.

    Args:
        images: uint8 (n, 96, 96). threshold: -1 to 1; only an image's copy, brightness and
            contrast aside, reaches 1. seed: of what an index of many images learns.

    Returns:
        int (p, 2), the pairs, and float32 (p,), how far they correlate.
    """
    small = small_copies(images)
    if len(small) > FEW:
        return nearby.alike(lambda rows: small[rows], len(small), threshold, seed)
    pairs, likenesses = [], []
    starts = range(0, len(small), BLOCK)
    for start in progress_bar(starts, desc="compare images", leave=False):
        for other in starts[start // BLOCK :]:  # tiles: a strip would grow with the data
            likeness = small[start : start + BLOCK] @ small[other : other + BLOCK].T
            first, second = np.nonzero(likeness >= threshold - 1e-6)
            later = second + other > first + start
            first, second = first[later], second[later]
            pairs.append(np.stack([first + start, second + other], axis=1))
            likenesses.append(likeness[first, second])
    return np.concatenate(pairs), np.concatenate(likenesses)


def small_copies(images: np.ndarray) -> np.ndarray:
    """Images averaged down to 16x16, mean 0 and length 1: float32 (n, 256)."""
    side = FRAME // SMALL
    small = np.empty((len(images), SMALL * SMALL), np.float32)
    for start in range(0, len(images), BLOCK):
        part = np.asarray(images[start : start + BLOCK], np.float32)
        part = part.reshape(-1, SMALL, side, SMALL, side).mean(axis=(2, 4))
        small[start : start + BLOCK] = part.reshape(len(part), -1)
    small -= small.mean(axis=1, keepdims=True)
    return small / np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-6)
