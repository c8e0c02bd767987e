"""Stage `train`: arrays of a task -> a model, and the history of its training."""

from pathlib import Path

from stages import backend, errors, files, params, tasks

SPLIT, MODELS, METRICS = Path("data/split"), Path("data/models"), Path("metrics")
MEMBERS = Path(".cache/members")  # finished members; no output of the stage, only time saved
TRAINING = (
    "model",
    "members",
    "width",
    "depth",
    "epochs",
    "batch_size",
    "patience",
    "warmup_epochs",
)
TRAINING += ("weight_decay", "ema", "augment")
KEYS = ["seed", "lr", "device", "precision", *(f"{{task}}.{key}" for key in TRAINING)]


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*(key.format(task=task) for key in KEYS))
    backend.keras()  # only now that the params are checked: it takes seconds
    from stages.training import device, members

    seed, network = settings["seed"], tasks.room(task, "network")
    print(f"{task}: training on", device.prepare(settings["device"], settings["precision"], seed))
    train, validation = (load(task, side) for side in ("train", "validation"))
    model, history = members.train_members(
        network, network.with_preset(settings), train, validation, seed, MEMBERS
    )
    with files.replacing(MODELS / f"{task}.keras") as unfinished:
        model.save(unfinished)
    outputs = (SPLIT / task / "outputs.json").read_text(encoding="utf-8")
    files.save_text(MODELS / f"{task}.json", outputs)
    with files.replacing(METRICS / "plots" / f"{task}-history.csv") as unfinished:
        history.to_csv(unfinished, index=False, lineterminator="\n")


def load(task: str, side: str) -> dict:
    """`image` and `target` of one side of the split."""
    arrays = files.load_arrays(SPLIT / task, f"{side}_images", f"{side}_target")
    return {"image": arrays[f"{side}_images"], "target": arrays[f"{side}_target"]}


if __name__ == "__main__":
    errors.run(main)
