"""Both models for other runtimes: `python -m faces.export` writes ONNX and LiteRT files.

A program, no stage: its packages are in requirements-export.txt. The files take pixels as they
come, 0 to 255, as float32; the first axis is the number of images. A file gets its name only
after its own runtime has given the same answers as Keras, on images of the test split.
"""

import importlib
import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from faces.core import files, running, threads
from faces.core.errors import UserError
from faces.core.paths import MODELS, SPLIT
from faces.training import exporting, opening

EXPORTS = Path("data/exports")
FORMATS = {"onnx": ".onnx", "litert": ".tflite"}
PACKAGES = ("tf2onnx", "onnxruntime", "ai_edge_litert")
ROUNDS = 30

Runner = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    check_packages()
    models = trained(MODELS)
    check_backend()
    print(f"{'file':32} {'MB':>6} {'ms, one image':>14} {'in Keras':>9}  largest difference")
    for task in exporting.TOLERANCE:
        images = files.load_arrays(SPLIT / task, "test_images")["test_images"][: exporting.COMPARED]
        images = np.asarray(images, np.float32)
        model = exporting.in_float32(models[task])
        for kind in FORMATS:
            print(export(model, kind, EXPORTS, task, images))


def trained(folder: Path) -> dict:
    """The Keras models of a folder, by task.

    Raises:
        UserError: there are none yet.
    """
    needed = {task: folder / f"{task}.keras" for task in exporting.TOLERANCE}
    missing = [path.as_posix() for path in needed.values() if not path.is_file()]
    if missing:
        todo = "Run `dvc repro`, or `dvc pull`, first."
        raise UserError("trained models", f"no {' and no '.join(missing)}", todo)
    return {task: opening.load(path) for task, path in needed.items()}


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


def export(model, kind: str, folder: Path, task: str, images: np.ndarray) -> str:
    """Write the model's file, checked in its own runtime; a line that says what came out.

    Args:
        kind: `onnx` or `litert`. images: float32 (n, h, w, c), 0 to 255, to compare with.

    Raises:
        UserError: the answers differ from those of Keras by more than TOLERANCE.
    """
    path = folder / f"{task}{FORMATS[kind]}"
    with files.replacing(path) as unfinished:
        exporting.convert(model, kind, unfinished)
        ask = RUNNERS[kind](unfinished)
        difference = exporting.check(ask(images), model, images, path, task)
        size = unfinished.stat().st_size / 2**20
        own = milliseconds(ask, images[:1])
    keras_own = milliseconds(lambda x: np.asarray(model.predict_on_batch(x)), images[:1])
    allowed = f"up to {exporting.TOLERANCE[task]:g} is allowed"
    said = f"{difference:.1e} {exporting.UNITS[task]} ({allowed})"
    return f"{path.as_posix():32} {size:6.2f} {own:14.2f} {keras_own:9.2f}  {said}"


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
    running.run(main, timed=False, words=False)
