"""A small network that is compiled within a second, and its training.

It has all that a training must remember: moments and averages of weights, statistics of batch
normalisation, dropout, and random changes of the images. `python -m tests.helpers.small FOLDER`
trains it in a process of its own, to be killed: it writes FOLDER/model.keras and
FOLDER/history.csv; FOLDER/kept is what it goes on from.
"""

import hashlib
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from faces.training import ensemble, hardware, saving
from faces.training.photometric import RandomLook

EPOCHS = 3
LOOK = {"small": 0, "blur": 0.3, "gamma": 0.2, "noise": 5, "cutout": 0.3}
SETTINGS = {"epochs": EPOCHS, "batch_size": 8, "patience": 4, "warmup_epochs": 1, "members": 1}
SETTINGS |= {"optimizer": "muon"}
SETTINGS |= {"weight_decay": 0.01, "ema": 0.9, "lr": 0.01, "augment": LOOK}
PARTS = ()


def build(_: dict, shape: tuple, outputs: int) -> keras.Model:
    """A model from pixels (batch, *shape) to answers (batch, outputs)."""
    pixels = keras.Input(shape, name="image")
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, strides=4)(pixels))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return keras.Model(pixels, layers.Dense(outputs)(x))


class Look(layers.Layer):
    """Images as they are, and changed at random in training."""

    def __init__(self, settings: dict, seed: int):
        super().__init__()
        self.look = RandomLook(settings, seed)

    def build(self, _):
        self.look.build(None)  # it is called in training only
        self.built = True

    def call(self, images, training=False):
        return self.look(images) if training else images


def with_augmentation(model: keras.Model, settings: dict, seed: int) -> keras.Model:
    """The model that is trained, as the tasks' own modules make it."""
    image = keras.Input(model.input_shape[1:], name="image")
    target = keras.Input(model.output_shape[1:], name="target")
    answer = model(Look(settings, seed)(ops.cast(image, "float32")))
    return keras.Model({"image": image, "target": target}, ops.stack([answer, target], axis=-1))


def loss_for(_: dict):
    """The mean of squared errors."""
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
    """Train, or go on from FOLDER/kept, and write model and history; `alone`: no validation."""
    hardware.prepare("cpu", "float32", 3)
    train, validation, network = data(40, 1), data(16, 2), sys.modules[__name__]
    settings = {**SETTINGS, **changes}
    validation = None if settings.pop("alone", False) else validation
    model, history = ensemble.train_members(
        network, settings, train, validation, 3, folder / "kept"
    )
    saving.save(model, folder / "model.keras")
    history.to_csv(folder / "history.csv", index=False)


def digest(folder: Path) -> str:
    """A hash of what `run` wrote."""
    names = ("model.keras", "history.csv")
    return hashlib.sha256(b"".join((folder / n).read_bytes() for n in names)).hexdigest()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
