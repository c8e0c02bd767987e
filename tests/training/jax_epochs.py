"""Trains under JAX step by step, and an epoch in one call; prints what both gave, as JSON."""

import json
import os
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

from stages.gender import network as gender
from stages.keypoints import network as keypoints
from stages.training import checkpoints, device, fit, members
from stages.training.look import STILL

SETTINGS = {"model": "ours", "width": 4, "depth": 1, "epochs": 3, "batch_size": 8, "patience": 9}
SETTINGS |= {"warmup_epochs": 1, "weight_decay": 0.01, "ema": 0.5, "optimizer": "muon"}
AUGMENT = {**STILL, "flip": 0.5, "degrees": 9, "noise": 5, "colour": 0.1, "gray": 0, "mixup": 0.2}


def rows(task: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    if task == "gender":
        image, target = (28, 60, 60, 3), np.eye(2, dtype=np.float32)[np.arange(28) % 2]
    else:
        image, target = (28, 96, 96, 1), rng.uniform(5, 90, (28, 19, 2)).astype(np.float32)
    return {"image": rng.integers(0, 256, image, dtype=np.uint8), "target": target}


class Killed(Exception):
    """After an epoch."""


def trained(network, data: dict, at_once: bool, kept: Path | None = None) -> tuple[list, list]:
    """Losses of the epochs, and weights; with `kept`, goes on from there."""
    members.start_afresh(1)
    model = network.build(SETTINGS, data["image"].shape[1:], data["target"].shape[1])
    fit.computes_on_gpu = lambda: at_once
    history = fit.fit(
        network.with_augmentation(model, AUGMENT, 1),
        network.loss_for({"loss": "smooth", **SETTINGS}),
        network.Metric(),
        data,
        {name: array[:8] for name, array in data.items()},
        SETTINGS,
        0.002,
        1,
        kept,
    )
    return history["train_loss"].tolist(), model.get_weights()


def resumed(network, data: dict, folder: Path) -> list:
    """Weights of a training that was killed after its first epoch and went on."""
    write = checkpoints.Checkpoint._write

    def write_and_die(self, state, arrays):
        write(self, state, arrays)
        raise Killed

    checkpoints.Checkpoint._write = write_and_die
    try:
        trained(network, data, at_once=True, kept=folder / "kept.npz")
    except Killed:
        checkpoints.Checkpoint._write = write
    return trained(network, data, at_once=True, kept=folder / "kept.npz")[1]


def same(first: list, second: list) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def main() -> None:
    said = {"used": device.prepare("auto", "float32", 1), "gpu": device.computes_on_gpu()}
    said["flags"] = os.environ["XLA_FLAGS"].split()
    for network, task in ((keypoints, "keypoints"), (gender, "gender")):
        data = rows(task)
        steps, _ = trained(network, data, at_once=False)
        losses, _ = trained(network, data, at_once=True)
        said[task] = {"by step": steps, "at once": losses}
    device.prepare("auto", "float16", 1)  # whose losses are scaled
    _, weights = trained(gender, data, at_once=True)
    with tempfile.TemporaryDirectory() as folder:
        said["resumes"] = same(weights, resumed(gender, data, Path(folder)))
    print()
    json.dump(said | {"backend": keras.backend.backend()}, sys.stdout)


if __name__ == "__main__":
    main()
