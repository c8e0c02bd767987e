"""Stage `train`: arrays of a task -> a model, and the history of its training."""

from pathlib import Path

from stages import backend, errors, files, params, tasks

SPLIT, MODELS, METRICS = Path("data/split"), Path("data/models"), Path("metrics")
TRAINING = ("model", "width", "depth", "epochs", "batch_size", "patience", "warmup_epochs")
TRAINING += ("weight_decay", "ema", "augment")
KEYS = ["seed", "lr", "device", "precision", *(f"{{task}}.{key}" for key in TRAINING)]


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*(key.format(task=task) for key in KEYS))
    backend.keras()  # only now that the params are checked: it takes seconds
    from stages.training import device, fit

    seed, network = settings["seed"], tasks.room(task, "network")
    print(f"{task}: training on", device.prepare(settings["device"], settings["precision"], seed))
    train, validation = (load(task, side) for side in ("train", "validation"))
    model = network.build(settings, train["image"].shape[1:], train["target"].shape[1])
    training_model = network.with_augmentation(model, settings["augment"], seed)
    history = fit.fit(
        training_model,
        network.loss,
        network.Metric(),
        train,
        validation,
        settings,
        settings["lr"],
        seed,
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
