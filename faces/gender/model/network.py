"""The network for photos in classes: a small residual network.

The finished model consists of layers that Keras ships, so that loading it needs no code of ours.
"""

import keras
from keras import layers, ops

from faces.gender.model import augmentation, presets
from faces.gender.model.augmentation import Augment
from faces.gender.model.presets import with_preset
from faces.training import norm

__all__ = ["PARTS", "Metric", "build", "loss_for", "with_augmentation", "with_preset"]

TIMES = (3, 4, 5, 5)  # `width` at each halving; docs/experiments.md, "Wider where photos are large"
PARTS = (augmentation, presets)  # what a trained network depends on besides this module


def _conv(x, filters: int, size: int = 3, strides: int = 1):
    same = {"padding": "same", "data_format": "channels_last", "use_bias": False}
    x = layers.Conv2D(filters, size, strides, **same)(x)
    return layers.BatchNormalization(axis=-1, momentum=0.95)(x)


def _residual(x, filters: int):
    y = layers.Activation("relu")(_conv(x, filters))
    y = _conv(y, filters)
    return layers.Activation("relu")(layers.add([x, y]))


def build(settings: dict, shape: tuple, outputs: int) -> keras.Model:
    """The model that goes into the file: pixels in, probabilities out.

    Args:
        settings: section `gender.train`: `model` (`residual`, or a preset), `width` (filters:
            three times as many at half the size, then four, five and five times) and
            `depth` (residual blocks at each size). Multiples of 16 are fast, others are not:
            docs/experiments.md, "Filters in sixteens".
        shape: of an image, (size, size, 3).
        outputs: number of classes.

    Returns:
        A model from (batch, size, size, 3), 0 to 255, to (batch, classes), which sum to 1.
    """
    if settings["model"] == "blog":
        return presets.build(shape, outputs)
    pixels = keras.Input(shape, dtype="float32", name="image")
    x = layers.Rescaling(1 / 255)(pixels)
    # Each photo to mean 0 and variance 1: photos in the dark are as good as others.
    x = layers.LayerNormalization(axis=[1, 2, 3], center=False, scale=False, epsilon=1e-4)(x)
    for stage, times in enumerate(TIMES):
        filters = settings["width"] * times
        x = layers.Activation("relu")(_conv(x, filters, size=5 if stage == 0 else 3, strides=2))
        for _ in range(settings["depth"]):
            x = _residual(x, filters)
    x = layers.GlobalAveragePooling2D("channels_last")(x)
    x = layers.Dropout(0.3)(x)
    logits = layers.Dense(outputs, dtype="float32", name="logits")(x)
    return keras.Model(
        pixels, layers.Softmax(dtype="float32", name="probabilities")(logits), name="gender"
    )


def with_augmentation(model: keras.Model, settings: dict, seed: int) -> keras.Model:
    """The model that is trained: random photos and classes in, answer and target out.

    Returns:
        A model from {"image": (batch, size, size, 3), "target": (batch, classes)} to
        (batch, classes, 2), the last axis answer and target, both probabilities.
    """
    image = keras.Input(model.input_shape[1:], dtype="float32", name="image")
    target = keras.Input(model.output_shape[1:], dtype="float32", name="target")
    x, mixed = Augment(settings, seed)(ops.cast(image, "float32"), target)
    pair = ops.stack([norm.fused(model)(x), mixed], axis=-1)
    return keras.Model({"image": image, "target": target}, pair, name="gender_training")


def loss_for(_: dict):
    """The loss to train with."""
    return cross_entropy


def cross_entropy(_, pair):
    """Cross-entropy, mean over the batch.

    Args:
        pair: (batch, classes, 2), answer and target on the last axis.
    """
    answer = ops.clip(pair[..., 0], 1e-7, 1.0)
    return -ops.mean(ops.sum(pair[..., 1] * ops.log(answer), axis=-1))


class Metric(keras.metrics.Metric):
    """Log loss, as `cross_entropy`, over an epoch."""

    def __init__(self, name: str = "log_loss", dtype: str = "float32"):
        super().__init__(dtype, name)
        self.total = self.add_weight((), "zeros", dtype, name="total")
        self.count = self.add_weight((), "zeros", dtype, name="count")

    def update_state(self, _, pair, sample_weight=None):
        size = ops.cast(ops.shape(pair)[0], "float32")
        self.total.assign_add(cross_entropy(_, pair) * size)
        self.count.assign_add(size)

    def result(self):
        return self.total / ops.maximum(self.count, 1.0)
