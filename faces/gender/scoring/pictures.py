"""Pictures of photos beside what the model said of them."""

import numpy as np
from matplotlib.figure import Figure

from faces.drawing.sheets import RANKS, by_rank, note, sheet

SHOWN = 12


def pictures(
    images: np.ndarray, answer: np.ndarray, target: np.ndarray, classes: list[str]
) -> dict[str, Figure]:
    """Figures `best`, `typical`: photos by the probability given to their true class; `worst`: the
    surest mistakes.

    Args:
        images: uint8 (n, size, size, 3). answer, target: (n, classes).
    """
    label = target.argmax(axis=1)
    order = np.argsort(-answer[np.arange(len(label)), label], kind="stable")
    chosen = by_rank(order, SHOWN)
    figures = {
        name: _figure(images[rows], answer[rows], label[rows], classes, name)
        for name, rows in chosen.items()
        if name != "worst"
    }
    return {**figures, "worst": mistakes(images, answer, target, classes)}


def mistakes(
    images: np.ndarray, answer: np.ndarray, target: np.ndarray, classes: list[str]
) -> Figure:
    """The photos that the model gets wrong, those that it is surest of first.

    Args:
        images: uint8 (n, size, size, 3). answer, target: (n, classes).
    """
    label = target.argmax(axis=1)
    wrong = np.flatnonzero(answer.argmax(axis=1) != label)
    rows = wrong[np.argsort(-answer[wrong].max(axis=1), kind="stable")][:SHOWN]
    if not len(rows):
        return note(f"No mistake among the {len(label)} photos of the test split.")
    title = f"The surest of {len(wrong)} mistakes among {len(label)} photos of the test split."
    return sheet(images[rows], _texts(answer[rows], label[rows], classes), title)


def _texts(answer, label, classes) -> list[str]:
    return [
        f"{classes[a.argmax()]} {a.max():.0%}" + ("" if a.argmax() == t else f", is {classes[t]}")
        for a, t in zip(answer, label, strict=True)
    ]


def _figure(images, answer, label, classes, name: str) -> Figure:
    texts = _texts(answer, label, classes)
    return sheet(images, texts, f"What the model says of the test split, {RANKS[name]}.")


def label_errors(
    images: np.ndarray, suspicion: np.ndarray, target, expected, classes: list[str]
) -> Figure:
    """Photos with label errors, their labels, and what networks take them for.

    Args:
        images: uint8 (n, size, size, 3). suspicion: (n,). target, expected: (n, classes), labels
            and probabilities.
    """
    title = "Label errors: the label, and what networks trained on other photos say."
    texts = [
        f"{classes[t.argmax()]}? {classes[e.argmax()]} {e.max():.1%}"
        for t, e in zip(target, expected, strict=True)
    ]
    return sheet(images, texts, title)
