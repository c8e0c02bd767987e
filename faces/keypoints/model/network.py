"""The keypoint network: heatmaps, and each point as the expectation of its heatmap.

Integral regression (Sun et al. 2018, "Integral Human Pose Regression", arXiv:1711.08229): a
softmax turns a map of 24x24 scores into probabilities, whose mean position is the answer. It is
differentiable, finer than a cell, and never far outside the frame.

The finished model consists of layers that Keras ships, so that loading it needs no code of ours.
"""

import keras
import numpy as np
from keras import layers, ops

from faces.keypoints import points
from faces.keypoints.model import augmentation, presets
from faces.keypoints.model.augmentation import Augment
from faces.keypoints.model.presets import with_preset
from faces.keypoints.points import FRAME
from faces.training import norm

__all__ = ["PARTS", "Metric", "build", "loss_for", "with_augmentation", "with_preset"]

PARTS = (augmentation, points, presets)  # what a trained network depends on besides this module
HUBER = 2.0  # pixels; beyond them an error counts in proportion, not squared


def _conv(x, filters: int, size: int = 3, strides: int = 1):
    same = {"padding": "same", "data_format": "channels_last", "use_bias": False}
    x = layers.Conv2D(filters, size, strides, **same)(x)
    return layers.BatchNormalization(axis=-1, momentum=0.95)(x)


def _residual(x, filters: int):
    shortcut = x if x.shape[-1] == filters else _conv(x, filters, size=1)
    y = layers.Activation("relu")(_conv(x, filters))
    y = _conv(y, filters)
    return layers.Activation("relu")(layers.add([shortcut, y]))


def _up(x, skip):
    filters = skip.shape[-1]
    x = layers.UpSampling2D(2, "channels_last", "nearest")(_conv(x, filters, size=1))
    return layers.Activation("relu")(layers.add([x, skip]))


def _trunk(x, width: int, depth: int):
    """Down from 96x96 to 6x6 and up again to 24x24, sums of equal sizes in between."""
    x = layers.Activation("relu")(_conv(x, width // 2, size=5, strides=2))
    x = layers.Activation("relu")(_conv(x, width, strides=2))
    skips = []
    for filters in (width, 2 * width):
        for _ in range(depth):
            x = _residual(x, filters)
        skips.append(x)
        x = layers.Activation("relu")(_conv(x, 2 * filters, strides=2))
    for _ in range(depth):
        x = _residual(x, 4 * width)
    for skip in reversed(skips):
        x = _residual(_up(x, skip), skip.shape[-1])
    return x


def cell_centres(cells: int) -> np.ndarray:
    """Where the cells of a heatmap lie, pixels of the frame: float32 (cells * cells, 2), x and y.

    >>> cell_centres(24)[0], cell_centres(24)[-1]
    (array([1.5, 1.5], dtype=float32), array([93.5, 93.5], dtype=float32))
    """
    step = FRAME / cells
    line = np.arange(cells, dtype=np.float32) * step + (step - 1) / 2
    y, x = np.meshgrid(line, line, indexing="ij")
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _expectation(heatmaps):
    """Heatmaps (batch, h, w, points) to mean positions (batch, points, 2), pixels."""
    _, height, width, points = heatmaps.shape
    x = layers.Permute((2, 1))(layers.Reshape((height * width, points))(heatmaps))
    x = layers.Softmax(axis=-1, dtype="float32")(x)
    mean = layers.Dense(2, use_bias=False, trainable=False, dtype="float32", name="expectation")
    x = mean(x)
    mean.set_weights([cell_centres(height)])
    return x


def build(settings: dict, shape: tuple, outputs: int) -> keras.Model:
    """The model that goes into the file: gray pixels in, points out.

    Args:
        settings: section `keypoints.train`: `model` (`heatmaps`, or a preset), `width` (filters
            at 24x24) and `depth` (residual blocks at each size on the way down).
        shape: of an image, (96, 96, 1).
        outputs: number of points, 19.

    Returns:
        A model from (batch, 96, 96, 1), 0 to 255, to (batch, 19, 2), pixels of the frame:
        the 15 points in the habits of the first annotators, then the four of the second.
    """
    if settings["model"] in presets.CONVOLUTIONS:
        return presets.build(settings["model"], shape)
    pixels = keras.Input(shape, dtype="float32", name="image")
    x = layers.Rescaling(1 / 255)(pixels)
    # Each image to mean 0 and variance 1: photos in the dark are as good as others.
    x = layers.LayerNormalization(axis=[1, 2, 3], center=False, scale=False, epsilon=1e-4)(x)
    x = _trunk(x, settings["width"], settings["depth"])
    last = {"data_format": "channels_last", "dtype": "float32", "name": "heatmaps"}
    heatmaps = layers.Conv2D(outputs, 1, **last)(x)
    return keras.Model(pixels, _expectation(heatmaps), name="keypoints")


def with_augmentation(model: keras.Model, settings: dict, seed: int) -> keras.Model:
    """The model that is trained: random images and points in, answer and target out.

    Returns:
        A model from {"image": (batch, 96, 96, 1), "target": (batch, 19, 2)} to (batch, 19, 2, 2),
        the last axis answer and target. Outside training nothing is changed at random.
    """
    image = keras.Input(model.input_shape[1:], dtype="float32", name="image")
    target = keras.Input(model.output_shape[1:], dtype="float32", name="target")
    x, moved = Augment(settings, seed)(ops.cast(image, "float32"), target)
    pair = ops.stack([norm.fused(model)(x), moved], axis=-1)
    return keras.Model({"image": image, "target": target}, pair, name="keypoints_training")


def loss_for(settings: dict):
    """The loss to train with: `smooth_l1`, or `squared_error` where a preset says so."""
    return squared_error if settings.get("loss") == "squared" else smooth_l1


def smooth_l1(_, pair):
    """Huber's loss (2 px) over the known coordinates: their sum over their number.

    Args:
        pair: (batch, 19, 2, 2), answer and target on the last axis, NaN where unknown.
    """
    size, count = _known_errors(pair)
    huber = ops.where(size < HUBER, 0.5 * size**2, HUBER * size - 0.5 * HUBER**2)
    return ops.sum(huber) / count


def squared_error(_, pair):
    """Half the mean squared error over the known coordinates.

    Args:
        pair: as for `smooth_l1`.
    """
    size, count = _known_errors(pair)
    return ops.sum(0.5 * size**2) / count


def _known_errors(pair):
    """Sizes of the errors, 0 where unknown, and how many are known (at least 1)."""
    answer, target = pair[..., 0], pair[..., 1]
    # Of the target alone: an answer that is not a number is an error, not an unknown point.
    known = ops.logical_not(ops.isnan(target))
    count = ops.maximum(ops.sum(ops.cast(known, "float32")), 1.0)
    error = answer - ops.where(known, target, 0.0)
    return ops.abs(ops.where(known, error, 0.0)), count


class Metric(keras.metrics.Metric):
    """Root of the mean squared error over the known coordinates, pixels of the frame."""

    def __init__(self, name: str = "rmse", dtype: str = "float32"):
        super().__init__(dtype, name)
        self.total = self.add_weight((), "zeros", dtype, name="total")
        self.count = self.add_weight((), "zeros", dtype, name="count")

    def update_state(self, _, pair, sample_weight=None):
        size, _ = _known_errors(pair)
        known = ops.logical_not(ops.isnan(pair[..., 1]))
        self.total.assign_add(ops.sum(ops.square(size)))
        self.count.assign_add(ops.sum(ops.cast(known, "float32")))

    def result(self):
        return ops.sqrt(self.total / ops.maximum(self.count, 1.0))
