"""Photos whose label seems wrong."""

import numpy as np


def suspicion(answers: np.ndarray, target: np.ndarray) -> np.ndarray:
    """How sure networks are that each photo belongs to another class: probability, float (n,).

    Args:
        answers: (n, classes), probabilities by networks that have not seen the photo.
        target: (n, classes), 1 for the class it is labelled with.
    """
    return 1 - (answers * target).sum(axis=1)
