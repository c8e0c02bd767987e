"""A tiny training in a process of its own, to be killed: `python -m tests.training.killed FOLDER`.

It writes FOLDER/model.keras and FOLDER/history.csv; FOLDER/kept is what it goes on from. The
network is small, and has all that a training must remember: moments and averages of weights,
statistics of batch normalisation, dropout, and random changes of the images.
"""

import hashlib
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from stages.training import device, members, saving
from stages.training.look import RandomLook

EPOCHS = 4
LOOK = {"small": 0, "blur": 0.3, "gamma": 0.2, "noise": 5, "cutout": 0.3}
SETTINGS = {"epochs": EPOCHS, "batch_size": 8, "patience": 4, "warmup_epochs": 1, "members": 1}
SETTINGS |= {"optimizer": "muon"}
SETTINGS |= {"weight_decay": 0.01, "ema": 0.9, "lr": 0.01, "augment": LOOK}
PARTS = ()


def build(_: dict, shape: tuple, outputs: int) -> keras.Model:
    pixels = keras.Input(shape, name="image")
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, strides=4)(pixels))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return keras.Model(pixels, layers.Dense(outputs)(x))


def with_augmentation(model: keras.Model, settings: dict, seed: int) -> keras.Model:
    image = keras.Input(model.input_shape[1:], name="image")
    target = keras.Input(model.output_shape[1:], name="target")
    answer = model(RandomLook(settings, seed)(ops.cast(image, "float32")))
    return keras.Model({"image": image, "target": target}, ops.stack([answer, target], axis=-1))


def loss_for(_: dict):
    return lambda _, pair: ops.mean(ops.square(pair[..., 0] - pair[..., 1]))


class Metric(keras.metrics.MeanMetricWrapper):
    def __init__(self):
        super().__init__(loss_for({}), name="error")


def data(n: int, seed: int) -> dict[str, np.ndarray]:
    """Photos of two classes, dark and bright."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 2
    image = rng.integers(0, 60, (n, 16, 16, 3)) + 150 * label[:, None, None, None]
    return {"image": image.astype(np.uint8), "target": np.eye(2, dtype=np.float32)[label]}


def run(folder: Path, **changes) -> None:
    device.prepare("cpu", "float32", 3)
    train, validation, network = data(40, 1), data(16, 2), sys.modules[__name__]
    settings = {**SETTINGS, **changes}
    validation = None if settings.pop("alone", False) else validation
    model, history = members.train_members(network, settings, train, validation, 3, folder / "kept")
    saving.save(model, folder / "model.keras")
    history.to_csv(folder / "history.csv", index=False)


def digest(folder: Path) -> str:
    names = ("model.keras", "history.csv")
    return hashlib.sha256(b"".join((folder / n).read_bytes() for n in names)).hexdigest()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
