"""What each part of the keypoint training gives: one change at a time, several seeds each.

    python -m bench.ablations --seeds 3 --width 16 --epochs 12

Rows of the train and validation split only: a fifth of them, whole groups of look-alikes, is held
out to measure on, without the rows whose labels stage `check` doubts. Small networks and few
epochs, so that a table takes minutes: what matters is the differences.
"""

import argparse
import statistics
from pathlib import Path

import numpy as np
import pandas as pd

from bench import heldout
from bench.heldout import WAYS
from bench.trained import trained
from stages import files, params
from stages.errors import run
from stages.keypoints.labels import FOUR_POINTS, N_POINTS
from stages.progress import progress_bar
from stages.training import device
from stages.training.look import STILL

GEOMETRY = ("degrees", "scale", "stretch", "shear", "shift", "tilt")
LOOK = ("blur", "gamma", "noise")


def without(*keys: str) -> dict:
    """A change of settings: these knobs of the augmentation at rest."""
    return {"augment": dict.fromkeys(keys, 0)}


def changed(section: dict, change: dict) -> dict:
    """A task's settings with a change; of the augmentation, only the knobs that it names."""
    return {**section, **change, "augment": section["augment"] | change.get("augment", {})}


# name -> change of settings, or of the data (a word that `rows_and_targets` knows)
CHANGES = {
    "the default": {},
    "complete rows only (no masked loss)": {"data": "complete"},
    "one head for both annotator groups": {"data": "one head"},
    "doubtful labels kept": {"data": "suspects"},
    "no mirror images in training": without("flip"),
    "no turning, scaling, shifting, tilting": without(*GEOMETRY),
    "no blur, brightness, noise": without(*LOOK),
    "no covered rectangle": without("cutout"),
    "no augmentation": without(*STILL),
    "no moving average of weights": {"ema": 0},
    "AdamW instead of Muon": {"optimizer": "adamw"},
}


def rows_and_targets(change: str, rows: heldout.Rows) -> dict:
    """The rows to train on under a change of the data."""
    if change == "suspects":
        return {name: array[rows.learn] for name, array in rows.data.items()}
    train = rows.train(complete=change == "complete")
    if change in ("complete", "one head"):  # the first 15 outputs learn from all rows chosen
        train["target"] = as_one_head(train["target"])
    return train


def as_one_head(target: np.ndarray) -> np.ndarray:
    """Targets (n, 19, 2) whose first 15 outputs learn the habits of both groups."""
    merged = target.copy()
    for second, first in enumerate(FOUR_POINTS, N_POINTS):
        told = np.isfinite(target[:, second])
        merged[:, first] = np.where(told, target[:, second], merged[:, first])
    merged[:, N_POINTS:] = np.nan
    return merged


def measure(arguments: argparse.Namespace) -> pd.DataFrame:
    """A row for each change and seed: `change`, `seed`, `seconds`, and the errors."""
    section = params.load("keypoints")["keypoints"]
    section |= {"width": arguments.width, "epochs": arguments.epochs, "patience": 1000}
    data = heldout.load()
    held = data.held()
    rows = []
    wanted = [(seed, name) for seed in range(arguments.seeds) for name in CHANGES]
    for seed, name in progress_bar(wanted, "ablations", unit="training"):
        change = dict(CHANGES[name])
        of_data = change.pop("data", "")
        settings = changed(section, change)
        train = rows_and_targets(of_data, data)
        done = trained(settings, train, seed, arguments.lr)
        found = heldout.errors(done.model, held, of_data in ("complete", "one head"))
        about = {"change": name, "seed": seed, "rows": len(train["image"])}
        rows.append({**about, "seconds": done.seconds, **found})
        pd.DataFrame(rows).to_csv(arguments.log, index=False)
    return pd.DataFrame(rows).assign(held=len(held["image"]))


def against_default(table: pd.DataFrame, way: str) -> pd.Series:
    """How much higher each error is than the default's of the same seed, pixels."""
    default = table[table["change"] == next(iter(CHANGES))].set_index("seed")[way]
    return table[way] - table["seed"].map(default)


def as_markdown(table: pd.DataFrame, arguments: argparse.Namespace) -> str:
    """The table as a page: mean and spread (lowest to highest) over the seeds."""
    best = list(WAYS)[-1]
    table = table.assign(worse=against_default(table, best))
    lines = [
        "# What each part of the keypoint training gives",
        "",
        f"`python -m bench.ablations --seeds {arguments.seeds} --width {arguments.width} "
        f"--epochs {arguments.epochs}`: RMSE in pixels on {table['held'].iloc[0]} held-out rows "
        f"(no test rows), mean and lowest to highest of {arguments.seeds} seeds. Worse: by how "
        f"much the error with mirror image and shifts is above the default's of the same seed.",
        "",
        "| change | rows | " + " | ".join(WAYS) + " | worse by | seconds |",
        "| --- | --- | " + "--- | " * len(WAYS) + "--- | --- |",
    ]
    for name in CHANGES:
        part = table[table["change"] == name]
        cells = [f"{part[w].mean():.3f} ({part[w].min():.3f} to {part[w].max():.3f})" for w in WAYS]
        worse = part["worse"]
        cells.append(f"{worse.mean():+.3f} ({worse.min():+.3f} to {worse.max():+.3f})")
        seconds = statistics.median(part["seconds"])
        lines.append(f"| {name} | {part['rows'].iloc[0]} | {' | '.join(cells)} | {seconds:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ablations", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--lr", type=float, default=0.002)
    parser.add_argument("--log", type=Path, default=Path(".cache/ablations.csv"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where the page goes")
    arguments = parser.parse_args()
    arguments.log.parent.mkdir(parents=True, exist_ok=True)
    device.prepare("auto", "auto", 0)
    page = as_markdown(measure(arguments), arguments)
    files.save_text(arguments.docs / "ablations.md", page)
    print(page)


if __name__ == "__main__":
    run(main, timed=False)
