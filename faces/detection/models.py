"""The trained models as prediction needs them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from faces.core import files, litert
from faces.core.errors import UserError
from faces.detection.alignment import Framing
from faces.detection.detector import Detector

# Where the models come without an alignment.json: as real photos are in Kaggle's two layouts.
REAL_PHOTOS = {
    "keypoints": {"width": 0.5756, "height": 0.5767, "x": 0.4904, "y": 0.3908},
    "gender": {"width": 0.7198, "height": 0.5437, "x": 0.4863, "y": 0.4196},
    "doubt": {"spread": 5.0, "apart": 0.577},
}


class Asked(Protocol):
    """A network, whatever it runs in."""

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray | list[np.ndarray]:
        """Its output or outputs for images (n, ...), 0 to 255."""


@dataclass(frozen=True)
class Models:
    """The networks, and what is known of them.

    Attributes:
        keypoints: to points, and to heatmaps where it has some.
        gender: None where only faces' points are asked for.
        size: side of the class network's photos, pixels. classes: names, in its order.
        framing: of the photos that each was trained on.
        usual: the keypoint network's doubt of those, (2,), as `points_and_doubt` gives it.
    """

    detector: Detector
    keypoints: Asked
    gender: Asked | None
    size: int
    classes: list[str]
    framing: dict[str, Framing]
    usual: np.ndarray


def load_models(folder: Path) -> Models:
    """The trained models of a folder, ready to be asked about faces.

    Raises:
        UserError: there are none yet.
    """
    needed = [folder / name for name in ("keypoints.tflite", "gender.tflite", "gender.json")]
    missing = [path.as_posix() for path in needed if not path.is_file()]
    if missing:
        todo = "Run `dvc repro`, or `dvc pull`, first."
        raise UserError("trained models", f"no {' and no '.join(missing)}", todo)
    keypoints, gender = (litert.load(path) for path in needed[:2])
    framing, usual = load_framing(folder / "alignment.json")
    classes = files.load_json(needed[2])
    return Models(Detector(), keypoints, gender, gender.input_shape[1], classes, framing, usual)


def without_classes(keypoints: Asked, alignment: Path, size: int) -> Models:
    """A keypoint network alone, to cut faces out as photos of that size, pixels, are framed."""
    framing, usual = load_framing(alignment)
    return Models(Detector(), keypoints, None, size, [], framing, usual)


def load_framing(path: Path) -> tuple[dict[str, Framing], np.ndarray]:
    """What stage `alignment` measured, or else what it measures on real photos."""
    found = files.load_json(path) if path.is_file() else REAL_PHOTOS
    framing = {task: Framing(**found[task]) for task in ("keypoints", "gender")}
    spread = found["doubt"]["spread"]
    doubt = [np.nan if spread is None else spread, found["doubt"]["apart"]]
    return framing, np.array(doubt)
