"""Splits that keep what is alike on one side: duplicates, near duplicates, look-alikes."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

TRAIN, VALIDATION, TEST = 0, 1, 2
NAMES = ("train", "validation", "test")


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
    """
    folds = max(2, round(1 / share))
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    _, chosen = next(splitter.split(candidates, strata[candidates], groups[candidates]))
    return np.sort(candidates[chosen])


def counts(split: np.ndarray) -> dict[str, int]:
    """How many rows each side has."""
    return {name: int((split == side).sum()) for side, name in enumerate(NAMES)}
