"""Accuracy for each operation: validation error against the operations of the whole training.

    python -m bench.curve --sizes 8x1 16x1 32x1 32x2 --epochs 12 50 --seeds 2

Rows of the train and validation split only, a fifth of them held out by group (`bench.heldout`).
A size is width x depth of the keypoint network; each is trained for each number of epochs, or for
its own (48x1x12), the cheapest first. The default of params.yaml is always among them. Operations
are those of `bench.flops`. Each finished training is kept, and a run that was killed goes on after
it.
"""

import argparse

import pandas as pd
from matplotlib.figure import Figure

from bench import flops, heldout, kept, pages
from bench.trained import key, trained
from stages import params
from stages.errors import run
from stages.training import device

SIZES = ("8x1", "16x1", "24x1", "32x1", "32x2", "48x1")
EPOCHS = (12, 50)
NAME = "accuracy-per-operation"
IS, BEST = "as it is", "+ shifts"  # of heldout.WAYS
MARK = "**default**"
SHAPE = ("width", "depth", "epochs")
KEYS = ("seed", "lr", "device", "precision", "deterministic", "keypoints")


def shapes(arguments: argparse.Namespace, default: dict) -> list[dict]:
    """What to train: `width`, `depth` and `epochs`, the cheapest first."""
    asked = set()
    for size in arguments.sizes:
        width, depth, *own = map(int, size.split("x"))
        asked |= {(width, depth, n) for n in own or arguments.epochs}
    asked.add(tuple(default[name] for name in SHAPE))
    ordered = sorted(asked, key=lambda shape: shape[0] ** 2 * shape[1] * shape[2])
    return [dict(zip(SHAPE, shape, strict=True)) for shape in ordered]


def measure(arguments: argparse.Namespace) -> tuple[pd.DataFrame, dict]:
    """A row for each training, and the settings of the default."""
    settings = params.load(*KEYS)
    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    lr, default = settings["lr"], {**settings["keypoints"], "patience": 1000}
    data = heldout.load(arguments.share)
    train, held = data.train(), data.held()
    about = {"rows": len(train["image"]), "held": len(held["image"]), "device": said}

    def one(chosen: dict) -> dict:
        section = {**default, **{name: chosen[name] for name in SHAPE}}
        found = trained(section, train, chosen["seed"], lr)
        steps = len(train["image"]) // section["batch_size"] * chosen["epochs"]
        cost = flops.training(found.model) * section["batch_size"] * steps
        size = {"parameters": found.model.count_params(), "flops": float(cost)}
        return {**about, **size, "seconds": found.seconds, **heldout.errors(found.model, held)}

    wanted = [
        {**shape, "seed": seed, "key": key({**default, **shape}, train, seed, lr)}
        for seed in range(arguments.seeds)
        for shape in shapes(arguments, default)
    ]
    return kept.each(wanted, one, arguments.log, "curve"), default


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Mean, least and most over the seeds of each shape, the cheapest first."""
    groups = table.groupby(list(SHAPE))
    ways = {f"{name} {how}": (name, how) for name in (IS, BEST) for how in ("mean", "min", "max")}
    columns = {"parameters": "first", "flops": "first", "seconds": "median"}
    named = {name: (name, how) for name, how in columns.items()} | ways
    return groups.agg(**named).reset_index().sort_values("flops", ignore_index=True)


def is_default(row, default: dict) -> bool:
    return all(row[name] == default[name] for name in SHAPE)


def as_markdown(table: pd.DataFrame, default: dict, command: str) -> str:
    """The page: the command, the table, the picture."""
    seeds = table["seed"].nunique()
    over = "one seed" if seeds == 1 else f"mean, and lowest to highest, of {seeds} seeds"
    lines = [
        "# Accuracy for each operation",
        "",
        f"`{command}`: the keypoint network in several sizes and shapes, {table['rows'].iloc[0]:,} "
        f"rows to learn from, RMSE in pixels on {table['held'].iloc[0]} held-out rows (whole "
        f"groups of look-alikes, no test row); {over}. Operations are multiplications and "
        "additions of convolutions and dense layers in the whole training, forward and backward. "
        f"{table['device'].iloc[0]}; seconds are those of training, validation aside.",
        "",
        f"![Error against operations]({NAME}.png)",
        "",
        "| width x depth | epochs | parameters | TFLOP | RMSE, image as it is | + mirror image and "
        "shifts | seconds | |",
        "|" + " --- |" * 8,
    ]
    for row in summary(table).to_dict("records"):
        cells = [
            f"{row['width']} x {row['depth']}",
            f"{row['epochs']}",
            f"{row['parameters']:,}",
            f"{row['flops'] / 1e12:.3g}",
            *(pages.spread(*(row[f"{way} {how}"] for how in pages.SPREAD)) for way in (IS, BEST)),
            f"{row['seconds']:,.0f}",
            MARK if is_default(row, default) else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def picture(table: pd.DataFrame, default: dict) -> Figure:
    """Error against operations: a line for each size, a point for each number of epochs."""
    figure, axis = pages.chart("operations of the training", "RMSE on held-out rows, px")
    found = summary(table)
    for (width, depth), part in found.groupby(["width", "depth"]):
        low, high = (part[f"{IS} mean"] - part[f"{IS} min"], part[f"{IS} max"] - part[f"{IS} mean"])
        label = f"width {width}, depth {depth}"
        axis.errorbar(part["flops"], part[f"{IS} mean"], [low, high], marker="o", label=label)
    for row in found.to_dict("records"):
        if is_default(row, default):
            at = row["flops"], row[f"{IS} mean"]
            axis.scatter(*at, s=220, facecolors="none", edgecolors=pages.INK, label="the default")
    axis.set_xscale("log")
    axis.legend(frameon=False, fontsize=8)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.curve", description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="WIDTHxDEPTH[xEPOCHS]")
    parser.add_argument("--epochs", nargs="+", type=int, default=EPOCHS)
    parser.add_argument("--seeds", type=int, default=1)
    pages.add_options(parser, NAME)
    arguments = parser.parse_args()
    pages.check_sizes(arguments.sizes)
    table, default = measure(arguments)
    page = as_markdown(table, default, pages.command("bench.curve"))
    pages.save(arguments, NAME, page, picture(table, default))


if __name__ == "__main__":
    run(main, timed=False)
