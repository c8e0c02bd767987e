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


def picture(data: dict, answers: np.ndarray, doubt: np.ndarray, rows: np.ndarray) -> Figure:
    """These photos, their labels, and what networks take them for.

    Args:
        data: `image` (n, size, size, 3), `target` (n, classes), `outputs`: names of the classes.
        answers: (n, classes), probabilities. doubt: (n,). rows: int (k,), which to show.
    """
    title = "Labels in doubt: the label, and what networks trained on other photos say."
    names = data["outputs"]
    texts = [
        f"{names[data['target'][i].argmax()]}? {names[answers[i].argmax()]} {answers[i].max():.1%}"
        for i in rows
    ]
    return sheet(data["image"][rows], texts, title)
