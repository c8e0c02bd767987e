"""Stage `train`: arrays of a task -> a model, and the history of its training."""

from faces.core import engine, files, params, paths, running, sides, tasks
from faces.training import ensemble, hardware, saving


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(
        *("source", "seed", "lr", "device", "precision", "deterministic"),
        *(f"{task}.{name}" for name in ("train", "augment", "predict")),
    )
    engine.choose()
    network = tasks.module(task, "model.network")
    print(f"{task}: training on", hardware.set_up(settings))
    training = network.with_preset(ensemble.training(settings))
    split, errors = paths.SPLIT / task, paths.LABEL_ERRORS / task
    errors = errors if training["label_errors"] == "drop" else None
    train, validation = (sides.load(split, side, errors) for side in ("train", "validation"))
    parts = [train]
    if task in tasks.PSEUDO_LABELS:
        parts.append(files.load_arrays(paths.PSEUDO_LABELS / task, *train))
    model, history = ensemble.train_members(
        network,
        training,
        sides.joined(parts) if parts[1:] else train,
        validation,
        settings["seed"],
        files.repository() / paths.MEMBERS,
    )
    said = tasks.module(task, "model.calibrate").calibrate(model, validation, settings["predict"])
    counts = {
        "parameters": model.count_params(),
        "train_images": len(train["image"]),
        "validation_images": len(validation["image"]),
        "pseudo_labels": sum(len(part["image"]) for part in parts[1:]),
    }
    saving.save(model, paths.MODELS / f"{task}.keras")
    outputs = (split / "outputs.json").read_text(encoding="utf-8")
    files.save_text(paths.MODELS / f"{task}.json", outputs)
    files.save_table(paths.PLOTS / f"{task}-history.csv", history)
    files.save_json(paths.METRICS / f"train-{task}.json", {**counts, **said})


if __name__ == "__main__":
    running.run(main)
