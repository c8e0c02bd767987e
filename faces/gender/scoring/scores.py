"""How good, and how honest, the predicted probabilities are."""

import math

import numpy as np
import pandas as pd
from sklearn import metrics

BINS = 10


def wilson(right: int, n: int, z: float = 1.959964) -> list[float]:
    """95% interval of a share (Wilson 1927), [low, high]: sound for small n and near 0 and 1.

    >>> wilson(190, 200)
    [0.9104, 0.9726]
    """
    share, spread = right / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


def log_loss(answer: np.ndarray, label: np.ndarray) -> float:
    """Mean of -log of the probability of the true class; 0 is best.

    Args:
        answer: (n, classes). label: int (n,).
    """
    return round(float(metrics.log_loss(label, answer, labels=np.arange(answer.shape[1]))), 4)


def reliability(answer: np.ndarray, label: np.ndarray) -> pd.DataFrame:
    """Confidence against accuracy in ten bins of confidence: `confidence`, `accuracy`, `n`.

    Bins without photos are left out.
    """
    confidence, right = answer.max(axis=1), answer.argmax(axis=1) == label
    which = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = [
        (float(confidence[which == b].mean()), float(right[which == b].mean()), int(n))
        for b, n in zip(*np.unique(which, return_counts=True), strict=True)
    ]
    return pd.DataFrame(rows, columns=["confidence", "accuracy", "n"]).round(4)


def calibration_error(answer: np.ndarray, label: np.ndarray) -> float:
    """Mean distance of confidence from accuracy over the bins of `reliability`; 0 is best."""
    bins = reliability(answer, label)
    gap = (bins["n"] * (bins["confidence"] - bins["accuracy"]).abs()).sum() / len(label)
    return round(float(gap), 4)


def doubt(answer: np.ndarray, label: np.ndarray) -> dict:
    """`log_loss` and `calibration_error` alone, of the answers without a temperature."""
    return {
        "log_loss": log_loss(answer, label),
        "calibration_error": calibration_error(answer, label),
    }


def scores(answer: np.ndarray, target: np.ndarray, classes: list[str]) -> dict:
    """The metrics of the test split.

    Args:
        answer: (n, classes), probabilities. target: (n, classes), 1 for the true class.

    Returns:
        `accuracy`, `accuracy_interval` (Wilson, 95%), `log_loss`, `calibration_error` (expected
        calibration error over ten bins, Naeini et al. 2015), `recall_by_class`,
        `recall_interval_by_class` (Wilson, 95%), `confusion` ({true: {predicted: photos}}),
        `n_right`, `n_images`, `n_by_class`. A class without photos has None for its recall.
    """
    label, guess = target.argmax(axis=1), answer.argmax(axis=1)
    right = int((label == guess).sum())
    confusion = metrics.confusion_matrix(label, guess, labels=np.arange(len(classes)))
    return {
        "accuracy": round(right / len(label), 4),
        "accuracy_interval": wilson(right, len(label)),
        "log_loss": log_loss(answer, label),
        "calibration_error": calibration_error(answer, label),
        "recall_by_class": {
            name: round(float(row[i] / row.sum()), 4) if row.sum() else None
            for i, (name, row) in enumerate(zip(classes, confusion, strict=True))
        },
        "recall_interval_by_class": {
            name: wilson(int(row[i]), int(row.sum())) if row.sum() else None
            for i, (name, row) in enumerate(zip(classes, confusion, strict=True))
        },
        "confusion": {
            name: dict(zip(classes, map(int, row), strict=True))
            for name, row in zip(classes, confusion, strict=True)
        },
        "n_right": right,
        "n_images": len(label),
        "n_by_class": {n: int(row.sum()) for n, row in zip(classes, confusion, strict=True)},
    }
