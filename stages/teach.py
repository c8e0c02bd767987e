"""Stage `teach`: what a first gender network says of the keypoint archive's faces -> more to learn.

Only rows to train on are asked, none to validate or to test on.
"""

import json
from pathlib import Path

import numpy as np

from stages import backend, errors, files, params, tasks, train

TASK, OTHER = "gender", "keypoints"
TAUGHT, FRAMING = train.TAUGHT[TASK], Path("data/models/framing.json")
OWN = (f"{TASK}.members", f"{TASK}.epochs")  # of the teacher: one, and those of `teach`
KEYS = [key for key in (k.format(task=TASK) for k in train.KEYS) if key not in OWN]
KEYS += [f"{TASK}.teach", f"{OTHER}.split.same_face"]


def main() -> None:
    settings = params.load(*KEYS)
    photos = train.load(TASK, "train", settings["suspects"] == "drop")
    settings = tasks.room(TASK, "presets").with_preset(settings)
    images, target = photos["image"][:0], photos["target"][:0]
    if settings["teach"]["epochs"]:
        images, target = taught(settings, photos)
    with files.replacing(TAUGHT) as folder:
        files.save_arrays(folder, {"image": images, "target": target})
    print(f"{TASK}: {len(images)} more faces to learn from")


def taught(settings: dict, photos: dict) -> tuple[np.ndarray, np.ndarray]:
    """Faces of the other archive (n, side, side, 3), and their classes as one network sees them.

    Args:
        settings: as `KEYS` names them. photos: `image` and `target` of the rows to train on.
    """
    backend.keras()
    from stages.faces.frame import Framing
    from stages.gender import answer, network, teach
    from stages.keypoints.likeness import clusters
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
    persons = clusters(frames, points, settings["same_face"], settings["seed"])
    return images, teach.opinions(answers, np.unique(persons, return_inverse=True)[1])


if __name__ == "__main__":
    errors.run(main)
