"""A tiny training in a process of its own, to be killed: `python -m tests.training.killed FOLDER`.

It writes FOLDER/model.keras and FOLDER/history.csv. `FOLDER/kept` is what it goes on from.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np

EPOCHS = 4


def data(n: int, seed: int) -> dict[str, np.ndarray]:
    """Photos of two classes, dark and bright."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 2
    image = rng.integers(0, 60, (n, 60, 60, 3)) + 150 * label[:, None, None, None]
    return {"image": image.astype(np.uint8), "target": np.eye(2, dtype=np.float32)[label]}


def settings(**changes) -> dict:
    augment = {"flip": 0.5, "degrees": 10, "scale": 0.1, "stretch": 0, "shear": 0, "shift": 2}
    augment |= {"tilt": 0, "blur": 0.3, "gamma": 0.2, "noise": 5, "cutout": 0.3}
    augment |= {"colour": 0.2, "gray": 0.2, "mixup": 0.2}
    chosen = {"model": "residual", "width": 4, "depth": 1, "epochs": EPOCHS, "batch_size": 8}
    chosen |= {"patience": 4, "warmup_epochs": 1, "weight_decay": 0.01, "ema": 0.9}
    return {**chosen, "members": 1, "lr": 0.01, "augment": augment, **changes}


def run(folder: Path, **changes) -> None:
    from stages.gender import network
    from stages.training import device, members, saving

    device.prepare("cpu", "float32", 3)
    folder.mkdir(parents=True, exist_ok=True)
    train, validation = data(40, 1), data(16, 2)
    model, history = members.train_members(
        network, settings(**changes), train, validation, 3, folder / "kept"
    )
    saving.save(model, folder / "model.keras")
    history.to_csv(folder / "history.csv", index=False)


def digest(folder: Path) -> str:
    names = ("model.keras", "history.csv")
    return hashlib.sha256(b"".join((folder / n).read_bytes() for n in names)).hexdigest()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
