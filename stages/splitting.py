"""Splits that keep what is alike on one side: duplicates, near duplicates, look-alikes."""

import warnings

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from stages.errors import UserError

TRAIN, VALIDATION, TEST = 0, 1, 2
NAMES = ("train", "validation", "test")
CROWD = 8  # rows; smaller groups are no crowd, however small the share


def join(pairs: np.ndarray, n: int) -> np.ndarray:
    """Groups of rows that pairs connect, directly or through others: int32 (n,).

    Args:
        pairs: int (p, 2), rows that belong together.

    >>> join(np.array([[0, 2], [2, 3]]), 4).tolist()
    [0, 1, 0, 0]
    """
    pairs = np.asarray(pairs).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int32)


def fewest_folds(share: float) -> int:
    """The least number of equal parts of which some make up the share, to within 0.01.

    >>> fewest_folds(0.1), fewest_folds(0.35)
    (10, 14)
    """
    return next(n for n in range(2, 101) if abs(max(1, round(n * share)) / n - share) <= 0.01)


def without_large(
    candidates: np.ndarray, groups: np.ndarray, share: float
) -> tuple[np.ndarray, float]:
    """The candidates without groups that would fill half of what is held out, and the new share.

    One crowd of look-alikes would be most of a test split, and say little of others. All stay
    candidates where too few rows would be left to choose from.
    """
    wanted = share * len(candidates)
    sizes = np.bincount(groups[candidates])[groups[candidates]]
    fitting = candidates[sizes <= max(CROWD, wanted / 2)]
    if len(fitting) < 2 * wanted:
        return candidates, share
    return fitting, wanted / len(fitting)


def hold_out(
    candidates: np.ndarray, strata: np.ndarray, groups: np.ndarray, share: float, seed: int
) -> np.ndarray:
    """About this share of the candidates, whole groups of them, each stratum in proportion.

    Args:
        candidates: int (k,), rows to choose from.
        strata, groups: (n,), of all rows.
        share: of the candidates, from 0 to 0.5.

    Returns:
        int (about share * k,), sorted rows.

    Raises:
        UserError: there are too few rows, or too few groups.
    """
    candidates, share = without_large(candidates, groups, share)
    strata, groups = strata[candidates], groups[candidates]
    folds = fewest_folds(share)
    if folds > min(len(np.unique(groups)), np.bincount(strata).max()):
        raise UserError(
            f"enough rows that are not alike to hold out {share:.0%} of them",
            f"{len(candidates)} rows in {len(np.unique(groups))} groups",
            "Use more rows, or a larger share.",
        )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A rare stratum cannot be in every fold: that is no fault.
        warnings.filterwarnings("ignore", "The least populated class")
        parts = [part for _, part in splitter.split(candidates, strata, groups)]
    chosen = np.concatenate(parts[: max(1, round(folds * share))])
    return np.sort(candidates[chosen])


def counts(split: np.ndarray) -> dict[str, int]:
    """How many rows each side has."""
    return {name: int((split == side).sum()) for side, name in enumerate(NAMES)}
