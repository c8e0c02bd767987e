"""Photos whose label seems wrong."""

import numpy as np
from matplotlib.figure import Figure

from stages.drawing import sheet

SHOWN = 24


def judge(data: dict, answers: np.ndarray, limit: float) -> tuple[np.ndarray, Figure]:
    """How sure networks are that each photo belongs to another class, and a picture of the worst.

    Args:
        data: `image` (n, size, size, 3), `target` (n, classes).
        answers: (n, classes), probabilities by networks that have not seen the photo.
        limit: probability; photos above it are shown.

    Returns:
        float (n,), 1 less the probability of the photo's own class; a figure.
    """
    doubt = 1 - (answers * data["target"]).sum(axis=1)
    worst = [i for i in np.argsort(-doubt, kind="stable")[:SHOWN] if doubt[i] > limit]
    texts = [f"not its class: {doubt[i]:.1%}" for i in worst]
    title = "Labels in doubt, by networks trained on other photos."
    return doubt, sheet(data["image"][worst], texts, title)
