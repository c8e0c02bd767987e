"""Rows whose points belong to another face, as it seems."""

import numpy as np
from matplotlib.figure import Figure

from stages.drawing import ANSWER, TRUE, sheet

SHOWN = 24


def judge(data: dict, answers: np.ndarray, limit: float) -> tuple[np.ndarray, Figure]:
    """How far each row's points lie from what was expected, and a picture of the worst.

    Args:
        data: `image` (n, 96, 96, 1), `target` (n, 19, 2), pixels, NaN where unknown.
        answers: (n, 19, 2), by networks that have not seen the row.
        limit: pixels; rows above it are shown.

    Returns:
        float (n,), RMSE of each row in pixels, 0 where nothing is known; a figure.
    """
    error = answers - data["target"]
    known = np.isfinite(error)
    squares = np.where(known, error, 0) ** 2
    rmse = np.sqrt(squares.sum(axis=(1, 2)) / np.maximum(known.sum(axis=(1, 2)), 1))
    worst = [i for i in np.argsort(-rmse, kind="stable")[:SHOWN] if rmse[i] > limit]

    def draw(axis, i):
        row = worst[i]
        shown = known[row].all(axis=1)
        axis.plot(*data["target"][row][shown].T, "+", color=TRUE, ms=5, mew=1.2)
        axis.plot(*answers[row][shown].T, ".", color=ANSWER, ms=3.5)

    title = "Labels in doubt. Green: marked. Red: by networks trained on other rows."
    texts = [f"{rmse[i]:.1f} px apart" for i in worst]
    return rmse, sheet(data["image"][worst], texts, title, draw)
