"""Charts of how good, and how honest, the classifier is."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from faces.drawing.sheets import ANSWER, INK, TRUE


def charts(before: pd.DataFrame, after: pd.DataFrame, confusion: dict) -> Figure:
    """How often the model is right against how sure it is, beside the confusion matrix.

    Args:
        before, after: `confidence`, `accuracy`, `n` by bin, without and with the temperature.
        confusion: {true: {predicted: photos}}.
    """
    figure = Figure(figsize=(11, 5.4), dpi=110, layout="constrained")
    figure.suptitle(f"The test split: {after['n'].sum()} photos", color=INK, fontsize=12)
    left, right = figure.subplots(1, 2)
    _reliability(left, before, after)
    _confusion(right, confusion)
    return figure


def _reliability(axis, before: pd.DataFrame, after: pd.DataFrame) -> None:
    axis.plot([0, 1], [0, 1], "--", color=INK, lw=0.8)
    for table, colour, name in ((before, ANSWER, "without"), (after, TRUE, "with")):
        label = f"{name} the temperature"
        axis.plot(table["confidence"], table["accuracy"], "-", color=colour, lw=1, label=label)
        sizes = 15 + 300 * table["n"] / table["n"].sum()
        axis.scatter(table["confidence"], table["accuracy"], sizes, color=colour, alpha=0.5)
    for row in after.itertuples():
        place = (row.confidence, row.accuracy)
        axis.annotate(f"{row.n}", place, (6, -12), textcoords="offset points", fontsize=8)
    low = min(before["confidence"].min(), after["confidence"].min())
    axis.set(xlim=(low - 0.05, 1.03), ylim=(-0.04, 1.06))
    axis.set(xlabel="how sure the model is", ylabel="how often it is right")
    title = "On the dashed line it knows its doubt. Numbers: photos."
    axis.set_title(title, fontsize=10, color=INK)
    axis.legend(loc="upper left", frameon=False)


def _confusion(axis, confusion: dict) -> None:
    names = list(confusion)
    table = np.array([[confusion[true][said] for said in names] for true in names])
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axis.imshow(share, cmap="Greens", vmin=0, vmax=1.3)
    for (i, j), count in np.ndenumerate(table):
        axis.text(j, i, f"{count}\n{share[i, j]:.1%}", ha="center", va="center", color=INK)
    axis.set_xticks(range(len(names)), names)
    axis.set_yticks(range(len(names)), names, rotation=90, va="center")
    axis.set(xlabel="the model says", ylabel="it is")
    axis.set_title("Who is taken for whom", fontsize=10, color=INK)
