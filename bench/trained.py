"""A training through the pipeline's own `fit`, with a clock that sees its epochs."""

import time
from dataclasses import dataclass, field

import keras
import pandas as pd

from stages.keypoints import network as keypoints
from stages.training import members
from stages.training.fit import fit

FEW = 64  # rows that are watched where nothing is to be chosen by them


class Clock(keras.callbacks.Callback):
    """Seconds of training at the end of each epoch, without those of validation.

    The first epoch has the compilation in it, as it has for a user.

    Args:
        limit: seconds after which no further batch is trained on; None: none.
        between: called after each epoch, off the clock; it is told the epoch, from 0.
    """

    def __init__(self, limit: float | None = None, between=None):
        super().__init__()
        self.limit, self.between = limit, between
        self.ends, self.before, self.since, self.late = [], 0.0, None, False

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        running = 0.0 if self.since is None else time.perf_counter() - self.since
        return self.before + running

    def on_epoch_begin(self, epoch, logs=None):
        self.since = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        if self.limit is not None and self.seconds >= self.limit:
            self.late = self.model.stop_training = True

    def on_test_begin(self, logs=None):
        self._pause()

    def on_epoch_end(self, epoch, logs=None):
        self._pause()
        self.ends.append(self.before)
        if self.between:
            self.between(epoch)

    def _pause(self):
        self.before, self.since = self.seconds, None

    def watch(self, model: keras.Model) -> None:
        """Have this clock see `model.fit`, whatever callbacks are given there."""
        original = model.fit

        def with_clock(*words, callbacks=(), **named):
            # Before the others: what they do at an epoch's end is no training.
            return original(*words, callbacks=[self, *callbacks], **named)

        model.fit = with_clock


@dataclass(frozen=True)
class Trained:
    """A trained network, its history by epoch (with `seconds`), and whether time was up."""

    model: keras.Model
    history: pd.DataFrame
    late: bool = False
    seconds: float = field(default=0.0)


def trained(
    settings: dict,
    train: dict,
    seed: int,
    lr: float,
    validation: dict | None = None,
    limit: float | None = None,
    network=keypoints,
) -> Trained:
    """A network trained as the pipeline does it; the model answers in float32, as there.

    Args:
        settings: the section of the task. train: `image` and `target` of the rows to learn from.
        validation: of those that choose the epoch; None: a few training rows are watched.
        limit: seconds of training after which it is stopped; None: none.
        network: the task's module of that name.
    """
    shapes = train["image"].shape[1:], train["target"].shape[1]
    with members.in_float32(seed):
        model = network.build(settings, *shapes)
    members.start_afresh(seed)
    learning = network.build(settings, *shapes)
    whole = network.with_augmentation(learning, settings["augment"], seed)
    clock = Clock(limit)
    clock.watch(whole)
    loss, metric = network.loss_for(settings), network.Metric()
    history = fit(whole, loss, metric, train, validation or few(train), settings, lr, seed)
    model.set_weights(learning.get_weights())
    history = history.assign(seconds=clock.ends[: len(history)])
    return Trained(model, history, clock.late, clock.seconds)


def few(train: dict) -> dict:
    """Some of the rows to learn from."""
    return {name: array[:FEW] for name, array in train.items()}


def key(
    settings: dict,
    train: dict,
    seed: int,
    lr: float,
    validation: dict | None = None,
    network=keypoints,
) -> str:
    """A name of a training that changes with settings, data and code."""
    said = {**settings, "lr": lr}
    return members.key(network, said, train, validation or few(train), seed)
