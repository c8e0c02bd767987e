"""Stage `teach`: more faces to learn gender from, in the framing and of the kind that predict sees.

The photos once more, as `predict` would cut faces out of them; and the keypoint archive's faces,
with what a first gender network says of them. Of both only rows to train on are taken.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from stages import archives, backend, errors, files, model_file, params, tasks, train

TASK, OTHER = "gender", "keypoints"
TAUGHT, FRAMING = train.TAUGHT[TASK], train.MODELS / "framing.json"
CLEAN = Path("data/clean") / TASK
OWN = (f"{TASK}.members", f"{TASK}.epochs")  # of the teacher: one, and those of `teach`
KEYS = [key for key in (k.format(task=TASK) for k in train.KEYS) if key not in OWN]
KEYS.append(f"{TASK}.teach")


def main() -> None:
    settings = params.load(*KEYS)
    photos = train.load(TASK, "train", settings["suspects"] == "drop")
    settings = tasks.room(TASK, "presets").with_preset(settings)
    lessons = [{name: array[:0] for name, array in photos.items()}]
    if settings["teach"]["reframe"]:
        lessons.append(as_framed(settings, photos))
    print(f"{TASK}: {len(lessons[-1]['image'])} photos as predict frames them")
    if settings["teach"]["epochs"]:
        lessons.append(taught(settings, joined([photos, *lessons])))
        print(f"{TASK}: {len(lessons[-1]['image'])} faces of the keypoint archive")
    with files.replacing(TAUGHT) as folder:
        files.save_arrays(folder, joined(lessons))


def joined(parts: list[dict]) -> dict[str, np.ndarray]:
    """The arrays of all parts, one after the other, by their names."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def as_framed(settings: dict, photos: dict) -> dict[str, np.ndarray]:
    """The photos to train on as predict cuts faces out, with their own classes.

    Args:
        settings: as `KEYS` names them. photos: `image` and `target` of the rows to train on.
    """
    backend.keras()
    from stages.faces.models import without_classes
    from stages.faces.reframe import reframed
    from stages.training import device

    device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    network = model_file.load(train.MODELS / f"{OTHER}.keras")
    models = without_classes(network, FRAMING, photos["image"].shape[1])
    rows = pd.read_csv(train.SPLIT / TASK / "rows.csv", keep_default_na=False)
    names = rows.loc[rows["split"] == "train", "file"].to_numpy()
    if settings["suspects"] == "drop":
        names = names[files.load_arrays(train.CHECK / TASK, "train_keep")["train_keep"]]
    with archives.open_zip(CLEAN / "photos.zip") as archive:
        contents = (archive.read(name) for name in names)
        images, whose = reframed(contents, len(names), models)
    return {"image": images, "target": photos["target"][whose]}


def taught(settings: dict, photos: dict) -> dict[str, np.ndarray]:
    """Faces of the other archive (n, side, side, 3), and their classes as one network sees them.

    Args:
        settings: as `KEYS` names them. photos: `image` and `target` that it learns from.
    """
    backend.keras()
    from stages.faces.frame import Framing
    from stages.gender import answer, network, teach
    from stages.training import device, members

    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    print(f"{TASK}: the teacher trains on", said)
    framing = Framing(**json.loads(FRAMING.read_text(encoding="utf-8"))[TASK])
    rows = files.load_arrays(train.SPLIT / OTHER, "train_images", "train_target")
    points = teach.points_of(np.asarray(rows["train_target"]))
    seen = np.flatnonzero(teach.placed(points))
    frames, points = np.asarray(rows["train_images"][seen, :, :, 0]), points[seen]
    images = teach.crops(frames, points, framing, photos["image"].shape[1])
    model, _ = members.train_members(
        network,
        {**settings, **settings["teach"], "members": 1},
        photos,
        train.load(TASK, "validation", settings["suspects"] == "drop"),
        settings["seed"],
        files.repository() / train.MEMBERS,
    )
    answers = answer.outputs(model, images, settings["flip_average"], settings["views"])
    return {"image": images, "target": answers.astype(np.float32)}


if __name__ == "__main__":
    errors.run(main)
