"""Rows that networks learn from within seconds, and the settings to learn from them."""

import numpy as np

from faces.training.photometric import STILL

PLAIN = {**STILL, "colour": 0, "gray": 0, "mixup": 0}
SETTINGS = {
    "model": "ours",
    "width": 4,
    "depth": 1,
    "epochs": 6,
    "batch_size": 8,
    "patience": 10,
    "warmup_epochs": 1,
    "weight_decay": 0.01,
    "ema": 0.5,
    "optimizer": "muon",
    "augment": PLAIN,
    "lr": 0.01,
    "members": 1,
}


def dots(rng, n: int) -> dict[str, np.ndarray]:
    """Images with a bright square, and targets that all lie on it; half of them unknown."""
    image = np.full((n, 96, 96, 1), 30, np.uint8)
    target = np.full((n, 19, 2), np.nan, np.float32)
    for i, (x, y) in enumerate(rng.integers(20, 76, (n, 2))):
        image[i, y - 3 : y + 4, x - 3 : x + 4] = 255
        target[i, ::2] = [x, y]
    return {"image": image, "target": target}


def shades(rng, n: int) -> dict[str, np.ndarray]:
    """Photos of two classes: bright on the left, or above."""
    label = np.arange(n) % 2
    image = rng.integers(0, 60, (n, 60, 60, 3), dtype=np.uint8)
    image[label == 0, :, :30] += 150
    image[label == 1, :30] += 150
    return {"image": image, "target": np.eye(2, dtype=np.float32)[label]}


def asked(model, images: np.ndarray) -> np.ndarray:
    """What the model answers, without the seconds that compiling it would take."""
    return np.asarray(model(images.astype(np.float32), training=False))
