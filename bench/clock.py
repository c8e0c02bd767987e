"""A clock on the pipeline's own `fit`."""

import math
import time
from collections.abc import Callable

import keras


class Clock(keras.callbacks.Callback):
    """Seconds of training at the end of each epoch (`ends`), without those of validation.

    The first epoch has the compilation in it, as it has for a user.

    Args:
        model: whose `fit` is watched. limit: seconds after which no further batch is trained on.
        between: called after each epoch, off the clock.
    """

    def __init__(self, model: keras.Model, limit: float = math.inf, between: Callable = int):
        super().__init__()
        self.limit, self.between, self.ends, self.late = limit, between, [], False
        fit = model.fit
        # Before other callbacks: what they do at an epoch's end is no training.
        model.fit = lambda *data, callbacks, **named: fit(
            *data, callbacks=[self, *callbacks], **named
        )

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter() - (self.ends[-1] if self.ends else 0)

    def on_train_batch_end(self, batch, logs=None):
        if time.perf_counter() - self.started >= self.limit:
            self.late = self.model.stop_training = True

    def on_test_begin(self, logs=None):  # which ends the training of an epoch
        self.ends.append(time.perf_counter() - self.started)

    def on_epoch_end(self, epoch, logs=None):
        self.between()
