"""Trains under JAX step by step, and an epoch in one call; prints what both gave, as JSON."""

import json
import os
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

from faces.training import checkpoints, ensemble, fit, hardware
from tests.helpers import small


class Killed(Exception):
    """After an epoch."""


def trained(data: dict, at_once: bool, kept: Path | None = None) -> tuple[list, list]:
    """Losses of the epochs, and weights; with `kept`, goes on from there."""
    ensemble.start_afresh(1)
    fit.computes_on_gpu = lambda: at_once
    validation = {name: array[:8] for name, array in data.items()}
    model, history = ensemble.trained(small, small.SETTINGS, data, validation, 1, kept)
    return history["train_loss"].tolist(), model.get_weights()


def resumed(data: dict, folder: Path) -> list:
    """Weights of a training that was killed after its first epoch and went on."""
    write = checkpoints.Checkpoint._write

    def write_and_die(self, state, arrays):
        write(self, state, arrays)
        raise Killed

    checkpoints.Checkpoint._write = write_and_die
    try:
        trained(data, at_once=True, kept=folder / "kept.npz")
    except Killed:
        checkpoints.Checkpoint._write = write
    return trained(data, at_once=True, kept=folder / "kept.npz")[1]


def compiled(folder: Path) -> list[int]:
    """How many compiled functions are kept there: on a CPU, then as if on a GPU."""
    import jax

    kept = []
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    for on_gpu in (False, True):
        hardware.computes_on_gpu = lambda on_gpu=on_gpu: on_gpu
        hardware.keep_compiled(folder)
        jax.jit(lambda x, on_gpu=on_gpu: x + on_gpu)(1.0)
        kept.append(len(list(folder.glob("*-cache"))))
    return kept


def same(first: list, second: list) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def main() -> None:
    said = {"used": hardware.prepare("auto", "float32", 1), "gpu": hardware.computes_on_gpu()}
    said["flags"] = os.environ["XLA_FLAGS"].split()
    rows = small.data(28, 1)
    said["by step"], _ = trained(rows, at_once=False)
    said["at once"], _ = trained(rows, at_once=True)
    hardware.prepare("auto", "float16", 1)  # whose losses are scaled
    _, weights = trained(rows, at_once=True)
    with tempfile.TemporaryDirectory() as folder:
        said["resumes"] = same(weights, resumed(rows, Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        said["compiled"] = compiled(Path(folder))
    print()
    json.dump(said | {"backend": keras.backend.backend()}, sys.stdout)


if __name__ == "__main__":
    main()
