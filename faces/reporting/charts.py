"""Curves as SVG that takes its colours from the page, so that they read in the dark too."""

import io
import math
import re

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

# Colours that stand for the page's own: replaced in the SVG by the names of CSS variables.
INK, MUTED, LINE, FIRST, SECOND = "#010101", "#020202", "#030303", "#040404", "#050505"
COLOURS = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    LINE: "var(--line)",
    FIRST: "var(--first)",
    SECOND: "var(--second)",
}
# At 328 CSS pixels, all that a phone has between two margins, 12 points are 12 pixels.
WIDTH, HEIGHT = 328 / 72, 240 / 72
STYLE = {
    "svg.fonttype": "none",  # text stays text
    "font.size": 12,
    "axes.edgecolor": LINE,
    "axes.grid": True,
    "axes.labelcolor": MUTED,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.color": LINE,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 2,
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
}


def training(history: pd.DataFrame, metric: str, label: str) -> str:
    """SVG of a metric by epoch, on the training and the validation split.

    Args:
        history: `epoch`, `train_<metric>`, `validation_<metric>`, as stage `train` writes it.
        label: of the vertical axis.
    """

    def draw(axes: Axes):
        for side, colour, dashes in (("train", FIRST, "--"), ("validation", SECOND, "-")):
            values = history[f"{side}_{metric}"]
            axes.plot(history["epoch"], values, dashes, color=colour, label=side)
        axes.set(xlabel="epoch", ylabel=label)
        axes.xaxis.get_major_locator().set_params(integer=True)
        as_powers(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.98), ncols=2, borderaxespad=0)

    return chart(draw, f"training-{metric}", f"{label}, by epoch")


def as_powers(axes: Axes) -> None:
    """A logarithmic vertical axis, if at least three round numbers lie on it."""
    low, high = axes.dataLim.intervaly
    ticks = round_numbers(low, high)
    if len(ticks) < 3:
        axes.yaxis.set_major_locator(MaxNLocator(5))
        return
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def round_numbers(low: float, high: float) -> list[float]:
    """Those of 1, 2, 5, 10, 20, ... and 0.5, 0.2, ... that lie between two positive numbers.

    Matplotlib's LogLocator would give any number of others where there are few of these.

    >>> round_numbers(0.6, 15)
    [1.0, 2.0, 5.0, 10.0]
    >>> round_numbers(0, 15)
    []
    """
    if not 0 < low <= high < math.inf:
        return []
    exponents = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    numbers = [float(f"{first}e{exponent}") for exponent in exponents for first in (1, 2, 5)]
    return [number for number in numbers if low <= number <= high]


def reliability(table: pd.DataFrame) -> str:
    """SVG of accuracy by confidence, with the number of photos at each point.

    Args:
        table: `confidence`, `accuracy`, `n`, as stage `evaluate` writes it.
    """

    def draw(axes: Axes):
        low = min(table["confidence"].min(), table["accuracy"].min(), 0.5) - 0.1
        axes.plot([low, 1], [low, 1], "--", color=MUTED, lw=1.2, label="as sure as right")
        axes.plot(table["confidence"], table["accuracy"], "o-", color=SECOND, label="the model")
        for row, side in zip(table.itertuples(), free_sides(table["accuracy"]), strict=True):
            where = {"xytext": (0, 10 * side), "textcoords": "offset points", "ha": "center"}
            where["va"] = "bottom" if side > 0 else "top"
            axes.annotate(f"{row.n}", (row.confidence, row.accuracy), color=INK, **where)
        axes.set(xlabel="confidence", ylabel="accuracy")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(FixedLocator([tick / 5 for tick in range(6)]))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        axes.set(xlim=(low, 1.02), ylim=(low, 1.15))
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.98), ncols=2, borderaxespad=0)

    return chart(draw, "reliability", "Accuracy by confidence")


def free_sides(values: pd.Series) -> list[int]:
    """Where a curve leaves room for a point's number: 1 above it, -1 below it, in a valley.

    >>> free_sides(pd.Series([0.6, 0.3, 1.0]))
    [1, -1, 1]
    """
    padded = [values.iloc[0], *values, values.iloc[-1]]
    around = [(left + right) / 2 for left, right in zip(padded, padded[2:], strict=False)]
    return [1 if value >= mean else -1 for value, mean in zip(values, around, strict=True)]


def chart(draw, name: str, title: str) -> str:
    """Draw on axes with `draw`, and give an `<svg>` element for the page.

    Args:
        name: other than that of any other chart on the page. title: for who cannot see it.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # not what a matplotlibrc of the user's says
        matplotlib.rcParams.update({**STYLE, "svg.hashsalt": name})
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes = figure.subplots()
        draw(axes)
        content = io.StringIO()
        plain = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(content, format="svg", transparent=True, metadata=plain)
    return for_page(content.getvalue(), name, title)


def for_page(svg: str, name: str, title: str) -> str:
    """The `<svg>` element alone, in the page's colours and font, with ids of its own."""
    svg = svg[svg.index("<svg") :]
    start = rf'<svg viewBox="\1" role="img" aria-label="{title}">'
    svg = re.sub(r'<svg [^>]*viewBox="([^"]+)"[^>]*>', start, svg, count=1)
    for placeholder, variable in COLOURS.items():
        svg = svg.replace(placeholder, variable)
    svg = re.sub(r"font-family: [^;\"]*;?", "", svg)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"<style.*?</style>", "", svg)  # it would hold for the whole page
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
