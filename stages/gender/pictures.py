"""Pictures of photos beside what the model said of them."""

import numpy as np
from matplotlib.figure import Figure

from stages.drawing import RANKS, by_rank, sheet

SHOWN = 12


def pictures(
    images: np.ndarray, answer: np.ndarray, target: np.ndarray, classes: list[str]
) -> dict[str, Figure]:
    """Figures `best`, `typical`, `worst`: photos by the probability given to their true class.

    Args:
        images: uint8 (n, size, size, 3). answer, target: (n, classes).
    """
    label = target.argmax(axis=1)
    order = np.argsort(-answer[np.arange(len(label)), label], kind="stable")
    chosen = by_rank(order, SHOWN)
    return {
        name: _figure(images[rows], answer[rows], label[rows], classes, name)
        for name, rows in chosen.items()
    }


def _figure(images, answer, label, classes, name: str) -> Figure:
    texts = [
        f"{classes[a.argmax()]} {a.max():.0%}" + ("" if a.argmax() == t else f", is {classes[t]}")
        for a, t in zip(answer, label, strict=True)
    ]
    return sheet(images, texts, f"What the model says of the test split, {RANKS[name]}.")
