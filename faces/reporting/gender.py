"""Gather what the page shows of photos in classes: figures, charts, pictures."""

import numpy as np
import pandas as pd

from faces.data.tiles import Tile, of_array
from faces.reporting import charts
from faces.reporting.keypoints import best_epoch

SHOWN = 12
READS = ("test_images", "test_target")


def section(
    metrics: dict,
    answer: np.ndarray,
    arrays: dict,
    history: pd.DataFrame,
    bins: pd.DataFrame,
    classes: list[str],
) -> dict:
    """Values of the page's part on photos.

    Args:
        metrics: metrics/gender.json. answer: (n, classes), of the test photos.
        arrays: those named in READS. history: of the training. bins: of the reliability curve.
    """
    return {
        "metrics": metrics,
        "classes": classes,
        "most_frequent": most_frequent(metrics["confusion"]),
        "training": charts.training(history, "log_loss", "log loss"),
        "best_epoch": best_epoch(history, "log_loss"),
        "epochs": len(history),
        "reliability": charts.reliability(bins),
        "mistakes": mistakes(arrays["test_images"], answer, arrays["test_target"], classes),
    }


def most_frequent(confusion: dict) -> float:
    """The accuracy of answering always with the class that has most photos: the baseline.

    >>> most_frequent({"a": {"a": 3, "b": 0}, "b": {"a": 1, "b": 0}})
    0.75
    """
    sizes = [sum(row.values()) for row in confusion.values()]
    return max(sizes) / sum(sizes)


def mistakes(images, answer: np.ndarray, target: np.ndarray, classes: list[str]) -> list[Tile]:
    """Photos given to a wrong class, the surest mistake first."""
    label, guess = target.argmax(axis=1), answer.argmax(axis=1)
    wrong = np.flatnonzero(label != guess)
    chosen = wrong[np.argsort(-answer[wrong, guess[wrong]], kind="stable")][:SHOWN]
    texts = [f"{classes[guess[i]]} {answer[i].max():.0%}, is {classes[label[i]]}" for i in chosen]
    return [of_array(images[i], text) for i, text in zip(chosen, texts, strict=True)]


def label_errors(
    listed: pd.DataFrame, expected: np.ndarray, images: np.ndarray, classes
) -> list[Tile]:
    """Tiles of photos with label errors, the worst first.

    Args:
        listed: label_errors.csv. expected: (k, classes), what networks trained on other photos
            answered. images: of these k rows.
    """
    return [
        of_array(image, f"{file}: labelled {label}, seems {classes[chance.argmax()]}")
        for file, label, chance, image in zip(
            listed["file"], listed["label"], expected, images, strict=True
        )
    ]
