"""Stratify and score the cross-validation of photos in classes."""

import numpy as np

from faces.gender.scoring.scores import scores

COLUMNS = ("images", "target")
HEADLINE = ("accuracy", "accuracy_interval", "log_loss", "calibration_error", "n_images")


def strata(data: dict) -> np.ndarray:
    """The class of each photo, int (n,): each side has them in proportion."""
    return data["target"].argmax(axis=1)


def summary(answer: np.ndarray, data: dict, fold: np.ndarray, classes: list[str], _: int) -> dict:
    """The metrics of `scores` over all folds together, and `accuracy_by_fold`.

    Args:
        answer: (n, classes). data: `target` (n, classes). fold: int (n,).
    """
    right = answer.argmax(axis=1) == data["target"].argmax(axis=1)
    by_fold = [round(float(right[fold == k].mean()), 4) for k in np.unique(fold)]
    return {**scores(answer, data["target"], classes), "accuracy_by_fold": by_fold}
