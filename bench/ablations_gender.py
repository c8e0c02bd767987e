"""What each part of the gender training gives: one change at a time, several seeds each.

    python -m bench.ablations_gender --seeds 3 --epochs 20

Photos of the train and validation split only, without the faces of stage `teach`. Each seed holds
out another fifth of them, whole groups of look-alikes, and trains on the rest. Each finished
training is kept, and a run that was killed goes on after it.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from bench import kept, pages
from bench.ablations import GEOMETRY, LOOK, changed, without
from bench.heldout import SHARE, SIDES, WAYS
from bench.trained import key, trained
from stages import files, params
from stages.errors import UserError, run
from stages.gender import answer, network
from stages.gender.presets import NO_AUGMENTATION
from stages.gender.scores import log_loss, wilson
from stages.splitting import hold_out
from stages.training import device

SPLIT = Path("data/split/gender")


# name -> change of settings
CHANGES = {
    "the default": {},
    "no mirror images in training": without("flip"),
    "no turning, scaling, shifting, tilting": without(*GEOMETRY),
    "no colour, no gray": without("colour", "gray"),
    "no reduced photos, blur, brightness, noise": without("small", *LOOK),
    "no covered rectangle": without("cutout"),
    "no mix-up": without("mixup"),
    "no augmentation": without(*NO_AUGMENTATION),
    "no moving average of weights": {"ema": 0},
    "AdamW instead of Muon": {"optimizer": "adamw"},
}


def load() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """`image` and `target` of the photos of both sides, and the group of each.

    Raises:
        UserError: the stages have not run.
    """
    if not (SPLIT / "rows.csv").is_file():
        raise UserError(f"arrays in {SPLIT.as_posix()}", "none", "Run `dvc repro` first.")
    rows = pd.read_csv(SPLIT / "rows.csv")
    arrays = files.load_arrays(SPLIT, *(f"{s}_{k}" for s in SIDES for k in ("images", "target")))
    data = {
        name: np.concatenate([arrays[f"{side}_{kind}"] for side in SIDES])
        for name, kind in (("image", "images"), ("target", "target"))
    }
    return data, np.concatenate([rows[rows["split"] == side]["alike"] for side in SIDES])


def divided(data: dict, groups: np.ndarray, seed: int) -> tuple[dict, dict]:
    """What to learn from and what to measure on; no group has photos in both."""
    everything = np.arange(len(groups))
    out = hold_out(everything, data["target"].argmax(axis=1), groups, SHARE, seed)
    learn = np.setdiff1d(everything, out)
    return tuple({name: array[rows] for name, array in data.items()} for rows in (learn, out))


def scores(model, held: dict) -> dict[str, float]:
    """How many are right, and log loss, for each way to average views."""
    label, found = held["target"].argmax(axis=1), {}
    for name, views in WAYS.items():
        said = answer.outputs(model, held["image"], *views)
        found[f"{name}: right"] = int((said.argmax(axis=1) == label).sum())
        found[f"{name}: log loss"] = log_loss(said, label)
    return found


def measure(arguments: argparse.Namespace) -> pd.DataFrame:
    """A row for each change and seed: `change`, `seed`, and the scores."""
    settings = params.load("seed", "lr", "device", "precision", "deterministic", "gender")
    device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    default = {**settings["gender"], "epochs": arguments.epochs, "patience": 1000}
    data, groups = load()
    sides = [divided(data, groups, seed) for seed in range(arguments.seeds)]

    def section(change: str) -> dict:
        return changed(default, CHANGES[change])

    def one(chosen: dict) -> dict:
        (learn, held), lr = sides[chosen["seed"]], settings["lr"]
        done = trained(section(chosen["change"]), learn, chosen["seed"], lr, network=network)
        about = {"rows": len(learn["image"]), "held": len(held["image"])}
        return {**about, "seconds": done.seconds, **scores(done.model, held)}

    wanted = [
        {
            "change": change,
            "seed": seed,
            "key": key(section(change), learn, seed, settings["lr"], network=network),
        }
        for seed, (learn, _) in enumerate(sides)
        for change in CHANGES
    ]
    return kept.each(wanted, one, arguments.log, "ablations")


def as_markdown(table: pd.DataFrame, command: str) -> str:
    """The page: shares over all photos held out, log loss as mean and spread over the seeds."""
    seeds, first = table["seed"].nunique(), table[table["change"] == table["change"].iloc[0]]
    number = int(first["held"].sum())
    lines = [
        "# What each part of the gender training gives",
        "",
        f"`{command}`: photos alone, some {table['rows'].median():.0f} to learn from; {seeds} "
        f"seeds, each with another fifth of the photos held out, {number} in all (no test photo). "
        "Right: the share of them, with its Wilson interval, flip and shifts averaged. Log loss: "
        "mean, and lowest to highest, of the seeds.",
        "",
        "| change | right | log loss, " + " | log loss, ".join(WAYS) + " | seconds |",
        "|" + " --- |" * (3 + len(WAYS)),
    ]
    for name, part in table.groupby("change", sort=False):
        right = int(part["+ shifts: right"].sum())
        low, high = wilson(right, number)
        losses = [part[f"{way}: log loss"] for way in WAYS]
        cells = [
            name,
            f"{right / number:.1%} ({low:.1%} to {high:.1%})",
            *(pages.spread(loss.mean(), loss.min(), loss.max()) for loss in losses),
            f"{part['seconds'].median():.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ablations_gender", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    log = Path(".cache/bench/ablations-gender.csv")
    parser.add_argument("--log", type=Path, default=log, help="what is finished; remove: anew")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where the page goes")
    arguments = parser.parse_args()
    page = as_markdown(measure(arguments), pages.command("bench.ablations_gender"))
    files.save_text(arguments.docs / "ablations-gender.md", page)
    print(page)


if __name__ == "__main__":
    run(main, timed=False)
