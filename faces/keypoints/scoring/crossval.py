"""Stratify and score the cross-validation of keypoints."""

import numpy as np

from faces.keypoints.scoring.scores import rmse, scores

COLUMNS = ("images", "target", "group")
HEADLINE = ("rmse", "rmse_interval", "rmse_mean_face", "n_images")


def strata(data: dict) -> np.ndarray:
    """The annotator group of each row, int (n,): each side has them in proportion."""
    return data["group"]


def summary(answer: np.ndarray, data: dict, fold: np.ndarray, _: list[str], seed: int) -> dict:
    """The metrics of `scores` over all folds together, and `rmse_by_fold`.

    The mean face is that of all rows.

    Args:
        answer: (n, 19, 2). data: `target` (n, 19, 2), `group` (n,). fold: int (n,). seed: of the
            bootstrap.
    """
    target = data["target"]
    by_fold = [rmse(answer[fold == k] - target[fold == k]) for k in np.unique(fold)]
    return {**scores(answer, target, data["group"], target, seed), "rmse_by_fold": by_fold}
