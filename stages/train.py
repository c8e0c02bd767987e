"""Stage `train`: arrays of a task -> a model, and the history of its training."""

from pathlib import Path

import numpy as np

from stages import backend, errors, files, params, tasks

SPLIT, CHECK = Path("data/split"), Path("data/check")
MODELS, METRICS = Path("data/models"), Path("metrics")
# Faces that nobody labelled, with the answers of a first network.
TAUGHT = {"gender": Path("data/teach/gender")}
# Finished members, and the one that a kill stopped; no output of the stage, only time saved.
MEMBERS = Path(".cache/members")
TRAINING = ("suspects", "model", "members", "width", "depth", "epochs", "batch_size", "patience")
TRAINING += (
    "optimizer",
    "warmup_epochs",
    "weight_decay",
    "ema",
    "augment",
    "flip_average",
    "views",
)
SHARED = ("source", "seed", "lr", "device", "precision", "deterministic")
KEYS = [*SHARED, *(f"{{task}}.{key}" for key in TRAINING)]


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*(key.format(task=task) for key in KEYS))
    backend.keras()  # only now that the params are checked: it takes seconds
    from stages.training import device, members, saving

    seed, network = settings["seed"], tasks.room(task, "network")
    said = device.prepare(
        settings["device"], settings["precision"], seed, settings["deterministic"]
    )
    print(f"{task}: training on", said)
    leave_out = settings["suspects"] == "drop"
    train, validation = (load(task, side, leave_out) for side in ("train", "validation"))
    lessons, kept = with_taught(task, train), files.repository() / MEMBERS
    model, history = members.train_members(
        network, network.with_preset(settings), lessons, validation, seed, kept
    )
    said = tasks.room(task, "calibrate").calibrate(model, validation, settings)
    said = {"parameters": model.count_params(), **sizes(train, validation), **said}
    if task in TAUGHT:
        said["taught_images"] = len(lessons["image"]) - len(train["image"])
    saving.save(model, MODELS / f"{task}.keras")
    outputs = (SPLIT / task / "outputs.json").read_text(encoding="utf-8")
    files.save_text(MODELS / f"{task}.json", outputs)
    with files.replacing(METRICS / "plots" / f"{task}-history.csv") as unfinished:
        history.to_csv(unfinished, index=False, lineterminator="\n")
    files.save_json(METRICS / f"train-{task}.json", said)


def sizes(train: dict, validation: dict) -> dict[str, int]:
    """How much was learned from, and how much chose the epoch."""
    return {"train_images": len(train["image"]), "validation_images": len(validation["image"])}


def load(task: str, side: str, leave_out: bool) -> dict:
    """`image` and `target` of one side of the split, without the suspects of stage `check`."""
    arrays = files.load_arrays(SPLIT / task, f"{side}_images", f"{side}_target")
    image, target = arrays[f"{side}_images"], arrays[f"{side}_target"]
    keep = files.load_arrays(CHECK / task, f"{side}_keep")[f"{side}_keep"]
    if leave_out and not keep.all():
        image, target = image[keep], target[keep]
    return {"image": image, "target": target}


def with_taught(task: str, photos: dict) -> dict:
    """The same arrays, and after them those of stage `teach`, where the task has it."""
    if task not in TAUGHT:
        return photos
    taught = files.load_arrays(TAUGHT[task], *photos)
    return {name: np.concatenate([photos[name], taught[name]]) for name in photos}


if __name__ == "__main__":
    errors.run(main)
