"""Stage `pseudo_labels`: more to learn gender from, cropped and of the kind that predict sees.

The photos once more, as `faces.predict` would crop their faces; and the keypoint archive's faces,
with the answers of a first gender network as their labels. Of both only rows to train on.
"""

import numpy as np

from faces.core import engine, files, params, paths, running, sides
from faces.gender.model import network, predict
from faces.pseudo_labels import lessons
from faces.training import ensemble, hardware

TASK = "gender"


def main() -> None:
    settings = params.load(
        *("source", "seed", "lr", "device", "precision", "deterministic"),
        *(f"{TASK}.{name}" for name in ("pseudo_labels", "train", "augment", "predict")),
    )
    engine.choose()
    training = network.with_preset(ensemble.training(settings))
    section = lessons.section(settings["pseudo_labels"], training["model"])
    print(f"{TASK}: on", hardware.set_up(settings))
    split = paths.SPLIT / TASK
    rows = sides.table(split)
    photos, keep = sides.in_table(split, rows), np.ones(len(rows), bool)
    if training["label_errors"] == "drop":
        keep = sides.kept(paths.LABEL_ERRORS / TASK, rows)
    side, places = photos["image"].shape[1], (paths.MODELS / "keypoints.keras", paths.ALIGNMENT)
    found = {"aligned": photos["image"][:0], "aligned_row": np.empty(0, int)}
    found["faces"] = found["aligned"]
    if section["align"]:
        archive = paths.CLEAN / TASK / "photos.zip"
        found["aligned"], found["aligned_row"] = lessons.aligned(
            archive, rows["file"], *places, side
        )
    if section["epochs"]:
        found["faces"] = lessons.archive_faces(paths.SPLIT / "keypoints", places[1], side)
    kept = files.repository() / paths.MEMBERS
    more = lessons.Lessons(network, predict, training, section, settings["predict"], found, kept)
    train, validation = (
        np.flatnonzero((rows["split"] == s) & keep) for s in ("train", "validation")
    )
    parts = more.of(photos, train, validation, settings["seed"])
    with files.replacing(paths.PSEUDO_LABELS / TASK) as folder:
        files.save_arrays(folder, sides.joined(parts))
        files.save_arrays(folder, {"keep": keep, **found})  # for stage crossval
    print(f"{TASK}: {' and '.join(lessons.summary(found))} to learn from besides")


if __name__ == "__main__":
    running.run(main, words=False)
