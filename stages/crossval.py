"""Stage `crossval`: rows in folds, each answered by models trained on the others -> metrics.

Off by default. The test split takes no part, so settings may be chosen by these figures.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from stages import backend, errors, files, params, tasks

SPLIT, CHECK, METRICS = Path("data/split"), Path("data/check"), Path("metrics")
MEMBERS = Path(".cache/members")  # finished members, those of `train` too
SIDES = ("train", "validation")
TRAINING = ("folds", "split", "suspects", "model", "members", "width", "depth", "epochs")
TRAINING += ("batch_size", "patience", "warmup_epochs", "weight_decay", "ema", "augment")
TRAINING += ("optimizer", "flip_average", "views")
KEYS = [
    "source",
    "seed",
    "lr",
    "device",
    "precision",
    "deterministic",
    *(f"{{task}}.{key}" for key in TRAINING),
]


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*(key.format(task=task) for key in KEYS))
    metrics = {"folds": settings["folds"]}
    if settings["folds"]:
        metrics |= cross_validate(task, settings)
    else:
        print(f"{task}: no cross-validation ({task}.folds: 0)")
    files.save_json(METRICS / f"crossval-{task}.json", metrics)


def cross_validate(task: str, settings: dict) -> dict:
    """Metrics over all rows of train and validation, each asked of a model that never saw it."""
    backend.keras()
    from stages.training import device, folds

    seed, room = settings["seed"], tasks.room(task, "crossval")
    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    print(f"{task}: {settings['folds']} folds on {said}")
    data, groups = load(task, settings["suspects"] == "drop", room.COLUMNS)
    rooms = tuple(tasks.room(task, name) for name in ("network", "answer", "calibrate"))
    chosen = rooms[0].with_preset(settings)
    answers, fold = folds.cross_validated(
        rooms, chosen, data, room.strata(data), groups, seed, MEMBERS
    )
    outputs = json.loads((SPLIT / task / "outputs.json").read_text(encoding="utf-8"))
    metrics = room.summary(answers, data, fold, outputs, seed)
    print(f"{task}: " + ", ".join(f"{k} {v}" for k, v in metrics.items() if k in room.HEADLINE))
    return metrics


def load(task: str, leave_out: bool, columns: tuple[str, ...]) -> tuple[dict, np.ndarray]:
    """The rows of train and validation, one after the other, and their groups of look-alikes.

    Returns:
        `image`, `target` and the task's other columns (n, ...), `keep` bool (n,): False for
        suspects of stage `check` that are to be left out of training; groups, int (n,).
    """
    data = {}
    for column in columns:
        arrays = files.load_arrays(SPLIT / task, *(f"{side}_{column}" for side in SIDES))
        data[column] = np.concatenate(list(arrays.values()))
    data["image"] = data.pop("images")
    keep = files.load_arrays(CHECK / task, *(f"{side}_keep" for side in SIDES))
    data["keep"] = np.concatenate(list(keep.values())) | (not leave_out)
    rows = pd.read_csv(SPLIT / task / "rows.csv")
    groups = [rows.loc[rows["split"] == side, "alike"].to_numpy() for side in SIDES]
    return data, np.concatenate(groups)


if __name__ == "__main__":
    errors.run(main)
