"""Batches whose order is a function of seed and epoch alone."""

import keras
import numpy as np

AHEAD = 2  # batches made ready while the device is busy


class Batches(keras.utils.PyDataset):
    """Batches of arrays of equal length, shuffled anew in each epoch.

    In training the last, smaller batch is left out, each epoch another one, since a batch of
    one or two makes batch normalisation jump. Without `seed` nothing is shuffled or left out.

    Args:
        arrays: name -> array (n, ...); uint8 images stay uint8 until the device has them.
        batch_size: rows to a batch.
        seed: int for training, None for reading in order.
    """

    def __init__(
        self,
        arrays: dict[str, np.ndarray],
        batch_size: int,
        seed: int | None = None,
    ):
        super().__init__()
        self.arrays, self.seed = arrays, seed
        self.rows = len(next(iter(arrays.values())))
        self.batch_size = min(batch_size, self.rows)
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Bring the rows into the order of this epoch, counted from 0."""
        if self.seed is None:
            self.order = np.arange(self.rows)
        else:
            self.order = np.random.default_rng([self.seed, epoch]).permutation(self.rows)

    def __len__(self) -> int:
        whole, rest = divmod(self.rows, self.batch_size)
        return whole + (self.seed is None and rest > 0)

    def __getitem__(self, index: int):
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        # Keras wants targets; ours are inputs, since augmentation changes them too.
        return {k: a[chosen] for k, a in self.arrays.items()}, np.zeros(len(chosen), np.float32)


class Order(keras.callbacks.Callback):
    """Brings batches into the order of each epoch before it begins."""

    def __init__(self, batches: Batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.begin(epoch)


def feed(batches: Batches):
    """The batches in the form that Keras reads without waiting.

    Under TensorFlow, Keras makes a `tf.data` pipeline of them, with a thread that tunes it. When
    an epoch is over that thread sleeps on, as long again as it has slept before, and everything
    waits for it: up to half of the time. So they come as a pipeline without it.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    def spec(array):
        return tf.TensorSpec((None, *array.shape[1:]), array.dtype)

    dataset = tf.data.Dataset.from_generator(
        lambda: (batches[i] for i in range(len(batches))),
        output_signature=keras.tree.map_structure(spec, batches[0]),
    )
    options = tf.data.Options()
    options.autotune.enabled = False
    known = tf.data.experimental.assert_cardinality(len(batches))
    return dataset.apply(known).prefetch(AHEAD).with_options(options)
