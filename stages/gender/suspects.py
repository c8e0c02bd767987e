"""Photos whose label seems wrong."""

import numpy as np
from matplotlib.figure import Figure

from stages.drawing import sheet


def suspicion(answers: np.ndarray, target: np.ndarray) -> np.ndarray:
    """How sure networks are that each photo belongs to another class: probability, float (n,).

    Args:
        answers: (n, classes), probabilities by networks that have not seen the photo.
        target: (n, classes), 1 for the class it is labelled with.
    """
    return 1 - (answers * target).sum(axis=1)


def picture(data: dict, _: np.ndarray, doubt: np.ndarray, rows: np.ndarray) -> Figure:
    """These photos, and how sure networks are that they are not what they are labelled.

    Args:
        data: `image` (n, size, size, 3). doubt: (n,). rows: int (k,), which to show.
    """
    title = "Labels in doubt, by networks trained on other photos."
    texts = [f"not its class: {doubt[i]:.1%}" for i in rows]
    return sheet(data["image"][rows], texts, title)
