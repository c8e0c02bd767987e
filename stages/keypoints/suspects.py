"""Rows whose points belong to another face, as it seems."""

import numpy as np
from matplotlib.figure import Figure

from stages.drawing import points, sheet


def suspicion(answers: np.ndarray, target: np.ndarray) -> np.ndarray:
    """How far each row's points lie from what was expected: RMSE in pixels, float (n,).

    Args:
        answers: (n, 19, 2), by networks that have not seen the row.
        target: (n, 19, 2), NaN where unknown. A row without any known point has 0.
    """
    known = np.isfinite(target)
    squares = np.where(known, answers - target, 0) ** 2
    return np.sqrt(squares.sum(axis=(1, 2)) / np.maximum(known.sum(axis=(1, 2)), 1))


def picture(data: dict, answers: np.ndarray, doubt: np.ndarray, rows: np.ndarray) -> Figure:
    """These rows with their points, and those expected.

    Args:
        data: `image` (n, 96, 96, 1), `target` (n, 19, 2). answers: (n, 19, 2). doubt: (n,).
        rows: int (k,), which to show, in this order.
    """

    def draw(axis, i):
        points(axis, data["target"][rows[i]], answers[rows[i]])

    title = "Labels in doubt. Green: marked. Red: by networks trained on other rows."
    return sheet(data["image"][rows], [f"{doubt[i]:.1f} px apart" for i in rows], title, draw)
