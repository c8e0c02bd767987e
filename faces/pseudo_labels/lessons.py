"""Gather what gender is learned from besides the photos, for pseudo_labels and crossval."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from faces.core import files, sides
from faces.data.archives import open_zip
from faces.detection.alignment import Framing
from faces.detection.models import without_classes
from faces.gender.model.presets import is_preset
from faces.pseudo_labels import archive_faces as others
from faces.pseudo_labels.photos import realigned
from faces.training import elsewhere, ensemble, opening
from faces.training.asking import Direct, with_heatmaps

NONE = {"align": False, "epochs": 0}  # photos alone


def section(params: dict, model: str) -> dict:
    """The `pseudo_labels` section as it is for this model: one to compare with has photos alone."""
    return NONE if is_preset(model) else params


def load(folder: Path) -> dict:
    """Load what stage pseudo_labels found, for all rows, as `Lessons` has it."""
    return files.load_arrays(folder, "aligned", "aligned_row", "faces")


@dataclass(frozen=True)
class Lessons:
    """Makes what members learn from besides the rows that they are given.

    Attributes:
        network, predict: modules of the task. training: settings of a training.
        section: `pseudo_labels` of the task. averaging: its `predict`.
        found: `aligned` uint8 (k, side, side, 3), photos as predict crops their faces,
            `aligned_row` int (k,), which photos they are (-1: none of these), and `faces` uint8
            (m, side, side, 3), which nobody labelled.
        kept: folder of finished networks.
    """

    network: object
    predict: object
    training: dict
    section: dict
    averaging: dict
    found: dict
    kept: Path

    def of(self, photos: dict, learn: np.ndarray, watch: np.ndarray, seed: int) -> list[dict]:
        """The photos to learn from as predict crops them; the other faces, with pseudo-labels.

        Args:
            photos: `image` uint8 (n, side, side, 3), `target` (n, classes). learn: int, rows of
                these to learn from. watch: int, those that choose the first network's epoch.

        Returns:
            Two dicts of `image` and `target`; the pseudo-labels are probabilities.
        """
        aligned, faces = self.aligned(photos, learn), self.found["faces"]
        if not self.asks:
            return [aligned, {name: array[:0] for name, array in aligned.items()}]
        model, _ = ensemble.train_members(*self.first(photos, learn, watch, seed))
        answers = self.predict.outputs(model, faces, **self.averaging).astype(np.float32)
        return [aligned, {"image": np.asarray(faces), "target": answers}]

    def trainings(
        self, photos: dict, learn: np.ndarray, watch: np.ndarray, seed: int
    ) -> Iterator[elsewhere.Training]:
        """The first network's training, as `of` has it for the same arguments, or none."""
        if self.asks:
            yield from ensemble.members(*self.first(photos, learn, watch, seed))

    @property
    def asks(self) -> bool:
        """Whether there are faces for which a first network answers."""
        return bool(self.section["epochs"] and len(self.found["faces"]))

    def aligned(self, photos: dict, learn: np.ndarray) -> dict:
        """The photos to learn from as predict crops them: `image` and `target`."""
        owner = self.found["aligned_row"]
        mine = np.isin(owner, learn)
        return {"image": self.found["aligned"][mine], "target": photos["target"][owner[mine]]}

    def first(self, photos: dict, learn: np.ndarray, watch: np.ndarray, seed: int) -> tuple:
        """What `train_members` makes the first network from."""
        settings = {**self.training, "epochs": self.section["epochs"], "members": 1}
        some = [{name: array[rows] for name, array in photos.items()} for rows in (learn, watch)]
        known = sides.joined([some[0], self.aligned(photos, learn)])
        return self.network, settings, known, some[1], seed, self.kept


def of_rows(found: dict, rows: np.ndarray) -> dict:
    """The same lessons, for photos of which only some rows take part, in another order.

    Args:
        found: as `Lessons` has it. rows: int (n,), which rows the photos are.
    """
    place = np.full(max(rows.max(), found["aligned_row"].max(initial=0)) + 1, -1)
    place[rows] = np.arange(len(rows))
    return {**found, "aligned_row": place[found["aligned_row"]]}


def aligned(
    archive: Path, names: pd.Series, network: Path, alignment: Path, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Photos as predict crops their faces: uint8 (k, side, side, 3), and which they are, (k,).

    Args:
        archive: of the photos, by these names. network: a keypoint model's file.
        alignment: what stage alignment measured. side: pixels.
    """
    keypoints = Direct(with_heatmaps(opening.load(network)))
    models = without_classes(keypoints, alignment, side)
    with open_zip(archive) as photos:
        return realigned((photos.read(name) for name in names), len(names), models)


def archive_faces(split: Path, alignment: Path, side: int) -> np.ndarray:
    """Faces of the keypoint task's rows to train on: uint8 (n, side, side, 3).

    Args:
        split: folder of that task. alignment: what stage alignment measured. side: pixels.
    """
    framing = Framing(**files.load_json(alignment)["gender"])
    rows = files.load_arrays(split, "train_images", "train_target")
    points = others.points_of(np.asarray(rows["train_target"]))
    seen = np.flatnonzero(others.placed(points))
    frames = np.asarray(rows["train_images"][seen, :, :, 0])
    return others.crops(frames, points[seen], framing, side)


def summary(found: dict) -> list[str]:
    """Say what was found, in words."""
    return [
        f"{len(found['aligned'])} photos as predict crops them",
        f"{len(found['faces'])} faces of the keypoint archive",
    ]
