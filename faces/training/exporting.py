"""Keras models written for other runtimes, and compared with what these say."""

import re
import warnings
from pathlib import Path

import numpy as np

from faces.core import backend, files, litert
from faces.core.errors import UserError
from faces.training.asking import with_heatmaps

COMPARED = 32  # images of the test split
# The largest difference from Keras that is no fault: float32 sums in another order.
TOLERANCE = {"keypoints": 0.01, "gender": 0.001}
UNITS = {"keypoints": "px", "gender": "of probability"}


def export(model, path: Path, task: str, images: np.ndarray) -> str:
    """Write a model for LiteRT, checked there; a line that says what came out.

    The file of a keypoint model answers with its heatmaps, too: where they are spread, it doubts.

    Args:
        images: (n, h, w, c), 0 to 255, to compare with.

    Raises:
        UserError: the answers differ from those of Keras by more than TOLERANCE.
    """
    model = in_float32(model)
    whole = with_heatmaps(model) if task == "keypoints" else model
    with files.replacing(path) as unfinished:
        convert(whole, "litert", unfinished)
        network = litert.load(unfinished)
        difference = check(network.predict_on_batch(images), whole, images, path, task)
        size = unfinished.stat().st_size / 2**20
    allowed = f"{TOLERANCE[task]:g} {UNITS[task]} is allowed"
    return f"{path.name}: {size:.1f} MB, no further than {difference:.1e} from Keras; {allowed}"


def check(answer, model, images: np.ndarray, path: Path, task: str) -> float:
    """The largest difference between a file's answer and the model's.

    Raises:
        UserError: it is more than TOLERANCE.
    """
    expected = model(np.asarray(images, np.float32), training=False)
    pairs = zip(outputs(answer), outputs(expected), strict=True)
    difference = max(largest_difference(*pair) for pair in pairs)
    if not difference <= TOLERANCE[task]:  # also where it is not a number
        raise UserError(
            f"answers of {path.as_posix()} within {TOLERANCE[task]:g} of Keras",
            f"a difference of {difference:.3g}",
            "Use the versions of the packages in constraints.txt.",
        )
    return difference


def outputs(answer) -> list[np.ndarray]:
    """What a network answered, heatmaps last: runtimes have them in another order than Keras."""
    listed = answer if isinstance(answer, (list, tuple)) else [answer]
    return sorted(map(np.asarray, listed), key=lambda output: output.ndim)


def largest_difference(answer: np.ndarray, expected: np.ndarray) -> float:
    """The largest absolute difference; infinite between arrays of different shapes."""
    if answer.shape != expected.shape:
        return float("inf")
    return float(np.abs(answer - expected).max())


def in_float32(model):
    """The model, or where it was trained in 16 bit, a copy that computes in 32."""
    text = model.to_json()
    plain = re.sub(r'"mixed_b?float16"', '"float32"', text)
    if plain == text:
        return model
    copy = backend.keras().models.model_from_json(plain)
    copy.set_weights(model.get_weights())
    return copy


def convert(model, kind: str, path: Path) -> None:
    """Keras' own export, as `onnx` or `litert`, without the notes of its packages."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.export(path, format=kind, verbose=False)
