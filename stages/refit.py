"""Stage `refit`: keypoint networks that learn from the test split too -> the submission's model.

The model that is evaluated never sees the test split. After that, its rows may teach: networks of
further seeds learn from every row, and the submission's model is the mean of them and of those that
were evaluated. It has no figure of its own until Kaggle scores it.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from stages import backend, check, errors, files, params, tasks, train
from stages.keypoints.labels import GROUP_4, GROUP_15, N_OUTPUTS, N_POINTS, with_missing_habits

TASK = "keypoints"
MODEL, HISTORY = train.MODELS / f"{TASK}.keras", train.METRICS / "plots" / f"{TASK}-history.csv"
REFITTED = Path("data/models/submission.keras")
SIDES = ("train", "validation", "test")
SEEDS = 100  # from `seed` on, those that members may have
KEYS = [key.format(task=TASK) for key in train.KEYS] + [f"{TASK}.refit", f"{TASK}.check"]


def main() -> None:
    settings = params.load(*KEYS)
    backend.keras()  # only now that the params are checked: it takes seconds
    from stages import model_file
    from stages.training import averages, device, saving

    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    settings = tasks.room(TASK, "network").with_preset(settings)
    model, more = model_file.load(MODEL), []
    counts = {"networks": settings["refit"], "rows": 0, "left_out": 0}
    if settings["refit"]:
        rows, counts["left_out"] = all_rows(settings, model)
        counts["rows"] = len(rows["image"])
        print(f"{TASK}: {counts['rows']} rows, the test split's too, to learn from, on {said}")
        more = refitted(settings, rows)
    saving.save(averages.average([*averages.networks(model), *more]), REFITTED)
    files.save_json(train.METRICS / f"refit-{TASK}.json", counts)


def refitted(settings: dict, rows: dict) -> list:
    """Networks that learn from these rows, for as many epochs as the evaluated ones did.

    Args:
        settings: as `KEYS` names them. rows: `image` and `target`.
    """
    from stages.training import averages, members

    epochs = int(pd.read_csv(HISTORY)["epoch"].max())  # where patience ended may have been earlier
    averaged, _ = members.train_members(
        tasks.room(TASK, "network"),
        {**settings, "members": settings["refit"], "epochs": epochs},
        rows,
        None,
        settings["seed"] + SEEDS,
        files.repository() / train.MEMBERS,
    )
    return averages.networks(averaged)


def all_rows(settings: dict, model) -> tuple[dict[str, np.ndarray], int]:
    """`image` and `target` of all three sides of the split, and how many test rows were left out.

    Stage `check` asks nothing about test rows. The model has not seen them: where it finds their
    labels absurd, they are left out here, as others are in `train`, and in no figure.
    """
    leave_out = settings["suspects"] == "drop"
    sides = [train.load(TASK, side, leave_out) for side in ("train", "validation")]
    arrays = files.load_arrays(train.SPLIT / TASK, "test_images", "test_target")
    test = {"image": arrays["test_images"], "target": arrays["test_target"]}
    keep = np.ones(len(test["image"]), bool)
    if leave_out and settings["check"]["folds"]:
        answers = tasks.room(TASK, "answer").outputs(
            model, test["image"], settings["flip_average"], settings["views"]
        )
        doubt = tasks.room(TASK, "suspects").suspicion(answers, test["target"])
        keep = doubt <= check.bar(doubt, settings["check"]["limit"])
    groups = files.load_arrays(train.SPLIT / TASK, *(f"{side}_group" for side in SIDES))
    test["target"] = with_all_habits(test["target"], np.concatenate(list(groups.values())))
    sides.append({name: array[keep] for name, array in test.items()})
    rows = {name: np.concatenate([side[name] for side in sides]) for name in test}
    return rows, int((~keep).sum())


def with_all_habits(target: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Targets (n, 19, 2) as stage `split` makes those to train on: no output without a teacher.

    Args:
        groups: int, the annotator groups of the whole data set's rows.
    """
    known = [np.any(groups == group) for group in (GROUP_15, GROUP_4)]
    return with_missing_habits(target, np.repeat(known, [N_POINTS, N_OUTPUTS - N_POINTS]))


if __name__ == "__main__":
    errors.run(main, words=False)
