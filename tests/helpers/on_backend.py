"""What Keras' backend of this process computes, from the same numbers as any other.

`KERAS_BACKEND=jax python -m tests.helpers.on_backend FILE` writes FILE, an `.npz` of named arrays.
"""

import json
import sys
from collections.abc import Callable
from contextlib import contextmanager

import keras
import numpy as np
import pandas as pd
import yaml
from keras import layers, ops

from faces.gender.model import augmentation as gender_augment
from faces.gender.model import network as gender
from faces.keypoints.model import augmentation as keypoints_augment
from faces.keypoints.model import network as keypoints
from faces.training import bits, ensemble, geometric, hardware, norm
from faces.training.fit import fit
from faces.training.photometric import generator
from tests.helpers.clone import ROOT

ROWS, LIMITS = 16, 32  # rows of a tiny training; images moved as far as settings allow
TASKS = {
    "keypoints": (keypoints, keypoints_augment, (96, 96, 1), (19, 2)),
    "gender": (gender, gender_augment, (60, 60, 3), (2,)),
}
TINY = {"model": "ours", "width": 8, "depth": 1, "epochs": 3, "batch_size": 8, "patience": 99}
TINY |= {"warmup_epochs": 1, "weight_decay": 0.01, "ema": 0.9, "optimizer": "muon", "lr": 0.002}


def settings_of(task: str) -> dict:
    """The augmentation that params.yaml asks for, mix-up too."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    return params[task]["augment"] | ({"mixup": 0.2} if task == "gender" else {})


@contextmanager
def dice(extreme: bool):
    """Have Keras draw numbers that are the same on every backend, and in every step.

    Args:
        extreme: uniform numbers are at one end of their range or the other.
    """
    drawing = keras.random
    before = drawing.uniform, drawing.normal, drawing.beta

    def tensor(drawn, shape):  # whose first axis TensorFlow may know at the end only
        return ops.convert_to_tensor(drawn.astype("float32"))[: shape[0]]

    def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
        rng = np.random.default_rng([int(1e6 * maxval), len(shape)])
        drawn = rng.random((LIMITS, *shape[1:]))
        drawn = drawn < 0.5 if extreme else drawn
        return tensor(minval + drawn * (maxval - minval), shape)

    def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
        return tensor(np.random.default_rng(5).normal(size=(LIMITS, *shape[1:])), shape)

    def beta(shape, alpha, beta, dtype=None, seed=None):
        return tensor(np.random.default_rng(6).beta(alpha, beta, (LIMITS, *shape[1:])), shape)

    drawing.uniform, drawing.normal, drawing.beta = uniform, normal, beta
    yield
    drawing.uniform, drawing.normal, drawing.beta = before


def compiled(function: Callable) -> Callable:
    """The same function; under JAX compiled as one: operation by operation it takes ten times."""
    if keras.backend.backend() != "jax":
        return function
    import jax

    return jax.jit(function)


def pictures(shape: tuple, n: int) -> np.ndarray:
    """Rough pictures, uint8 (n, *shape): every error of a position shows."""
    return np.random.default_rng(1).integers(0, 256, (n, *shape), dtype=np.uint8)


def positions(task: str, n: int) -> np.ndarray:
    """Points around the middle of the frame, float32 (n, 19, 2), some unknown; or classes."""
    if task == "gender":
        return np.eye(2, dtype="float32")[np.arange(n) % 2]
    drawn = np.random.default_rng(2).uniform(30, 66, (n, 19, 2)).astype("float32")
    drawn[::3, 4] = np.nan
    return drawn


def moved(task: str) -> dict:
    """Matrices at the limits of the settings; pictures, blobs and points that they move."""
    frame, channels = TASKS[task][2][0], TASKS[task][2][-1]
    settings = settings_of(task)
    with dice(extreme=True):
        drawn = compiled(lambda: geometric.random_matrices(settings, frame, LIMITS, None))
        matrices, mirror = drawn()
    rough = pictures(TASKS[task][2], LIMITS).astype("float32")
    # A blob at each point, and so small that perspective does not shift its centre of mass.
    points = np.random.default_rng(3).uniform(0.3 * frame, 0.7 * frame, (LIMITS, 1, 2))
    y, x = np.mgrid[:frame, :frame]
    blobs = np.exp(-((x - points[..., :1]) ** 2 + (y - points[..., 1:]) ** 2) / (2 * 1.5**2))
    blobs = np.repeat(200 * blobs[..., None], channels, axis=-1).astype("float32")
    return {
        "matrices": matrices,
        "mirror": mirror,
        "rough": rough,
        "rough moved": compiled(geometric.images)(rough, matrices),
        "rough gathered": compiled(geometric.gathered)(rough, matrices),
        "blobs moved": compiled(geometric.images)(blobs, matrices),
        "points": points,
        "points moved": compiled(geometric.points)(points.astype("float32"), matrices),
    }


def augmented(task: str, extreme: bool) -> dict:
    """What the whole layer of augmentation makes of pictures and targets."""
    layer = TASKS[task][1].Augment(settings_of(task), 1)
    images = pictures(TASKS[task][2], ROWS).astype("float32")
    with dice(extreme):
        changed = compiled(lambda images, targets: layer(images, targets, training=True))
        images, targets = changed(images, positions(task, ROWS))
    return {"images": images, "targets": targets}


def same_weights(model: keras.Model) -> None:
    """Put weights into a model that depend on their shapes alone; what is fixed stays."""
    rng = np.random.default_rng(4)
    for variable in model.trainable_variables:
        if len(variable.shape) > 1:
            inputs = np.prod(variable.shape[:-1])
            variable.assign(rng.normal(0, (2 / inputs) ** 0.5, variable.shape).astype("float32"))
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            layer.rate = 0  # each backend has random numbers of its own


def built(task: str, **changes) -> keras.Model:
    network, _, shape, outputs = TASKS[task]
    ensemble.start_afresh(1)
    model = network.build({**TINY, **changes}, shape, outputs[0])
    same_weights(model)
    return model


def answers() -> dict:
    """What networks with the same weights say of the same pictures: ours and the presets."""
    kinds = {"keypoints": ["ours", "report-4"], "gender": ["ours", "blog"]}
    return {
        f"{task} {kind}": compiled(built(task, model=kind))(
            pictures(TASKS[task][2], 8).astype("float32")
        )
        for task in TASKS
        for kind in kinds[task]
    }


def curve(task: str) -> pd.DataFrame:
    """The history of a tiny training, from the same weights, batches and random numbers."""
    network, _, shape, _ = TASKS[task]
    model = built(task)
    data = {"image": pictures(shape, ROWS + 8), "target": positions(task, ROWS + 8)}
    train, validation = ({k: a[s] for k, a in data.items()} for s in (np.s_[8:], np.s_[:8]))
    with dice(extreme=False):
        return fit(
            network.with_augmentation(model, settings_of(task), 1),
            network.loss_for(TINY),
            network.Metric(),
            train,
            validation,
            TINY,
            TINY["lr"],
            1,
        )


def normalised() -> dict:
    """What batch normalisation gives in training, and keeps for later."""
    x = np.random.default_rng(6).normal(3, 2, (3, 4, 5, 2)).astype("float32")
    pixels = keras.Input((4, 5, 2))
    model = keras.Model(pixels, layers.BatchNormalization(momentum=0.5)(pixels))
    y = norm.fused(model)(x, training=True)
    return {"x": x, "y": y, "kept": np.stack(model.get_weights()[2:])}


def draws(seed: int) -> np.ndarray:
    random = generator(seed)
    return np.stack(
        [ops.convert_to_numpy(keras.random.uniform((4,), seed=random)) for _ in range(9)]
    )


def main(path: str) -> None:
    said = {"used": hardware.prepare("cpu", "float32", 1), "origin": bits.origin()}
    found = {"draws 1": draws(1), "draws 2": draws(2)}
    parts = {"norm": normalised(), "answers": answers()}
    for task in TASKS:
        parts |= {f"{task} moved": moved(task), f"{task} at limits": augmented(task, True)}
        parts |= {f"{task} augmented": augmented(task, False)}
    found |= {f"{part} {name}": a for part, named in parts.items() for name, a in named.items()}
    found = {name: ops.convert_to_numpy(array) for name, array in found.items()}
    for task in TASKS:
        found[f"{task} curve"] = curve(task).drop(columns=["epoch", "lr"]).to_numpy()
    np.savez(path, said=np.array(json.dumps(said)), **found)


if __name__ == "__main__":
    main(sys.argv[1])
