"""A whole epoch in one call of JAX, for a GPU: the data and all that is done to it stay there.

So Python is not asked for each of some thousand steps, each little work for a GPU (docs/gpu.md).
With TensorFlow on a GPU nothing of this was measured.
"""

import keras
import numpy as np

from faces.training.batches import Batches


class Orders(keras.utils.PyDataset):
    """The order of the rows of a whole epoch, as the one batch of it.

    Args:
        batches: of training; `batches.begin` decides what comes next.
    """

    def __init__(self, batches: Batches):
        super().__init__()
        self.batches = batches

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int):
        """Rows, int32 (steps, batch size), and targets that nobody reads."""
        steps, size = len(self.batches), self.batches.batch_size
        order = self.batches.order[: steps * size].reshape(steps, size).astype(np.int32)
        return order, np.zeros(steps, np.float32)


def one_call(model: keras.Model, batches: Batches) -> Orders:
    """Have a compiled model learn from all batches of an epoch in one call; what to feed it then.

    The steps are Keras' own, one after the other in a loop on the device, which keeps the rows.
    Logs are those of the whole epoch, as ever.
    """
    import jax

    model._symbolic_build(data_batch=batches[0])  # before `fit` builds from what it is fed
    rows = jax.device_put(batches.arrays)

    def epoch(state, order, rows):
        def step(state, chosen):
            images = {name: array[chosen] for name, array in rows.items()}
            logs, state = model.train_step(state, (images, np.zeros(len(chosen), np.float32)))
            return state, logs

        state, logs = jax.lax.scan(step, state, order)
        return jax.tree.map(lambda each: each[-1], logs), state

    compiled = jax.jit(epoch, donate_argnums=0)
    model.train_function = lambda state, orders: compiled(state, next(orders)[0], rows)
    return Orders(batches)
