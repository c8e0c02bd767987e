"""The trained models as prediction needs them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stages import model_file
from stages.errors import UserError
from stages.faces.ask import Direct, with_heatmaps
from stages.faces.frame import Framing

# Where the models come without a framing.json: as it is for real photos in Kaggle's two layouts.
REAL_PHOTOS = {
    "keypoints": {"width": 0.5756, "height": 0.5767, "x": 0.4904, "y": 0.3908},
    "gender": {"width": 0.7198, "height": 0.5437, "x": 0.4863, "y": 0.4196},
    "doubt": {"spread": 5.0, "apart": 0.577},
}


@dataclass(frozen=True)
class Models:
    """Both networks, and what is known of them.

    Attributes:
        gender: None where only faces' points are asked for.
        size: side of the class network's photos, pixels. classes: names, in its order.
        framing: of the photos that each was trained on.
        doubt: the keypoint network's of those, (2,), as `ask.points_and_doubt` gives it.
    """

    keypoints: Direct
    gender: Direct | None
    size: int
    classes: list[str]
    framing: dict[str, Framing]
    doubt: np.ndarray


def trained(folder: Path) -> dict:
    """The Keras models of a folder, by task.

    Raises:
        UserError: there are none yet.
    """
    paths = {task: folder / f"{task}.keras" for task in ("keypoints", "gender")}
    needed = [*paths.values(), folder / "gender.json"]
    missing = [path.as_posix() for path in needed if not path.is_file()]
    if missing:
        todo = "Run `dvc repro`, or `dvc pull`, first."
        raise UserError("trained models", f"no {' and no '.join(missing)}", todo)
    return {task: model_file.load(path) for task, path in paths.items()}


def load_models(folder: Path) -> Models:
    """The trained models of a folder, ready to be asked about faces.

    Raises:
        UserError: there are none yet.
    """
    loaded = trained(folder)
    framing, doubt = load_framing(folder / "framing.json")
    return Models(
        keypoints=with_heatmaps(loaded["keypoints"]),
        gender=Direct(loaded["gender"]),
        size=loaded["gender"].input_shape[1],
        classes=json.loads((folder / "gender.json").read_text(encoding="utf-8")),
        framing=framing,
        doubt=doubt,
    )


def without_classes(keypoints, framing: Path, size: int) -> Models:
    """A keypoint network alone, to cut faces out as photos of that size, pixels, are framed."""
    where, doubt = load_framing(framing)
    return Models(with_heatmaps(keypoints), None, size, [], where, doubt)


def load_framing(path: Path) -> tuple[dict[str, Framing], np.ndarray]:
    """What stage `framing` measured, or else what it measures on real photos."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else REAL_PHOTOS
    framing = {task: Framing(**found[task]) for task in ("keypoints", "gender")}
    spread = found["doubt"]["spread"]
    doubt = [np.nan if spread is None else spread, found["doubt"]["apart"]]
    return framing, np.array(doubt)
