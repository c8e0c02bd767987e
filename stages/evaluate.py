"""Stage `evaluate`: a model and the test split -> answers, metrics, tables to plot, pictures."""

import numpy as np
import pandas as pd

from faces.core import files, params, paths, running, sides, tasks
from faces.core.test_time import finite
from faces.drawing import sheets
from faces.training import hardware, opening


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load("seed", "device", "precision", "deterministic", f"{task}.predict")
    hardware.set_up(settings)
    evaluation = tasks.module(task, "scoring.evaluation")
    predict, calibrate = (tasks.module(task, f"model.{name}") for name in ("predict", "calibrate"))
    split = paths.SPLIT / task
    arrays = files.load_arrays(split, *evaluation.READS)
    classes = files.load_json(split / "outputs.json")
    model = opening.load(paths.MODELS / f"{task}.keras")

    def ask():
        return predict.outputs(model, arrays["test_images"], **settings["predict"])

    answer = finite(ask(), f"data/models/{task}.keras")
    if calibrate.undo(model, files.load_json(paths.METRICS / f"train-{task}.json")):
        arrays["uncalibrated"] = ask()
    metrics, tables, pictures = evaluation.evaluate(answer, arrays, classes, settings["seed"])
    pictures["label-errors"] = label_errors(task, classes)
    with files.replacing(paths.ANSWERS / f"{task}.npy") as unfinished:
        np.save(unfinished, answer, allow_pickle=False)
    files.save_json(paths.METRICS / f"{task}.json", metrics)
    for name, table in tables.items():
        files.save_table(paths.PLOTS / f"{task}-{name}.csv", table)
    for name, picture in pictures.items():
        with files.replacing(paths.PICTURES / f"{task}-{name}.png") as unfinished:
            sheets.save(picture, unfinished)
    print(f"{task}: " + ", ".join(f"{k} {metrics[k]}" for k in evaluation.HEADLINE))


def label_errors(task: str, classes: list[str]):
    """The picture of what stage label_errors found, the worst first."""
    folder = paths.LABEL_ERRORS / task
    listed = pd.read_csv(folder / "label_errors.csv", keep_default_na=False).head(sheets.MOST)
    if not len(listed):
        return sheets.no_label_errors(
            files.load_json(paths.METRICS / f"label-errors-{task}.json"), task
        )
    expected = files.load_arrays(folder, "expected")["expected"][: len(listed)]
    found = sides.look_up(paths.SPLIT / task, listed)
    picture = tasks.module(task, "scoring.pictures").label_errors
    images, suspicion = np.stack(found["image"]), listed["suspicion"].to_numpy()
    return picture(images, suspicion, np.stack(found["target"]), expected, classes)


if __name__ == "__main__":
    running.run(main)
