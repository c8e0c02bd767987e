"""Curves as SVG that takes its colours from the page, so that they read in the dark too."""

import io
import re

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

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
    if low <= 0:
        return
    locator = LogLocator(subs=(1, 2, 5))
    if sum(low <= tick <= high for tick in locator.tick_values(low, high)) < 3:
        return
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(locator)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def reliability(table: pd.DataFrame) -> str:
    """SVG of accuracy by confidence, with the number of photos at each point.

    Args:
        table: `confidence`, `accuracy`, `n`, as stage `evaluate` writes it.
    """

    def draw(axes: Axes):
        low = min(table["confidence"].min(), table["accuracy"].min(), 0.5) - 0.05
        axes.plot([low, 1], [low, 1], "--", color=MUTED, lw=1.2, label="as sure as right")
        axes.plot(table["confidence"], table["accuracy"], "o-", color=SECOND, label="the model")
        for row in table.itertuples():
            where = {"xytext": (0, 9), "textcoords": "offset points", "ha": "center"}
            axes.annotate(f"{row.n}", (row.confidence, row.accuracy), color=INK, **where)
        axes.set(xlabel="confidence", ylabel="accuracy", xlim=(low, 1.02), ylim=(low, 1.1))
        percent = FuncFormatter(lambda value, _: f"{value:.0%}" if value <= 1 else "")
        axes.xaxis.set_major_formatter(percent)
        axes.yaxis.set_major_formatter(percent)
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.98), ncols=2, borderaxespad=0)

    return chart(draw, "reliability", "Accuracy by confidence")


def chart(draw, name: str, title: str) -> str:
    """What `draw` puts on the axes, as an `<svg>` element for the page.

    Args:
        name: other than that of any other chart on the page. title: for who cannot see it.
    """
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}):
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
