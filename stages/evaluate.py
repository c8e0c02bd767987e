"""Stage `evaluate`: a model and the test split -> answers, metrics, tables to plot, pictures."""

import json
from pathlib import Path

import numpy as np

from stages import backend, errors, files, model_file, params, tasks
from stages.errors import UserError

SPLIT, MODELS, METRICS = Path("data/split"), Path("data/models"), Path("metrics")
ANSWERS = Path("data/answers")
KEYS = ["seed", "device", "precision", "deterministic", "{task}.flip_average", "{task}.views"]


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*(key.format(task=task) for key in KEYS))
    backend.keras()
    from stages import drawing
    from stages.training import device

    device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    report = tasks.room(task, "report")
    arrays = files.load_arrays(SPLIT / task, *report.READS)
    classes = json.loads((SPLIT / task / "outputs.json").read_text(encoding="utf-8"))
    model = model_file.load(MODELS / f"{task}.keras")
    seen = arrays["test_images"], settings["flip_average"], settings["views"]

    def ask(model):
        return tasks.room(task, "answer").outputs(model, *seen)

    answer = ask(model)
    if not np.isfinite(answer).all():
        todo = "Lower lr and train again."
        raise UserError(f"finite answers of data/models/{task}.keras", "NaN or infinity", todo)
    said = json.loads((METRICS / f"train-{task}.json").read_text(encoding="utf-8"))
    if tasks.room(task, "calibrate").undo(model, said):
        arrays["uncalibrated"] = ask(model)
    metrics, tables, pictures = report.report(answer, arrays, classes, settings["seed"])
    with files.replacing(ANSWERS / f"{task}.npy") as unfinished:
        np.save(unfinished, answer, allow_pickle=False)
    files.save_json(METRICS / f"{task}.json", metrics)
    for name, table in tables.items():
        with files.replacing(METRICS / "plots" / f"{task}-{name}.csv") as unfinished:
            table.to_csv(unfinished, index=False, lineterminator="\n")
    for name, picture in pictures.items():
        with files.replacing(METRICS / "pictures" / f"{task}-{name}.png") as unfinished:
            drawing.save(picture, unfinished)
    print(f"{task}: " + ", ".join(f"{k} {v}" for k, v in metrics.items() if k in report.HEADLINE))


if __name__ == "__main__":
    errors.run(main)
