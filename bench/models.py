"""Each network on the data at hand: the report's four, the mean face, and ours.

    python -m bench.models --seconds 1800

Trained as stage `train` does it, on its rows; the validation split chooses the epoch, and the test
split is asked once. Each finished training is kept, and a run that was killed goes on after it.
"""

import argparse

import numpy as np
import pandas as pd

from bench import heldout, kept, pages
from bench.trained import Trained, key, trained
from stages import files, params
from stages.errors import run
from stages.keypoints import answer, network, presets, scores
from stages.train import SPLIT, load
from stages.training import device

NAME = "models"
KEYS = ("seed", "lr", "device", "precision", "deterministic", "keypoints")
OURS, FACE = "ours", "the mean face"
WAYS = {"plain": (False, 1), "views": (True, 5)}  # mirror image, shifts


def measure(arguments: argparse.Namespace) -> pd.DataFrame:
    """A row for each network that was asked for, and one for the mean face."""
    settings = params.load(*KEYS)
    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    seed, section = settings["seed"], {**settings["keypoints"], "lr": settings["lr"]}
    train, validation = (
        load("keypoints", side, section["suspects"] == "drop") for side in ("train", "validation")
    )
    train = {name: heldout.some(array, arguments.share) for name, array in train.items()}
    test = files.load_arrays(SPLIT / "keypoints", "test_images", "test_target")
    chosen = {name: settings_of(name, section, arguments.epochs) for name in arguments.models}

    def one(columns: dict) -> dict:
        mine = chosen[columns["network"]]
        found = trained(mine, train, seed, mine["lr"], validation, arguments.seconds)
        about = {"rows": len(train["image"]), "test": len(test["test_target"]), "device": said}
        size = {"parameters": found.model.count_params(), "seconds": found.seconds}
        return {**about, **size, "ended": ended(found, mine), **on_test(found.model, test, seed)}

    wanted = [
        {"network": name, "key": f"{key(mine, train, seed, mine['lr'], validation)}-{limit}"}
        for name, mine in chosen.items()
        for limit in [arguments.seconds]
    ]
    table = kept.each(wanted, one, arguments.log, "models")
    error = scores.mean_face(train["target"])[None] - test["test_target"]
    return pd.concat([table, pd.DataFrame([mean_face_row(table, error, seed)])], ignore_index=True)


def settings_of(name: str, section: dict, epochs: int | None) -> dict:
    """The settings of a network, with its own of training; `epochs` shortens a quick look."""
    model = "heatmaps" if name == OURS else name
    settings = network.with_preset({**section, "model": model})
    return {**settings, "epochs": epochs or settings["epochs"]}


def ended(found: Trained, settings: dict) -> str:
    """How many epochs were trained, and why no more."""
    done = len(found.history)
    if found.late:
        return f"{done} of {settings['epochs']}: stopped, time was up"
    if done < settings["epochs"]:
        return f"{done} of {settings['epochs']}: no better for {settings['patience']}"
    return f"all {done}"


def on_test(model, test: dict, seed: int) -> dict[str, float]:
    """RMSE on the test split and its interval, for each way to average views."""
    found = {}
    for way, (flip, views) in WAYS.items():
        points = answer.outputs(model, test["test_images"], flip, views)
        found |= figures(way, np.clip(points, 0, scores.FRAME) - test["test_target"], seed)
    return found


def figures(way: str, error: np.ndarray, seed: int) -> dict[str, float]:
    """RMSE with its 95% interval as columns `way`, `way_low`, `way_high`."""
    low, high = scores.interval(error, seed)
    return {way: scores.rmse(error), f"{way}_low": low, f"{way}_high": high}


def mean_face_row(table: pd.DataFrame, error: np.ndarray, seed: int) -> dict:
    about = {name: table[name].iloc[0] for name in ("rows", "test", "device")}
    size = {"network": FACE, "parameters": error[0].size, "seconds": 0.0, "ended": ""}
    return {**about, **size, **figures("plain", error, seed)}


def as_markdown(table: pd.DataFrame, command: str) -> str:
    """The page: the command and the table, the lowest error last."""
    lines = [
        "# Each network on the same data",
        "",
        f"`{command}`: RMSE in pixels on the {table['test'].iloc[0]} images of the test split, "
        f"in brackets its 95% interval (bootstrap over images); {table['rows'].iloc[0]:,} rows "
        f"learned from. {table['device'].iloc[0]}; seconds are of training, without validation.",
        "",
        "| network | parameters | epochs | seconds | RMSE, image as it is "
        "| + mirror image and shifts |",
        "|" + " --- |" * 6,
    ]
    for row in table.sort_values("plain", ascending=False).to_dict("records"):
        cells = [row["network"], f"{row['parameters']:,}", row["ended"], f"{row['seconds']:,.0f}"]
        cells += [said(row, way) for way in WAYS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def said(row: dict, way: str) -> str:
    if not np.isfinite(row[way]):
        return ""
    return f"{row[way]:.2f} ({row[f'{way}_low']:.2f} to {row[f'{way}_high']:.2f})"


def main() -> None:
    names = (*presets.CONVOLUTIONS, OURS)
    parser = argparse.ArgumentParser(prog="python -m bench.models", description=__doc__)
    parser.add_argument("--models", nargs="+", choices=names, default=names)
    parser.add_argument("--seconds", type=float, default=1800, help="of training for each")
    parser.add_argument("--epochs", type=int, help="of each; none: its own number")
    pages.add_options(parser, NAME)
    arguments = parser.parse_args()
    page = as_markdown(measure(arguments), pages.command("bench.models"))
    pages.save(arguments, NAME, page)


if __name__ == "__main__":
    run(main, timed=False)
