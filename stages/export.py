"""Both models for other runtimes: `python -m stages.export` writes ONNX and LiteRT files.

A program, no stage: its packages are in requirements-export.txt. The files take pixels as they
come, 0 to 255, as float32; the first axis is the number of images. A file gets its name only
after its own runtime has given the same answers as Keras, on images of the test split.
"""

import importlib
import importlib.util
import re
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from stages import errors, files, threads
from stages.errors import UserError
from stages.faces.models import trained
from stages.predict import MODELS

EXPORTS, SPLIT = Path("data/exports"), Path("data/split")
FORMATS = {"onnx": ".onnx", "litert": ".tflite"}
PACKAGES = ("tf2onnx", "onnxruntime", "ai_edge_litert")
# The largest difference from Keras that is no fault: float32 sums in another order.
TOLERANCE = {"keypoints": 0.01, "gender": 0.001}
UNITS = {"keypoints": "px", "gender": "of probability"}
COMPARED = 32
ROUNDS = 30

Runner = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    check_packages()
    models = trained(MODELS)
    check_backend()
    print(f"{'file':32} {'MB':>6} {'ms, one image':>14} {'in Keras':>9}  largest difference")
    for task in TOLERANCE:
        images = files.load_arrays(SPLIT / task, "test_images")["test_images"][:COMPARED]
        images = np.asarray(images, np.float32)
        model = in_float32(models[task])
        for kind in FORMATS:
            print(export(model, kind, EXPORTS, task, images))


def check_packages() -> None:
    """Raise a `UserError` if a package of requirements-export.txt is missing."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        todo = "Run `make export`, or `pip install -r requirements-export.txt`."
        raise UserError("the packages that export models", f"no {', no '.join(missing)}", todo)


def check_backend() -> None:
    """Raise a `UserError` on a backend that does not write both formats."""
    import keras

    if keras.backend.backend() != "tensorflow":
        todo = "Unset KERAS_BACKEND; the files of the models are the same for all."
        raise UserError("KERAS_BACKEND=tensorflow to export", keras.backend.backend(), todo)


def in_float32(model):
    """The model, or where it was trained in 16 bit, a copy that computes in 32."""
    import keras

    text = model.to_json()
    plain = re.sub(r'"mixed_b?float16"', '"float32"', text)
    if plain == text:
        return model
    copy = keras.models.model_from_json(plain)
    copy.set_weights(model.get_weights())
    return copy


def export(model, kind: str, folder: Path, task: str, images: np.ndarray) -> str:
    """Write the model's file, checked in its own runtime; a line that says what came out.

    Args:
        kind: `onnx` or `litert`. images: float32 (n, h, w, c), 0 to 255, to compare with.

    Raises:
        UserError: the answers differ from those of Keras by more than TOLERANCE.
    """
    path = folder / f"{task}{FORMATS[kind]}"
    expected = np.asarray(model(images, training=False))
    with files.replacing(path) as unfinished:
        convert(model, kind, unfinished)
        ask = RUNNERS[kind](unfinished)
        difference = largest_difference(ask(images), expected)
        if not difference <= TOLERANCE[task]:  # also where it is not a number
            raise UserError(
                f"answers of {path.as_posix()} within {TOLERANCE[task]:g} of Keras",
                f"a difference of {difference:.3g}",
                "Use other versions of the packages in requirements-export.txt.",
            )
        size = unfinished.stat().st_size / 2**20
        own = milliseconds(ask, images[:1])
    keras_own = milliseconds(lambda x: np.asarray(model.predict_on_batch(x)), images[:1])
    said = f"{difference:.1e} {UNITS[task]} (up to {TOLERANCE[task]:g} is allowed)"
    return f"{path.as_posix():32} {size:6.2f} {own:14.2f} {keras_own:9.2f}  {said}"


def convert(model, kind: str, path: Path) -> None:
    """Keras' own export, without the notes of its packages."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.export(path, format=kind, verbose=False)


def largest_difference(answer: np.ndarray, expected: np.ndarray) -> float:
    """The largest absolute difference; infinite between arrays of different shapes."""
    if answer.shape != expected.shape:
        return float("inf")
    return float(np.abs(answer - expected).max())


def milliseconds(ask: Runner, image: np.ndarray) -> float:
    """Median time of an answer to one image, after a first that does not count."""
    ask(image)
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        ask(image)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def onnx_runner(path: Path) -> Runner:
    """The file in onnxruntime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path.as_posix(), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(None, {name: images})[0]


def litert_runner(path: Path) -> Runner:
    """The file in LiteRT, formerly TensorFlow Lite, on all cores."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path.as_posix(), num_threads=threads.cores())
    given, asked = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    shape = None

    def ask(images: np.ndarray) -> np.ndarray:
        nonlocal shape
        if images.shape != shape:
            interpreter.resize_tensor_input(given["index"], images.shape)
            interpreter.allocate_tensors()
            shape = images.shape
        interpreter.set_tensor(given["index"], images)
        interpreter.invoke()
        return interpreter.get_tensor(asked["index"])

    return ask


RUNNERS = {"onnx": onnx_runner, "litert": litert_runner}

if __name__ == "__main__":
    errors.run(main, timed=False, words=False)
