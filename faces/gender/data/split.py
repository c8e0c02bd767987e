"""Photos to arrays of one size; a test set of as many photos of each class; copies together."""

import zipfile
from collections.abc import Iterable

import numpy as np
import pandas as pd

from faces.core import engine
from faces.core.errors import UserError
from faces.core.progress import progress_bar
from faces.core.splitting import NAMES, TEST, TRAIN, VALIDATION, counts, hold_out
from faces.data.photos import read_photo, resized

TOGETHER = 4  # photos that a thread takes at once: more would be no faster, and hold more files


def split(
    archive: zipfile.ZipFile, photos: pd.DataFrame, classes: list[str], settings: dict, seed: int
) -> tuple[dict[str, np.ndarray], list[str], pd.DataFrame, dict]:
    """The arrays of each side.

    Args:
        archive: the good photos. photos: `file`, `label`, `alike`, as `clean` gives them.
        classes: their order is that of the targets.
        settings: `size`: pixels. `test_per_class`: photos. `validation`: share of the rest.

    Returns:
        Arrays `train_images` uint8 (n, size, size, 3), `train_target` float32 (n, classes), and
        so for `validation` and `test`; the classes; the table with a column `split`; counts.
    """
    labels = pd.Index(classes).get_indexer(photos["label"])
    sides = choose_sides(labels, photos["alike"].to_numpy(), classes, settings, seed)
    images = read_all(archive, photos["file"].tolist(), settings["size"])
    target = np.eye(len(classes), dtype=np.float32)[labels]
    arrays = {}
    for side, name in enumerate(NAMES):
        arrays[f"{name}_images"] = images[sides == side]
        arrays[f"{name}_target"] = target[sides == side]
    return arrays, classes, photos.assign(split=np.array(NAMES)[sides]), counts(sides)


def read_all(archive: zipfile.ZipFile, files: list[str], size: int) -> np.ndarray:
    """Every photo, resized: uint8 (n, size, size, 3)."""
    return arrays_of((archive.read(file) for file in files), len(files), size)


def arrays_of(contents: Iterable[bytes], number: int, size: int) -> np.ndarray:
    """So many photos, resized on all cores: uint8 (n, size, size, 3)."""
    images = np.empty((number, size, size, 3), np.uint8)
    done = engine.in_order(read_one, contents, "chunks of photos", TOGETHER, {"size": size})
    bar = progress_bar(done, total=number, desc="resize photos", unit="photo", leave=False)
    for i, image in enumerate(bar):
        images[i] = image
    return images


def read_one(data: bytes, size: int) -> np.ndarray:
    """One photo as it goes into the array: uint8 (size, size, 3)."""
    return resized(read_photo(data, draft=2 * size), size)


def choose_sides(
    labels: np.ndarray, alike: np.ndarray, classes: list[str], settings: dict, seed: int
) -> np.ndarray:
    """TRAIN, VALIDATION or TEST for each photo, int8 (n,).

    Exactly `test_per_class` photos of each class are TEST, whole groups of look-alikes; a group
    that holds photos of several classes is for training.

    Raises:
        UserError: a class is too small for the test set, or leaves too little to train on.
    """
    sides = np.full(len(labels), TRAIN, np.int8)
    wanted = settings["test_per_class"]
    pairs = pd.DataFrame({"alike": alike, "label": labels})
    of_one_class = (pairs.groupby("alike")["label"].transform("nunique") == 1).to_numpy()
    for label, name in enumerate(classes):
        rows = np.flatnonzero(labels == label)
        expected = f"at least {2 * wanted} photos of {name}: {wanted} to test, as many to train"
        todo = "Add photos, or lower gender.split.test_per_class in params.yaml."
        if len(rows) < 2 * wanted:
            raise UserError(expected, str(len(rows)), todo)
        rows = rows[of_one_class[rows]]
        chosen = whole_groups(rows, alike[rows], wanted, np.random.default_rng([seed, label]))
        if len(chosen) < wanted:
            raise UserError(expected, "groups of copies that do not add up to that", todo)
        sides[chosen] = TEST
    rest = np.flatnonzero(sides == TRAIN)
    sides[hold_out(rest, labels, alike, settings["validation"], seed)] = VALIDATION
    for side in (TRAIN, VALIDATION):
        missing = set(range(len(classes))) - set(labels[sides == side].tolist())
        if missing:
            have = f"none of {classes[min(missing)]} in {NAMES[side]}"
            todo = "Add photos, or change gender.split.validation."
            raise UserError("photos of every class to train and to validate on", have, todo)
    return sides


def whole_groups(
    rows: np.ndarray, alike: np.ndarray, wanted: int, random: np.random.Generator
) -> np.ndarray:
    """Exactly `wanted` rows in random order, whole groups of copies; fewer if it cannot be."""
    chosen: list[int] = []
    sizes = dict(zip(*np.unique(alike, return_counts=True), strict=True))
    for group in random.permutation(np.unique(alike)):
        if len(chosen) + sizes[group] <= wanted:
            chosen.extend(rows[alike == group])
    return np.array(chosen, dtype=np.int64)
