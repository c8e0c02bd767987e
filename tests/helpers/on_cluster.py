"""What a cluster's driver does in a test: `python -m tests.helpers.on_cluster train FOLDER`.

With `local` behind it, the same without a cluster.
"""

import io
import os
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from faces.core import engine, nodes, running
from faces.gender.data.split import read_one
from faces.training import ensemble, folds, hardware
from tests.helpers import small

SETTINGS = {**small.SETTINGS, "epochs": 3}


class Answers:
    """In place of a task's `model.predict`."""

    @staticmethod
    def outputs(model, images: np.ndarray, flip: bool) -> np.ndarray:
        return model.predict(images, verbose=0)


def train(folder: Path, **changes) -> None:
    """Train two members, whose files are then in the folder."""
    hardware.prepare("cpu", "float32", 3)
    settings = {**SETTINGS, "members": 2, **changes}
    ensemble.train_members(small, settings, small.data(24, 1), small.data(8, 2), 5, folder)


def diverge(folder: Path) -> None:
    """Train what ends in no number."""
    train(folder, members=1, optimizer="sgd", ema=0, lr=1e30)


def check(folder: Path) -> None:
    """Answer all rows out of fold, into a file of the folder."""
    hardware.prepare("cpu", "bfloat16", 3)
    folder.mkdir()
    given = small, Answers, SETTINGS, small.data(24, 1), np.arange(24), 5, 2, False
    np.save(folder / "answers.npy", folds.out_of_fold(*given, folder / "kept"))


def held(content: bytes, size: int) -> np.ndarray:
    """Resize a photo, once it may be; a file in the node's folder says that it was asked to."""
    Path("asked").touch()
    while Path(os.environ["HOLD"]).exists():
        time.sleep(0.1)
    return read_one(content, size)


def resize(folder: Path) -> None:
    """Resize photos, into a file of the folder."""
    folder.mkdir()
    levels = np.random.default_rng(1).integers(0, 256, (4 * engine.CHUNK, 40, 30, 3), np.uint8)
    contents = []
    for photo in levels:
        Image.fromarray(photo).save(content := io.BytesIO(), "JPEG")
        contents.append(content.getvalue())
    found = engine.in_order(held, contents, "chunks of photos", shared={"size": 24})
    np.save(folder / "photos.npy", np.stack(list(found)))


def crash(status: int) -> None:
    """End the process, as one without memory is ended."""
    os._exit(status)


def crashes(_: Path) -> None:
    """Have the processes of a piece crash."""
    list(engine.in_order(crash, [1], "numbers"))


def sleep(seconds: Path) -> None:
    """Have eight stand-ins for trainings sleep so long, and print how long all took."""
    begun, pieces = time.monotonic(), ((float(str(seconds)), None) for _ in range(8))
    list(engine.spread("tests.helpers.naps.nap", pieces, nodes.Wanted("naps", fresh=True)))
    print(f"all slept after {time.monotonic() - begun:.1f} s")


def main() -> None:
    what, folder, *local = sys.argv[1:]
    if not local:
        engine.choose()
        engine.cluster().EVERY = 1
    globals()[what](Path(folder))


if __name__ == "__main__":
    from tests.helpers import on_cluster  # whose functions a node finds by their names

    running.run(on_cluster.main)
