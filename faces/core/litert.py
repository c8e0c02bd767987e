"""Networks in .tflite files, asked through LiteRT, which starts without TensorFlow."""

import threading
from pathlib import Path

import numpy as np

from faces.core.errors import UserError
from faces.core.quiet import quiet

_starting = threading.Lock()  # `quiet` turns stderr away: one thread at a time


class Network:
    """A network in a .tflite file; each thread that asks it has an interpreter of its own.

    One image at a time on one core is quickest: larger batches leave the core's cache, and other
    cores are better used for other photos.

    Args:
        content: of the file. name: of the file, for errors.

    Raises:
        UserError: LiteRT cannot read it.
    """

    def __init__(self, content: bytes, name: str):
        self.content, self.name = content, name
        self._own = threading.local()
        self.input_shape = tuple(
            int(n) for n in self._interpreter().get_input_details()[0]["shape"]
        )

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray | list[np.ndarray]:
        """The output for images (n, ...), 0 to 255, n at least 1; a list where there are several.

        The name is that of Keras' models, so that either can be asked.
        """
        interpreter = self._interpreter()
        given = interpreter.get_input_details()[0]["index"]
        asked = [output["index"] for output in interpreter.get_output_details()]
        parts = []
        for image in images:
            interpreter.set_tensor(given, np.asarray(image, np.float32)[None])
            interpreter.invoke()
            parts.append([interpreter.get_tensor(index) for index in asked])
        outputs = [np.concatenate(part) for part in zip(*parts, strict=True)]
        return outputs if len(outputs) > 1 else outputs[0]

    def _interpreter(self):
        if not hasattr(self._own, "interpreter"):
            self._own.interpreter = self._start()
        return self._own.interpreter

    def _start(self):
        from ai_edge_litert.interpreter import Interpreter

        try:
            with _starting, quiet():
                started = Interpreter(model_content=self.content, num_threads=1)
                started.allocate_tensors()
                return started
        except (ValueError, RuntimeError) as error:
            todo = "Remove it and run `dvc repro`, or `dvc pull`."
            raise UserError(f"a network for LiteRT in {self.name}", str(error), todo) from error


def load(path: Path) -> Network:
    """The network in a file.

    Raises:
        UserError: there is none, or it is damaged.
    """
    try:
        return Network(path.read_bytes(), path.as_posix())
    except OSError as error:
        todo = "Run `dvc repro`, or `dvc pull`, first."
        raise UserError(f"a network in {path.as_posix()}", str(error.strerror), todo) from error
