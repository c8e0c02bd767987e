"""Stage `check`: rows whose labels networks trained on other rows find absurd -> a list, a mask."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from stages import backend, errors, files, params, tasks

SPLIT, CHECK, METRICS = Path("data/split"), Path("data/check"), Path("metrics")
BEGUN = Path(".cache/folds")  # networks of a check that was killed; no output of the stage
TRAINING = ("depth", "batch_size", "augment", "flip_average", "check")
KEYS = ["source", "seed", "device", "precision", "deterministic"]
KEYS += [f"{{task}}.{key}" for key in TRAINING]
# Our own network, whatever network is to be trained later.
FIXED = {
    "model": "ours",
    "optimizer": "adamw",
    "patience": 1000,
    "warmup_epochs": 1,
    "weight_decay": 0.05,
    "ema": 0.98,
}
SIDES = ("train", "validation")  # never the test split: it stays as it came
STANDS_OUT = 3  # times the median
SHOWN = 24


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*(key.format(task=task) for key in KEYS))
    room, data = tasks.room(task, "suspects"), load(task)
    rows = pd.read_csv(SPLIT / task / "rows.csv")
    rows = pd.concat([rows[rows["split"] == side] for side in SIDES], ignore_index=True)
    suspicion, answers = np.zeros(len(rows)), data["target"]
    if settings["check"]["folds"]:
        answers = ask(task, settings, data, rows["alike"].to_numpy())
        suspicion = room.suspicion(answers, data["target"])
    bad = suspicion > bar(suspicion, settings["check"]["limit"])
    worst = np.flatnonzero(bad)[np.argsort(-suspicion[bad], kind="stable")]
    picture = shown(task, settings, data, answers, suspicion, worst)
    rows = rows.assign(suspicion=suspicion.round(4))
    save(task, rows, worst, answers[worst], picture, settings["check"]["folds"])


def shown(task: str, settings: dict, data: dict, answers, suspicion, worst: np.ndarray):
    """The picture of the suspects, or a sentence that says why there is none."""
    from stages import drawing

    if not settings["check"]["folds"]:
        return drawing.note(f"The labels were not checked: {task}.check.folds is 0.")
    if not len(worst):
        return drawing.note(f"None of {len(suspicion):,} labels is in doubt.")
    names = json.loads((SPLIT / task / "outputs.json").read_text(encoding="utf-8"))
    room = tasks.room(task, "suspects")
    return room.picture({**data, "outputs": names}, answers, suspicion, worst[:SHOWN])


def bar(suspicion: np.ndarray, limit: float) -> float:
    """The suspicion above which a label is in doubt.

    Networks that have learned too little find every label absurd: a suspect must stand out from
    the others too.
    """
    return max(limit, STANDS_OUT * float(np.median(suspicion)))


def load(task: str) -> dict[str, np.ndarray]:
    """`image` and `target` of the train and validation rows, one after the other."""
    names = [f"{side}_{kind}" for kind in ("images", "target") for side in SIDES]
    arrays = files.load_arrays(SPLIT / task, *names)
    image, target = ([arrays[f"{s}_{kind}"] for s in SIDES] for kind in ("images", "target"))
    return {"image": np.concatenate(image), "target": np.concatenate(target)}


def ask(task: str, settings: dict, data: dict, groups: np.ndarray) -> np.ndarray:
    """Out-of-fold answers for all rows, by small networks: `stages.training.folds`."""
    backend.keras()
    from stages.training import device, folds

    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    print(f"{task}: checking labels on {said}")
    chosen = {**settings, **FIXED, **settings["check"]}
    network, answer = tasks.room(task, "network"), tasks.room(task, "answer")
    begun = files.repository() / BEGUN
    return folds.out_of_fold(network, answer, chosen, data, groups, settings["seed"], begun)


def save(
    task: str,
    rows: pd.DataFrame,
    worst: np.ndarray,
    expected: np.ndarray,
    picture,
    folds: int,
) -> None:
    """The mask of rows to keep, by side; the list and the picture of the others; their number.

    Args:
        worst: int (k,), the suspects, worst first. expected: (k, ...), what was answered for them.
    """
    from stages import drawing

    good = ~np.isin(np.arange(len(rows)), worst)
    with files.replacing(CHECK / task) as folder:
        keep = {f"{side}_keep": good[(rows["split"] == side).to_numpy()] for side in SIDES}
        files.save_arrays(folder, {**keep, "expected": expected.astype(np.float32)})
        rows.iloc[worst].to_csv(folder / "suspects.csv", index=False, lineterminator="\n")
    with files.replacing(METRICS / "pictures" / f"{task}-suspects.png") as unfinished:
        drawing.save(picture, unfinished)
    counts = {"folds": folds, "rows": len(rows), "suspects": len(worst)}
    files.save_json(METRICS / f"check-{task}.json", counts)
    if folds:
        print(f"{task}: {len(worst)} of {len(rows)} rows have labels that nothing bears out")
    else:
        print(f"{task}: labels are not checked ({task}.check.folds: 0)")


if __name__ == "__main__":
    errors.run(main)
