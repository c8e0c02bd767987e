"""Pages in docs/ with a table and a picture, from the commands that train for hours."""

import argparse
import re
import shlex
import sys
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages import drawing, files
from stages.drawing import INK
from stages.errors import UserError

__all__ = ["INK", "SPREAD", "add_options", "chart", "check_sizes", "command", "save", "spread"]

SPREAD = ("mean", "min", "max")


def add_options(parser: argparse.ArgumentParser, name: str) -> None:
    """Those that each of these commands has."""
    parser.add_argument("--share", type=float, default=1, help="of the rows, for a quick look")
    parser.add_argument("--docs", type=Path, help="where the page goes; none: docs")
    log = Path(f".cache/bench/{name}.csv")
    parser.add_argument("--log", type=Path, default=log, help="what is finished; remove: anew")


def check_sizes(sizes: list[str]) -> None:
    """Raise a `UserError` if one is not width x depth, or width x depth x epochs."""
    for size in sizes:
        if not re.fullmatch(r"[1-9]\d*x[1-9]\d*(x[1-9]\d*)?", size):
            expected = "sizes as WIDTHxDEPTH or WIDTHxDEPTHxEPOCHS, 32x1"
            raise UserError(expected, repr(size), "Correct it.")


def command(module: str) -> str:
    """The command of this run, for the page; where things are kept is no part of it."""
    words, kept = iter(sys.argv[1:]), []
    for word in words:
        if word in ("--log", "--docs"):
            next(words, "")
        else:
            kept.append(word)
    return " ".join(["python -m", module, *map(shlex.quote, kept)])


def spread(mean: float, least: float, most: float) -> str:
    """A figure over several seeds.

    >>> spread(1.3, 1.25, 1.35), spread(1.3, 1.3, 1.3)
    ('1.300 (1.250 to 1.350)', '1.300')
    """
    return f"{mean:.3f}" + (f" ({least:.3f} to {most:.3f})" if most > least else "")


def chart(x: str, y: str) -> tuple[Figure, Axes]:
    """An empty figure and its axes with these names."""
    figure = Figure(figsize=(8, 4.8), dpi=110, layout="constrained")
    axis = figure.subplots()
    axis.set_xlabel(x, color=INK)
    axis.set_ylabel(y, color=INK)
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(alpha=0.25)
    return figure, axis


def save(
    arguments: argparse.Namespace, name: str, page: str, picture: Figure | None = None
) -> None:
    """The page, and its picture beside it; the page is shown too.

    What was measured on a share of the rows does not replace what is in docs/.
    """
    print(page)
    if arguments.share < 1 and not arguments.docs:
        print("Only a share of the rows was used: docs/ is as it was.")
        return
    docs = arguments.docs or Path("docs")
    if picture:
        with files.replacing(docs / f"{name}.png") as unfinished:
            drawing.save(picture, unfinished)
    files.save_text(docs / f"{name}.md", page)
