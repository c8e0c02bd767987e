"""Train ensemble members, one from each of several seeds; keep each, average them into a model."""

import contextlib
import hashlib
import inspect
import json
import os
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from faces.core import files
from faces.training import (
    batches,
    bits,
    checkpoints,
    detail,
    elsewhere,
    epochs,
    geometric,
    hardware,
    muon,
    norm,
    photometric,
)
from faces.training import fit as fit_module
from faces.training.averages import average
from faces.training.fit import fit

# What a member depends on besides its network.
PARTS = (batches, checkpoints, detail, hardware, epochs, fit_module, photometric, muon, norm)
PARTS += (geometric,)


def training(settings: dict) -> dict:
    """Choose what a training depends on, of a stage's settings: `lr`, `train`, `augment`."""
    return {"lr": settings["lr"], **settings["train"], "augment": settings["augment"]}


def train_members(
    network,
    settings: dict,
    train: dict,
    validation: dict | None,
    seed: int,
    kept: Path | None = None,
) -> tuple[keras.Model, pd.DataFrame]:
    """A model that answers with the mean of `members` networks, and the mean of their histories.

    Args:
        network: module of a task: `build`, `with_augmentation`, `loss_for`, `Metric`.
        settings: of the training. The k-th of its `members` has the seed `seed` + k.
        train, validation: `image` (n, ...) and `target` (n, ...). Without validation rows the
            weights are those of the last epoch.
        kept: folder of finished members, or None. A member found there, of the same settings,
            data and code, is not trained again; one that was begun there goes on. With an engine
            of many machines, all that are missing are trained there first, at once.
    """
    elsewhere.train_missing(members(network, settings, train, validation, seed, kept))
    models, histories = [], []
    shapes = train["image"].shape[1:], train["target"].shape[1]
    for member_seed in range(seed, seed + settings["members"]):
        with in_float32(member_seed):
            model = network.build(settings, *shapes)
        path = kept and kept / file_of(network, settings, train, validation, member_seed)
        history = path and load(path, model)
        if history is None:
            start_afresh(member_seed)
            begun = path and path.with_suffix(".begun.npz")
            learned, history = trained(network, settings, train, validation, member_seed, begun)
            model.set_weights(learned.get_weights())
            if path:
                save(path, model, history)
                checkpoints.remove(begun)
        models.append(model)
        histories.append(history)
    return average(models), mean_history(histories)


def members(
    network, settings: dict, train: dict, validation: dict | None, seed: int, kept: Path | None
) -> Iterator[elsewhere.Training]:
    """The trainings of `train_members` for the same arguments; none where no folder keeps them."""
    data = elsewhere.sent(train, validation)
    for each in range(seed, seed + settings["members"]) if kept else ():
        path = kept / file_of(network, settings, *data, each)
        yield elsewhere.Training(network, settings, data, each, path)


def trained(
    network, settings: dict, train: dict, validation: dict | None, seed: int, begun: Path | None
) -> tuple[keras.Model, pd.DataFrame]:
    """One network that has learned, and the history of its training.

    Args:
        As `train_members` has them. begun: where a training that a kill stopped is kept, or None.
    """
    model = network.build(settings, train["image"].shape[1:], train["target"].shape[1])
    history = fit(
        network.with_augmentation(model, settings["augment"], seed),
        network.loss_for(settings),
        network.Metric(),
        train,
        validation,
        settings,
        settings["lr"],
        seed,
        begun,
    )
    return model, history


def start_afresh(seed: int) -> None:
    """Seed everything, and count layers from 1 again: their names are in the model's file."""
    policy, distribution = keras.config.dtype_policy(), keras.distribution.distribution()
    keras.utils.clear_session(free_memory=False)
    keras.config.set_dtype_policy(policy)
    # Over several GPUs, where somebody chose so: forgetting it would be silent.
    keras.distribution.set_distribution(distribution)
    keras.utils.set_random_seed(seed)


@contextlib.contextmanager
def in_float32(seed: int):
    """Started afresh, layers made here compute in 32 bits, whatever precision training has.

    A model in 16 bits would be less exact, and slow wherever a processor has no such arithmetic.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        start_afresh(seed)
        yield
    finally:
        keras.config.set_dtype_policy(policy)


def mean_history(histories: list[pd.DataFrame]) -> pd.DataFrame:
    """The mean of each column by epoch, over the members that got so far."""
    if len(histories) == 1:
        return histories[0]
    return pd.concat(histories).groupby("epoch", as_index=False).mean().round(6)


def key(network, settings: dict, train: dict, validation: dict | None, seed: int) -> str:
    """A name that changes with all that a member depends on, and on what it is trained with."""
    digest = hashlib.sha256()
    chosen = {k: v for k, v in settings.items() if k != "members"}
    digest.update(json.dumps([chosen, bits.origin(), seed], sort_keys=True).encode())
    for array in (*train.values(), *(validation or {}).values()):
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array))
    for module in (network, *network.PARTS, *PARTS):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:32]


def file_of(network, settings: dict, train: dict, validation: dict | None, seed: int) -> str:
    """The name of a network's file in a folder that keeps such."""
    return f"{key(network, settings, train, validation, seed)}.npz"


def save(path: Path, model: keras.Model, history: pd.DataFrame) -> None:
    """Keep a finished member: its weights, and its history."""
    weights = {f"weight_{i:04d}": w for i, w in enumerate(model.get_weights())}
    table = {"history": history.to_numpy(float), "columns": np.array(list(history.columns))}
    # Two experiments may train the same member at once.
    with files.replacing(path, f".{os.getpid()}") as unfinished:
        np.savez(unfinished, **weights, **table)


def load(path: Path, model: keras.Model) -> pd.DataFrame | None:
    """Put a kept member's weights into the model and return its history; None without one."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as kept:
        names = sorted(name for name in kept.files if name.startswith("weight_"))
        model.set_weights([kept[name] for name in names])
        history = pd.DataFrame(kept["history"], columns=kept["columns"].tolist())
    print(f"a member of this training is there already: {path}")
    return history.astype({"epoch": int})
