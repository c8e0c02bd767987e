"""Where the time of a training step goes: each part on its own, under TensorFlow."""

import itertools
from collections.abc import Callable

import keras
import numpy as np

from stages.training.batches import Batches, feed
from stages.training.fit import optimizer_for

PARTS = ("feeding", "augmentation", "forward", "backward", "optimizer")


def split(
    whole: keras.Model, loss, arrays: dict, settings: dict, lr: float
) -> dict[str, Callable[[], None]]:
    """What to time: name -> a function that does that part of one step.

    `forward` is under `both` too: a backward pass cannot be had without it.

    Args:
        whole: the network with its augmentation, as it is trained.
        arrays: `image` and `target` of the rows. settings: the task's section.
    """
    import tensorflow as tf

    batches = Batches(arrays, settings["batch_size"], seed=0)
    model = next(layer for layer in whole.layers if isinstance(layer, keras.Model))
    augment = next(layer for layer in whole.layers if type(layer).__name__ == "Augment")
    inputs = {name: tf.constant(array) for name, array in batches[0][0].items()}
    image, target = tf.cast(inputs["image"], "float32"), tf.cast(inputs["target"], "float32")

    def answer():
        return tf.stack([tf.cast(model(image, training=True), "float32"), target], axis=-1)

    @tf.function
    def both():
        with tf.GradientTape() as tape:
            error = loss(None, answer())
        return tape.gradient(error, model.trainable_variables)

    optimizer = optimizer_for(settings, lr, len(batches))
    optimizer.build(model.trainable_variables)
    gradients = both()
    ways = {
        "augmentation": tf.function(lambda: augment(image, target, training=True)),
        "forward": tf.function(answer),
        "both": both,
        "optimizer": tf.function(lambda: optimizer.apply(gradients)),
    }
    return {"feeding": feeder(batches), **{name: waiting(way) for name, way in ways.items()}}


def waiting(way: Callable) -> Callable[[], None]:
    """The same, and wait until a GPU has done it."""
    import tensorflow as tf

    def call() -> None:
        results = tf.nest.flatten(way())
        if results and results[-1] is not None:
            np.asarray(results[-1])

    return call


def feeder(batches: Batches) -> Callable[[], None]:
    """One batch after another, as a training gets them."""
    dataset = feed(batches)
    endless = itertools.chain.from_iterable(iter(dataset) for _ in itertools.count())
    return lambda: next(endless)
