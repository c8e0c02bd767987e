"""Stage `refit`: a keypoint network that learns from the test split too -> the submission's model.

The model that is evaluated never sees the test split. After that, its rows may teach: networks of
further seeds learn from every row, and the submission's model is the mean of them and of the one
that was evaluated. It has no figure of its own until Kaggle scores it.
"""

from pathlib import Path

import numpy as np

from stages import backend, check, errors, files, params, tasks, train

TASK = "keypoints"
MODEL = train.MODELS / f"{TASK}.keras"
REFITTED = Path("data/models/submission.keras")
KEYS = [key.format(task=TASK) for key in train.KEYS] + [f"{TASK}.refit", f"{TASK}.check"]


def main() -> None:
    settings = params.load(*KEYS)
    backend.keras()  # only now that the params are checked: it takes seconds
    from stages import model_file
    from stages.training import members, saving

    settings = tasks.room(TASK, "network").with_preset(settings)
    model = model_file.load(MODEL)
    networks, rows = refitted(settings, model) if settings["refit"] else ([], 0)
    saving.save(members.average([*members.parts(model), *networks]), REFITTED)
    files.save_json(train.METRICS / f"refit-{TASK}.json", {"networks": len(networks), "rows": rows})


def refitted(settings: dict, model) -> tuple[list, int]:
    """Networks trained on all rows, and how many rows these are.

    Args:
        settings: as `KEYS` names them. model: the one that was evaluated.
    """
    from stages.training import device, members

    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    rows = with_test_rows(settings, model)
    print(f"{TASK}: {len(rows['image'])} rows, all there are, to learn from, on {said}")
    averaged, _ = members.train_members(
        tasks.room(TASK, "network"),
        {**settings, "members": settings["refit"]},
        rows,
        None,
        settings["seed"] + settings["members"],  # seeds that no other member has
        files.repository() / train.MEMBERS,
    )
    return members.parts(averaged), len(rows["image"])


def with_test_rows(settings: dict, model) -> dict[str, np.ndarray]:
    """`image` and `target` of all three sides of the split, doubtful labels left out if asked for.

    Stage `check` asks nothing about test rows; the model has not seen them, and answers for it.
    """
    leave_out = settings["suspects"] == "drop"
    sides = [train.load(TASK, side, leave_out) for side in ("train", "validation")]
    arrays = files.load_arrays(train.SPLIT / TASK, "test_images", "test_target")
    test = {"image": arrays["test_images"], "target": arrays["test_target"]}
    if leave_out and settings["check"]["folds"]:
        answers = tasks.room(TASK, "answer").outputs(
            model, test["image"], settings["flip_average"], settings["views"]
        )
        doubt = tasks.room(TASK, "suspects").suspicion(answers, test["target"])
        keep = doubt <= check.bar(doubt, settings["check"]["limit"])
        test = {name: array[keep] for name, array in test.items()}
    return {name: np.concatenate([side[name] for side in (*sides, test)]) for name in test}


if __name__ == "__main__":
    errors.run(main)
