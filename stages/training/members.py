"""Networks trained from several seeds, each kept, and averaged into one model."""

import contextlib
import hashlib
import inspect
import json
import os
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from stages import files
from stages.training import (
    batches,
    bits,
    checkpoints,
    detail,
    device,
    epochs,
    look,
    muon,
    norm,
    warp,
)
from stages.training import fit as fit_module
from stages.training.averages import average
from stages.training.fit import fit

# Settings that a member does not depend on.
UNSEEN = (
    "source",
    "members",
    "refit",
    "flip_average",
    "views",
    "folds",
    "folds_of",
    "split",
    "check",
)


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
        settings: the task's section, with `lr`. The k-th member has the seed `seed` + k.
        train, validation: `image` (n, ...) and `target` (n, ...). Without validation rows the
            weights are those of the last epoch.
        kept: folder of finished members, or None. A member found there, of the same settings,
            data and code, is not trained again; one that was begun there goes on.
    """
    models, histories = [], []
    shapes = train["image"].shape[1:], train["target"].shape[1]
    for member_seed in range(seed, seed + settings["members"]):
        with in_float32(member_seed):
            model = network.build(settings, *shapes)
        path = kept and kept / f"{key(network, settings, train, validation, member_seed)}.npz"
        history = path and load(path, model)
        if history is None:
            start_afresh(member_seed)
            trained = network.build(settings, *shapes)
            training_model = network.with_augmentation(trained, settings["augment"], member_seed)
            loss, metric = network.loss_for(settings), network.Metric()
            begun = path and path.with_suffix(".begun.npz")
            history = fit(
                training_model,
                loss,
                metric,
                train,
                validation,
                settings,
                settings["lr"],
                member_seed,
                begun,
            )
            model.set_weights(trained.get_weights())
            if path:
                save(path, model, history)
                checkpoints.remove(begun)
        models.append(model)
        histories.append(history)
    return average(models), mean_history(histories)


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
    chosen = {k: v for k, v in settings.items() if k not in UNSEEN}
    digest.update(json.dumps([chosen, bits.origin(), seed], sort_keys=True).encode())
    for array in (*train.values(), *(validation or {}).values()):
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array))
    modules = (batches, checkpoints, detail, device, epochs, fit_module, look, muon, norm, warp)
    for module in (network, *network.PARTS, *modules):
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:32]


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
