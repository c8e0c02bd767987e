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
    settings = tasks.room(TASK, "presets").with_preset(settings)
    backend.keras()
    from stages.gender import answer, network, teach
    from stages.training import device

    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    rows = pd.read_csv(train.SPLIT / TASK / "rows.csv", keep_default_na=False)
    photos, keep = every_photo(rows, settings["suspects"] == "drop")
    framed, owner = photos["image"][:0], np.empty(0, int)
    if settings["teach"]["reframe"]:
        framed, owner = as_framed(photos["image"].shape[1], rows["file"])
    print(f"{TASK}: {len(framed)} photos as predict frames them")
    learn = np.flatnonzero((rows["split"] == "train") & keep)
    mine = np.isin(owner, learn)
    lessons = {"image": framed[mine], "target": photos["target"][owner[mine]]}
    of_train = {name: array[learn] for name, array in photos.items()}
    faces = photos["image"][:0]
    if settings["teach"]["epochs"]:
        faces = archive_faces(photos["image"].shape[1])
        print(f"{TASK}: {len(faces)} faces of the keypoint archive; their teacher trains on {said}")
    side = np.flatnonzero((rows["split"] == "validation") & keep)
    more = teach.answered(
        network,
        answer,
        settings,
        teach.joined([of_train, lessons]),
        faces,
        {name: array[side] for name, array in photos.items()},
        settings["seed"],
        files.repository() / train.MEMBERS,
    )
    with files.replacing(TAUGHT) as folder:
        files.save_arrays(folder, teach.joined([lessons, more]))
        for_folds = {"keep": keep, "framed": framed, "framed_row": owner, "faces": faces}
        files.save_arrays(folder, for_folds)


def every_photo(rows: pd.DataFrame, leave_out: bool) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """`image` and `target` of all photos in the order of `rows`, and which may be learned from.

    Args:
        rows: of the split. leave_out: the label errors of stage `check`.
    """
    keep, arrays = np.ones(len(rows), bool), {}
    for side in ("train", "validation", "test"):
        here = np.flatnonzero(rows["split"] == side)
        found = files.load_arrays(train.SPLIT / TASK, f"{side}_images", f"{side}_target")
        for name, array in zip(("image", "target"), found.values(), strict=True):
            whole = arrays.setdefault(name, np.empty((len(rows), *array.shape[1:]), array.dtype))
            whole[here] = array
        if leave_out and side != "test":
            keep[here] = files.load_arrays(train.CHECK / TASK, f"{side}_keep")[f"{side}_keep"]
    return arrays, keep


def as_framed(side: int, names: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The photos as predict cuts faces out: uint8 (k, side, side, 3), and which they are, (k,)."""
    from stages.faces.models import without_classes
    from stages.faces.reframe import reframed

    network = model_file.load(train.MODELS / f"{OTHER}.keras")
    models = without_classes(network, FRAMING, side)
    with archives.open_zip(CLEAN / "photos.zip") as archive:
        return reframed((archive.read(name) for name in names), len(names), models)


def archive_faces(side: int) -> np.ndarray:
    """Faces of the other archive's rows to train on: uint8 (n, side, side, 3)."""
    from stages.faces.frame import Framing
    from stages.gender import teach

    framing = Framing(**json.loads(FRAMING.read_text(encoding="utf-8"))[TASK])
    rows = files.load_arrays(train.SPLIT / OTHER, "train_images", "train_target")
    points = teach.points_of(np.asarray(rows["train_target"]))
    seen = np.flatnonzero(teach.placed(points))
    frames = np.asarray(rows["train_images"][seen, :, :, 0])
    return teach.crops(frames, points[seen], framing, side)


if __name__ == "__main__":
    errors.run(main, words=False)
