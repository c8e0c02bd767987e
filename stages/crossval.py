"""Stage `crossval`: rows in folds, each answered by models trained on the others -> metrics.

Off by default. With `folds_of: rest` the test split takes no part, so that settings may be chosen
by these figures; with `all` every row is asked once: figures to report.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from stages import backend, errors, files, params, tasks

SPLIT, CHECK, METRICS = Path("data/split"), Path("data/check"), Path("metrics")
MEMBERS = Path(".cache/members")  # finished members, those of `train` too
SIDES = {"all": ("train", "validation", "test"), "rest": ("train", "validation")}
TAUGHT = {"gender": Path("data/teach/gender")}
TRAINING = ("folds", "folds_of", "split", "model", "members", "width", "depth", "epochs")
TRAINING += ("batch_size", "patience", "warmup_epochs", "weight_decay", "ema", "augment")
TRAINING += ("optimizer", "flip_average", "views")
SHARED = ("source", "seed", "lr", "device", "precision", "deterministic")
OWN = {"keypoints": "suspects", "gender": "teach"}
KEYS = {
    task: [*SHARED, *(f"{task}.{key}" for key in (*TRAINING, own))] for task, own in OWN.items()
}


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*KEYS[task])
    metrics = {"folds": settings["folds"], "folds_of": settings["folds_of"]}
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
    data, groups, rows = load(task, settings, room.COLUMNS)
    rooms = tuple(tasks.room(task, name) for name in ("network", "answer", "calibrate"))
    chosen = rooms[0].with_preset(settings)
    kept = files.repository() / MEMBERS
    more = lessons(task, rooms, chosen, data, rows, kept)
    answers, fold = folds.cross_validated(
        rooms, chosen, data, room.strata(data), groups, seed, kept, more
    )
    outputs = json.loads((SPLIT / task / "outputs.json").read_text(encoding="utf-8"))
    metrics = room.summary(answers, data, fold, outputs, seed)
    print(f"{task}: " + ", ".join(f"{k} {v}" for k, v in metrics.items() if k in room.HEADLINE))
    return metrics


def load(
    task: str, settings: dict, columns: tuple[str, ...]
) -> tuple[dict, np.ndarray, np.ndarray]:
    """The rows that take part, one side of the split after the other.

    Returns:
        `image`, `target` and the task's other columns (n, ...), `keep` bool (n,): False for label
        errors that are to be left out of training; groups of look-alikes, int (n,); which rows of
        the split's table they are, int (n,).
    """
    sides, data = SIDES[settings["folds_of"]], {}
    for column in columns:
        arrays = files.load_arrays(SPLIT / task, *(f"{side}_{column}" for side in sides))
        data[column] = np.concatenate(list(arrays.values()))
    data["image"] = data.pop("images")
    table = pd.read_csv(SPLIT / task / "rows.csv")
    rows = np.concatenate([np.flatnonzero(table["split"] == side) for side in sides])
    if task in TAUGHT:
        data["keep"] = files.load_arrays(TAUGHT[task], "keep")["keep"][rows]
    else:
        keep = [checked(task, side, (table["split"] == side).sum()) for side in sides]
        data["keep"] = np.concatenate(keep) | (settings["suspects"] == "keep")
    return data, table["alike"].to_numpy()[rows], rows


def checked(task: str, side: str, count: int) -> np.ndarray:
    """Which rows stage `check` found no label error in; it asks nothing about test rows."""
    if side == "test":
        return np.ones(count, bool)
    return files.load_arrays(CHECK / task, f"{side}_keep")[f"{side}_keep"]


def lessons(task: str, rooms: tuple, settings: dict, data: dict, rows: np.ndarray, kept: Path):
    """What a fold learns from besides its rows, as stage `train` does from those of `teach`.

    Returns:
        For `folds.cross_validated`, or None where the task has nothing of that kind.
    """
    if task not in TAUGHT:
        return None
    from stages.gender import teach

    network, answer, _ = rooms
    found = files.load_arrays(TAUGHT[task], "framed", "framed_row", "faces")
    place = np.full(max(rows.max(), found["framed_row"].max(initial=0)) + 1, -1)
    place[rows] = np.arange(len(rows))
    owner = place[found["framed_row"]]  # of each framed photo, in `data`; -1: takes no part

    def more(learn: np.ndarray, train: dict, validation: dict, seed: int) -> dict:
        mine = np.isin(owner, learn)
        framed = {"image": found["framed"][mine], "target": data["target"][owner[mine]]}
        photos = teach.joined([train, framed])
        faces = found["faces"]
        said = teach.answered(network, answer, settings, photos, faces, validation, seed, kept)
        return teach.joined([photos, said])

    return more


if __name__ == "__main__":
    errors.run(main)
