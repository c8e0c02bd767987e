"""Stage `refit`: keypoint networks that learn from the test split too -> the submission's model.

The model that is evaluated never sees the test split. After that, its rows may teach: networks of
further seeds learn from every row, and the submission's model is the mean of them and of those that
were evaluated. It has no figure of its own until Kaggle scores it.
"""

import pandas as pd

from faces.core import engine, files, params, paths, running, sides
from faces.keypoints.model import network, presets, refit
from faces.training import averages, ensemble, hardware, opening, saving

TASK = "keypoints"
SECTIONS = ("label_errors", "train", "augment", "predict", "refit")


def main() -> None:
    settings = params.load(
        *("source", "seed", "lr", "device", "precision", "deterministic"),
        *(f"{TASK}.{name}" for name in SECTIONS),
    )
    engine.choose()
    said = hardware.set_up(settings)
    training, members = ensemble.training(settings), settings["refit"]["members"]
    if presets.is_preset(training["model"]):
        members = 0
    model, more = opening.load(paths.MODELS / f"{TASK}.keras"), []
    counts = {"networks": members, "rows": 0, "left_out": 0}
    if members:
        split, errors = paths.SPLIT / TASK, paths.LABEL_ERRORS / TASK
        limit = settings["label_errors"]["limit"] if settings["label_errors"]["folds"] else None
        if training["label_errors"] == "keep":
            errors = limit = None
        parts = [sides.load(split, side, errors) for side in ("train", "validation")]
        groups = files.load_arrays(split, *(f"{side}_group" for side in sides.SIDES))
        test, counts["left_out"] = refit.to_learn_from(
            sides.load(split, "test"), [*groups.values()], model, limit, settings["predict"]
        )
        rows = sides.joined([*parts, test])
        counts["rows"] = len(rows["image"])
        print(f"{TASK}: {counts['rows']} rows, the test split's too, to learn from, on {said}")
        history = pd.read_csv(paths.PLOTS / f"{TASK}-history.csv")
        # Where patience ended the evaluated networks' training, it was earlier.
        training |= {"members": members, "epochs": int(history["epoch"].max())}
        seed, kept = settings["seed"] + refit.SEEDS, files.repository() / paths.MEMBERS
        more.append(ensemble.train_members(network, training, rows, None, seed, kept)[0])
    networks = [n for averaged in (model, *more) for n in averages.networks(averaged)]
    saving.save(averages.average(networks), paths.SUBMISSION_MODEL)
    files.save_json(paths.METRICS / f"refit-{TASK}.json", counts)


if __name__ == "__main__":
    running.run(main, words=False)
