"""Augmentation of how an image looks: nothing moves."""

import keras
import numpy as np
from keras import ops

from faces.training import detail

# Settings of an augmentation that changes nothing, of this module and of `geometric`.
STILL = dict.fromkeys(("flip", "degrees", "scale", "stretch", "shear", "shift", "tilt"), 0)
STILL |= dict.fromkeys(("small", "blur", "gamma", "noise", "cutout"), 0)


def generator(seed: int) -> keras.random.SeedGenerator:
    """A generator whose numbers are not those of the next seed.

    Under torch, Keras draws the n-th numbers from the sum of seed and n: those of seed 2 are those
    of seed 1, one draw later, and what should be independent goes hand in hand.
    """
    if keras.backend.backend() == "torch":
        seed = int(np.random.SeedSequence(seed).generate_state(1)[0] >> 1)
    return keras.random.SeedGenerator(seed)


@keras.saving.register_keras_serializable("faces")
class RandomLook(keras.layers.Layer):
    """Loss of detail, blur, brightness curve, noise and a covered rectangle at random.

    Args:
        settings: `small` (probability of an image reduced 2 to 4 times and enlarged again, as a
            face far away in a video is), `blur` (probability), `gamma` (0.3: exponents from
            0.74 to 1.35), `noise` (gray levels, the largest standard deviation, one grain for all
            colours), `cutout` (probability of a covered rectangle of up to 0.4 of the side).
        seed: int.

    Images are (batch, h, w, c), 0 to 255, before and after.
    """

    def __init__(self, settings: dict, seed: int, **kwargs):
        # Positions and gray levels need 32 bits, whatever the network computes in.
        super().__init__(dtype="float32", **kwargs)
        self.settings = settings
        self.random = generator(seed)

    def build(self, _):
        self.built = True

    def _uniform(self, batch, low=0.0, high=1.0):
        return keras.random.uniform((batch, 1, 1, 1), low, high, "float32", self.random)

    def call(self, images):
        settings, batch = self.settings, ops.shape(images)[0]
        images = detail.lose(images, *self._detail_lost(batch))
        gamma = ops.exp(self._uniform(batch, -settings["gamma"], settings["gamma"]))
        # A power, in a quarter of the time that `ops.power` takes.
        images = 255.0 * ops.exp(gamma * ops.log(ops.clip(images / 255.0, 1e-4, 1.0)))
        deviation = self._uniform(batch, 0.0, settings["noise"])
        shape = (*ops.shape(images)[:3], 1)
        grain = keras.random.normal(shape, dtype="float32", seed=self.random)
        return self._cover(images + deviation * grain, batch)

    def _detail_lost(self, batch):
        """Which factor reduces each image, and how far each is blurred: (batch,) both."""
        ways = len(detail.FACTORS) - 1
        coin = ways / max(self.settings["small"], 1e-6) * self._uniform(batch)[:, 0, 0, 0]
        reduced = sum(ops.cast(coin < way, "int32") for way in range(1, ways + 1))
        chosen = ops.cast(self._uniform(batch) < self.settings["blur"], "float32")
        return reduced, (chosen * self._uniform(batch, 0.3, 1.0))[:, 0, 0, 0]

    def _cover(self, images, batch):
        height, width = images.shape[1], images.shape[2]
        rows = ops.cast(ops.arange(height), "float32")[None, :, None, None] / height
        columns = ops.cast(ops.arange(width), "float32")[None, None, :, None] / width
        near_row = ops.abs(rows - self._uniform(batch)) < self._uniform(batch, 0.05, 0.2)
        near_column = ops.abs(columns - self._uniform(batch)) < self._uniform(batch, 0.05, 0.2)
        chosen = self._uniform(batch) < self.settings["cutout"]
        chosen = ops.logical_and(near_row, chosen)
        covered = ops.cast(chosen, "float32") * ops.cast(near_column, "float32")
        # Arithmetic: on CPUs `ops.where` takes twice as long.
        return images + covered * (self._uniform(batch, 0.0, 255.0) - images)


class Augmentation(keras.layers.Layer):
    """What the augmentations of both tasks have in common: they work in training only.

    A task's own has `augmented(images, targets)`, which gives both as they are to be learned from.

    Args:
        settings: those of `geometric.random_matrices`, of `RandomLook` and of the task.
        seed: int.
    """

    def __init__(self, settings: dict, seed: int, **kwargs):
        # Positions and gray levels need 32 bits, whatever the network computes in.
        super().__init__(dtype="float32", **kwargs)
        self.settings = settings
        self.random = generator(seed)
        self.look = RandomLook(settings, seed + 1)

    def build(self, *_):
        self.look.build(None)  # it is called in training only
        self.built = True

    def call(self, images, targets, training=False):
        return self.augmented(images, targets) if training else (images, targets)
