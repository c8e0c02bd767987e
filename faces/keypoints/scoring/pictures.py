"""Pictures of predicted points on the images, and of the marked ones."""

import numpy as np
from matplotlib.figure import Figure

from faces.drawing.sheets import RANKS, by_rank, points, sheet

SHOWN = 12


def pictures(images: np.ndarray, answer: np.ndarray, target: np.ndarray) -> dict[str, Figure]:
    """Figures `best`, `typical` and `worst`: images of the test split by their error.

    Args:
        images: uint8 (n, 96, 96, 1). answer, target: (n, 19, 2), pixels, NaN where unknown.
    """
    error = np.sqrt(np.nanmean((answer - target) ** 2, axis=(1, 2)))
    order = np.argsort(error, kind="stable")
    chosen = by_rank(order, SHOWN)
    return {
        name: _figure(images[rows], answer[rows], target[rows], error[rows], name)
        for name, rows in chosen.items()
    }


def _figure(images, answer, target, error, name: str) -> Figure:
    def draw(axis, i):
        points(axis, target[i], answer[i])

    texts = [f"RMSE {e:.2f} px" for e in error]
    title = f"Keypoints on the test split, {RANKS[name]}. Green: marked. Red: predicted."
    return sheet(images, texts, title, draw)


def label_errors(
    images: np.ndarray, suspicion: np.ndarray, target, expected, _: list[str]
) -> Figure:
    """Rows with label errors: their points, and those expected.

    Args:
        images: uint8 (n, 96, 96, 1). suspicion: (n,), pixels. target, expected: (n, 19, 2).
    """

    def draw(axis, i):
        points(axis, target[i], expected[i])

    title = "Label errors. Green: marked. Red: by networks trained on other rows."
    return sheet(images, [f"{s:.1f} px apart" for s in suspicion], title, draw)
