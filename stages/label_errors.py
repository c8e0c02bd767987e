"""Stage `label_errors`: rows whose labels networks trained on other rows find absurd -> a list."""

import numpy as np
import pandas as pd

from faces.core import engine, files, label_errors, params, paths, running, sides, tasks

SIDES = ("train", "validation")  # never the test split: it stays as it came


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(
        *("source", "seed", "device", "precision", "deterministic"),
        *(f"{task}.{name}" for name in ("label_errors", "augment", "predict")),
    )
    engine.choose()
    section, split = settings["label_errors"], paths.SPLIT / task
    data = sides.joined([sides.load(split, side) for side in SIDES])
    rows = sides.table(split)
    rows = pd.concat([rows[rows["split"] == side] for side in SIDES], ignore_index=True)
    suspicion, answers = np.zeros(len(rows)), data["target"]
    if section["folds"]:
        from faces.training import folds, hardware  # here: it takes seconds, and may be for nothing

        print(f"{task}: looking for label errors on {hardware.set_up(settings)}")
        answers = folds.out_of_fold(
            tasks.module(task, "model.network"),
            tasks.module(task, "model.predict"),
            label_errors.training(section, settings["augment"]),
            data,
            rows["alike"].to_numpy(),
            settings["seed"],
            section["folds"],
            settings["predict"]["flip"],
            files.repository() / paths.FOLDS,
        )
        suspicion = tasks.module(task, "model.label_errors").suspicion(answers, data["target"])
    worst = label_errors.worst(suspicion, section["limit"])
    good = ~np.isin(np.arange(len(rows)), worst)
    keep = {f"{side}_keep": good[(rows["split"] == side).to_numpy()] for side in SIDES}
    rows = rows.assign(suspicion=suspicion.round(4)).iloc[worst]
    with files.replacing(paths.LABEL_ERRORS / task) as folder:
        files.save_arrays(folder, {**keep, "expected": answers[worst].astype(np.float32)})
        files.save_table(folder / "label_errors.csv", rows)
    counts = {"folds": section["folds"], "rows": len(good), "label_errors": len(worst)}
    files.save_json(paths.METRICS / f"label-errors-{task}.json", counts)
    print(f"{task}: {label_errors.summary(counts, task)}")


if __name__ == "__main__":
    running.run(main)
