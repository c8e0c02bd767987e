"""Batches whose order is a function of seed and epoch alone."""

import keras
import numpy as np


class Batches(keras.utils.PyDataset):
    """Batches of arrays of equal length, shuffled anew in each epoch.

    In training the last, smaller batch is left out, each epoch another one, since a batch of
    one or two makes batch normalisation jump. Without `seed` nothing is shuffled or left out.

    Args:
        arrays: name -> array (n, ...); uint8 images stay uint8 until the device has them.
        batch_size: rows to a batch.
        seed: int for training, None for reading in order.
        epoch: how many epochs of this training there were before.
    """

    def __init__(
        self,
        arrays: dict[str, np.ndarray],
        batch_size: int,
        seed: int | None = None,
        epoch: int = 0,
    ):
        super().__init__()
        self.arrays, self.seed, self.epoch = arrays, seed, epoch
        self.rows = len(next(iter(arrays.values())))
        self.batch_size = min(batch_size, self.rows)
        self._shuffle()

    def _shuffle(self):
        if self.seed is None:
            self.order = np.arange(self.rows)
        else:
            self.order = np.random.default_rng([self.seed, self.epoch]).permutation(self.rows)

    def __len__(self) -> int:
        whole, rest = divmod(self.rows, self.batch_size)
        return whole + (self.seed is None and rest > 0)

    def __getitem__(self, index: int):
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        # Keras wants targets; ours are inputs, since augmentation changes them too.
        return {k: a[chosen] for k, a in self.arrays.items()}, np.zeros(len(chosen), np.float32)

    def on_epoch_end(self):
        self.epoch += 1
        self._shuffle()
