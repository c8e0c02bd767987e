"""Pictures of many small images in rows, each with a line of text."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

matplotlib.rcdefaults()  # pictures are the same, whatever a matplotlibrc of the user's says

COLUMNS = 6
MOST = 24  # images on a sheet of label errors
RANKS = {"best": "the best", "typical": "from the best to the worst", "worst": "the worst"}
INK, TRUE, ANSWER = "#1f2430", "#1b9e5a", "#e4572e"  # on white
# On a photo any colour may stand on its like: they are brighter there, with a dark edge.
MARKED, ANSWERED = "#3dff8f", "#ff5a36"
EDGE = [withStroke(linewidth=2.4, foreground="#101010")]


def sheet(images: np.ndarray, texts: list[str], title: str, draw=None) -> Figure:
    """A figure with a title and every image under its text.

    Args:
        images: uint8 (n, h, w, 1 or 3).
        draw: called with the axes and the number of each image, to draw on it.
    """
    rows = max(1, -(-len(images) // COLUMNS))
    figure = Figure(figsize=(COLUMNS * 1.7, rows * 1.95 + 0.5), dpi=110, layout="constrained")
    figure.suptitle(title, color=INK, fontsize=12)
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axis in axes:
        axis.set_axis_off()
    for i, (axis, image, text) in enumerate(zip(axes, images, texts, strict=False)):
        axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="lanczos")
        axis.set_title(text, fontsize=9, color=INK)
        if draw:
            draw(axis, i)
    return figure


def points(axis, marked: np.ndarray, answered: np.ndarray) -> None:
    """The marked points as green crosses, what was answered for them as red dots.

    Args:
        marked, answered: (k, 2), pixels; where `marked` is NaN neither is drawn.
    """
    known = np.isfinite(marked).all(axis=1)
    axis.plot(*marked[known].T, "+", color=MARKED, ms=6, mew=1.2, path_effects=EDGE)
    axis.plot(*answered[known].T, ".", color=ANSWERED, ms=5, mec="#101010", mew=0.4)


def note(sentence: str) -> Figure:
    """A sentence, where there is nothing to show."""
    figure = Figure(figsize=(COLUMNS * 1.7, 1.4), dpi=110)
    figure.text(0.5, 0.5, sentence, ha="center", va="center", color=INK, fontsize=12)
    return figure


def no_label_errors(counts: dict, task: str) -> Figure:
    """A sentence in place of a picture of label errors.

    Args:
        counts: `folds` and `rows` of metrics/label-errors-TASK.json.
    """
    if not counts["folds"]:
        return note(f"The labels were not checked: {task}.label_errors.folds is 0.")
    return note(f"None of {counts['rows']:,} labels is absurd to networks trained on other rows.")


def by_rank(order: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Rows to show: the `best` n, the `worst` n, and `typical`, n evenly spaced between them.

    Args:
        order: rows, the best first.
    """
    spaced = np.linspace(0, len(order) - 1, min(n, len(order))).round().astype(int)
    return {"best": order[:n], "typical": order[spaced], "worst": order[::-1][:n]}


def save(figure: Figure, path: Path) -> None:
    """PNG without a note of the program that wrote it, so that equal pictures are equal files."""
    figure.savefig(path, format="png", metadata={"Software": None})
