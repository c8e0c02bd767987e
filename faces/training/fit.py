"""Training, the same for both tasks.

XLA compiles under JAX alone, which has nothing else. TensorFlow's knows no
`ImageProjectiveTransformV3`, with which augmentation moves images, and is slower than oneDNN on a
CPU.
"""

import sys
import time
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from faces.core.errors import UserError
from faces.training.batches import Batches, Order, feed
from faces.training.checkpoints import Checkpoint
from faces.training.epochs import one_call
from faces.training.hardware import computes_on_gpu
from faces.training.muon import Muon


def fit(
    model: keras.Model,
    loss,
    metric: keras.metrics.Metric,
    train: dict[str, np.ndarray],
    validation: dict[str, np.ndarray] | None,
    settings: dict,
    lr: float,
    seed: int,
    checkpoint: Path | None = None,
) -> pd.DataFrame:
    """Train in place; the weights end as those of the epoch best on the validation split.

    A moving average of the weights is what is validated and kept. Without validation rows the
    weights are those of the last epoch.

    Args:
        model: from {"image", "target"} to answer and target, as `with_augmentation` makes it.
        train, validation: `image` (n, ...) and `target` (n, ...).
        settings: `epochs`, `batch_size`, `patience` (epochs without a better validation score
            before training stops), `warmup_epochs`, `weight_decay`, `ema` (share of the old
            average that stays at each step), `optimizer` (`muon`, `adamw`, `adam`, `sgd`).
        lr: the highest learning rate.
        checkpoint: where to keep the state after each epoch, and to go on from; None: nowhere.

    Returns:
        A row for each epoch: `epoch`, `lr`, and `train_` and, if there is such, `validation_` of
        loss and metric. A `UserError` is raised where the loss is no number any more.
    """
    keeping = Checkpoint(checkpoint, settings["epochs"])
    batches = Batches(train, settings["batch_size"], seed)
    optimizer = optimizer_for(settings, lr, len(batches))
    jax = keras.backend.backend() == "jax"
    model.compile(optimizer, loss=loss, metrics=[metric], jit_compile=jax)
    # Now: TensorFlow would trace the step once to build it, and once more to run it.
    model.optimizer.build(model.trainable_variables)
    watching = keeping.watch(callbacks(settings, metric.name if validation else None))
    started = time.monotonic()
    history = model.fit(
        one_call(model, batches) if jax and computes_on_gpu() else feed(batches),
        validation_data=feed(Batches(validation, 128)) if validation else None,
        epochs=settings["epochs"],
        initial_epoch=keeping.start,
        shuffle=False,  # by Keras, from a generator that nobody keeps; `Batches` does it
        verbose=1 if sys.stdout.isatty() else 2,  # in a log, a line for each epoch
        callbacks=[Order(batches), *watching],
    ).history
    seconds, epochs = time.monotonic() - started, len(history["loss"]) - keeping.done
    say(history, lr, seconds, epochs, epochs * len(batches) * batches.batch_size)
    return as_table(history, optimizer, len(batches))


def callbacks(settings: dict, validated: str | None) -> list[keras.callbacks.Callback]:
    """List what looks at a training after each epoch. The averaged weights come first.

    Args:
        settings: `ema` and `patience`. validated: name of the metric of validation rows, or None.
    """
    callbacks = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if settings["ema"] > 0 else []
    if validated:
        keeper = keras.callbacks.EarlyStopping(
            f"val_{validated}",
            mode="min",
            patience=settings["patience"],
            restore_best_weights=True,
        )
        callbacks.append(keeper)
    return [*callbacks, keras.callbacks.TerminateOnNaN(), keras.callbacks.History()]


def say(history: dict, lr: float, seconds: float, epochs: int, rows: int) -> None:
    """Print how fast a training was; a `UserError` if its loss is no number any more."""
    if not np.isfinite(history["loss"]).all():
        received = f"a loss of {history['loss'][-1]} in epoch {len(history['loss'])}"
        raise UserError("a training that converges", received, f"Lower lr; it is {lr:g}.")
    print(f"{epochs} epochs in {seconds:.0f} s, {rows / seconds:.0f} images/s")


def optimizer_for(settings: dict, lr: float, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101), Muon, or plain Adam or SGD.

    The learning rate rises to `lr` and falls to 0 by a cosine; `adam` and `sgd` keep it as it is.
    """
    if settings["optimizer"] == "adam":
        return keras.optimizers.Adam(lr)
    if settings["optimizer"] == "sgd":
        return keras.optimizers.SGD(lr)
    warmup = round(settings["warmup_epochs"] * steps_per_epoch)
    steps = max(1, settings["epochs"] * steps_per_epoch - warmup)
    schedule = keras.optimizers.schedules.CosineDecay(
        lr / 100 if warmup else lr, steps, warmup_target=lr if warmup else None, warmup_steps=warmup
    )
    decay = settings["weight_decay"]
    common = {
        "weight_decay": decay,
        "use_ema": settings["ema"] > 0,
        "ema_momentum": settings["ema"],
        "global_clipnorm": 5.0,
    }
    if settings["optimizer"] == "muon":
        # Not the last layer, whose filters are answers, each with a meaning of its own.
        last = ["heatmaps", "logits"]
        optimizer = Muon(schedule, adam_weight_decay=decay, exclude_layers=last, **common)
    else:
        optimizer = keras.optimizers.AdamW(schedule, **common)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def as_table(history: dict, optimizer, steps_per_epoch: int) -> pd.DataFrame:
    """Keras' history with the names of the field; 6 digits, which is what a plot can show."""
    table = pd.DataFrame(history)
    validation = [c for c in table if c.startswith("val_")]
    training = [c for c in table if c not in validation]
    table = table[training + validation].set_axis(
        [f"train_{c}" for c in training]
        + [f"validation_{c.removeprefix('val_')}" for c in validation],
        axis=1,
    )
    table.insert(0, "lr", learning_rates(optimizer, steps_per_epoch, len(table)))
    table.insert(0, "epoch", range(1, len(table) + 1))
    return table.round(6)


def learning_rates(optimizer, steps_per_epoch: int, epochs: int) -> list[float]:
    """The learning rate at the last step of each epoch."""
    rate = optimizer._learning_rate
    if not callable(rate):
        return [float(keras.ops.convert_to_numpy(rate))] * epochs
    ends = [rate(steps_per_epoch * (epoch + 1) - 1) for epoch in range(epochs)]
    return [float(keras.ops.convert_to_numpy(end)) for end in ends]
