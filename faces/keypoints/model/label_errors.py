"""Rows whose points belong to another face, as it seems."""

import numpy as np


def suspicion(answers: np.ndarray, target: np.ndarray) -> np.ndarray:
    """How far each row's points lie from what was expected: RMSE in pixels, float (n,).

    Args:
        answers: (n, 19, 2), by networks that have not seen the row.
        target: (n, 19, 2), NaN where unknown. A row without any known point has 0.
    """
    known = np.isfinite(target)
    squares = np.where(known, answers - target, 0) ** 2
    return np.sqrt(squares.sum(axis=(1, 2)) / np.maximum(known.sum(axis=(1, 2)), 1))
