"""Keep, after each epoch, what a training needs to go on after it was killed."""

import json
import os
import zipfile
from pathlib import Path

import keras
import numpy as np

from faces.core import files

# What Keras' callbacks know besides the model. BackupAndRestore keeps none of it.
KNOWN = {
    keras.callbacks.SwapEMAWeights: ("_ema_weights_in_model",),
    keras.callbacks.EarlyStopping: ("wait", "stopped_epoch", "best", "best_epoch"),
    keras.callbacks.History: ("history", "epoch"),
    keras.callbacks.TerminateOnNaN: (),
}
BROKEN = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


class Checkpoint(keras.callbacks.Callback):
    """After each epoch, all that the rest of the training depends on, in one file.

    That is every variable of the model (states of random generators too) and of the optimizer
    (step, moments, moving average), the best weights so far, the state of the other callbacks, and
    the history. The order of the batches is a function of seed and epoch. So a training that goes
    on ends with the same bits as one that was never stopped.

    It must come last: what is kept is what the other callbacks have left. Between two epochs that
    is the averaged weights in the model and the plain ones in the optimizer, as `SwapEMAWeights`
    finds them again.

    Args:
        path: the file, `.npz`; None keeps nothing. A broken file counts as none.
        epochs: of the whole training.
    """

    def __init__(self, path: Path | None, epochs: int):
        super().__init__()
        self.path, self.others = path, []
        self.state, self.arrays = read(path) if path else ({}, {})
        stopped = self.state.get("stopped", False)
        self.done = self.state.get("done", 0)  # epochs
        self.start = epochs if stopped else self.done
        if self.done:
            print(f"going on after epoch {self.done}, from {path}")

    def watch(self, callbacks: list[keras.callbacks.Callback]) -> list[keras.callbacks.Callback]:
        """These callbacks, and this one after them.

        Raises:
            ValueError: one whose state would be forgotten.
        """
        unknown = [type(c).__name__ for c in callbacks if type(c) not in KNOWN]
        if unknown:
            raise ValueError(f"Expected callbacks of checkpoints.KNOWN. Received: {unknown}")
        self.others = callbacks
        return [*callbacks, self]

    def on_train_begin(self, logs=None):
        """Keras has built everything, and the other callbacks have forgotten everything."""
        if not self.done:
            return
        for variable, value in zip(self._variables(), self._kept("variable"), strict=True):
            variable.assign(value)
        for callback in self.others:
            for name, value in self.state[type(callback).__name__].items():
                setattr(callback, name, value)
            if isinstance(callback, keras.callbacks.EarlyStopping):
                callback.best_weights = self._kept("best") or None
        self.arrays = {}

    def on_epoch_end(self, epoch, logs=None):
        if not self.path:
            return
        state = {"done": epoch + 1, "stopped": self.model.stop_training}
        arrays = _numbered("variable", [keras.ops.convert_to_numpy(v) for v in self._variables()])
        for callback in self.others:
            names = KNOWN[type(callback)]
            state[type(callback).__name__] = {name: getattr(callback, name) for name in names}
            arrays |= _numbered("best", getattr(callback, "best_weights", None) or [])
        self._write(state, arrays)

    def _variables(self) -> list:
        return [*self.model.variables, *self.model.optimizer.variables]

    def _kept(self, prefix: str) -> list[np.ndarray]:
        return [self.arrays[n] for n in sorted(self.arrays) if n.startswith(f"{prefix}_")]

    def _write(self, state: dict, arrays: dict[str, np.ndarray]) -> None:
        try:
            # Two experiments may train the same network at once.
            with files.replacing(self.path, f".{os.getpid()}") as unfinished:
                np.savez(unfinished, state=np.array(json.dumps(state)), **arrays)
        except OSError as error:  # a full disk: by the end of the training there may be room again
            print(f"epoch {state['done']} could not be kept ({error}); the training goes on")


def _numbered(prefix: str, arrays: list[np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{prefix}_{i:05d}": array for i, array in enumerate(arrays)}


def read(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """The state and the arrays of a checkpoint; both empty where there is none that is whole."""
    try:
        # Opened here: NumPy leaves a file open that it cannot read.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        return json.loads(str(arrays.pop("state"))), arrays
    except FileNotFoundError:
        return {}, {}
    except BROKEN as error:
        print(f"starting from the first epoch: {path} cannot be read ({error})")
        return {}, {}


def remove(path: Path) -> None:
    """Remove a checkpoint that is not needed any more, and what a kill left of writing it."""
    path.unlink(missing_ok=True)
    for left in path.parent.glob(f".{path.stem}.*.unfinished{path.suffix}"):
        left.unlink(missing_ok=True)
