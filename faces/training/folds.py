"""Answer rows out of fold: each by networks that were not trained on it."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from sklearn.model_selection import GroupKFold

from faces.core.errors import UserError
from faces.core.sides import joined
from faces.core.splitting import hold_out
from faces.training import checkpoints
from faces.training.ensemble import key, train_members, trained


def out_of_fold(
    network,
    predict,
    settings: dict,
    data: dict,
    groups,
    seed: int,
    count: int,
    flip: bool,
    kept: Path | None = None,
) -> np.ndarray:
    """The answer for each row by a network that saw neither it nor its look-alikes.

    Args:
        network, predict: modules of a task. settings: of their training.
        data: `image` (n, ...) and `target` (n, ...). groups: int (n,), rows that stay together.
        seed: int. count: of folds. flip: whether answers are averaged over the mirror image.
        kept: folder for what a killed run goes on from, or None. It is empty in the end.

    Returns:
        (n, ...), the answers of `count` networks, each for its own part of the rows.
    """
    splitter = GroupKFold(count, shuffle=True, random_state=seed)
    parts, begun = [], []
    for number, (learn, ask) in enumerate(splitter.split(groups, groups=groups), 1):
        print(f"fold {number} of {count}: {len(learn)} rows to learn from")
        keras.utils.set_random_seed(seed + number)
        some = {name: array[ask[:256]] for name, array in data.items()}
        known = {name: array[learn] for name, array in data.items()}
        if kept:
            begun.append(kept / f"{key(network, settings, known, some, seed + number)}.npz")
        start = begun[-1] if kept else None
        # Some are watched, not learned from.
        model, _ = trained(network, settings, known, some, seed + number, start)
        parts.append((ask, predict.outputs(model, data["image"][ask], flip)))
    for path in begun:
        checkpoints.remove(path)
    return in_their_rows(parts)


def in_their_rows(parts: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Put the answers of all folds into one array, float32 (n, ...).

    Args:
        parts: rows, int (k,), and answers, (k, ...), of each fold.
    """
    count = sum(len(rows) for rows, _ in parts)
    answers = np.empty((count, *parts[0][1].shape[1:]), np.float32)
    for rows, part in parts:
        answers[rows] = part
    return answers


def split(groups: np.ndarray, count: int, seed: int):
    """Rows to learn from and to ask, of each fold; a `UserError` if there are too few groups."""
    number = len(np.unique(groups))
    if number < 2 * count:
        wanted = f"at least {2 * count} groups for {count} folds"
        raise UserError(wanted, f"{number} groups of rows", "Use fewer folds.")
    return GroupKFold(count, shuffle=True, random_state=seed).split(groups, groups=groups)


def cross_validated(
    modules: tuple,
    settings: dict,
    averaging: dict,
    data: dict,
    strata,
    groups,
    seed: int,
    count: int,
    share: float,
    kept: Path | None = None,
    more: Callable[[dict, np.ndarray, np.ndarray, int], list[dict]] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The answer for each row by the model of a fold, made as stage `train` makes it.

    Each fold holds out validation rows of its own, which choose the epoch and the temperature.

    Args:
        modules: of a task: `network`, `predict`, `calibrate`. settings: of a training.
        averaging: the task's `predict` section.
        data: `image` (n, ...), `target` (n, ...), and `keep` bool (n,): rows without it are asked
            for an answer, and nothing is learned from them.
        strata: int (n,), in proportion in the validation rows. groups: int (n,), rows that stay
            together. seed: int. count: of folds. share: of rows to validate.
        kept: folder of finished members, or None: what was finished before a kill is found there.
        more: given the data, the rows that a fold learns from and those that it validates with,
            int (k,), and the seed, what its members learn from besides.

    Returns:
        (n, ...), the answers, and the fold of each row, int (n,) from 0.

    Raises:
        UserError: there are too few rows or groups for so many folds.
    """
    network, predict, calibrate = modules
    photos = {name: data[name] for name in ("image", "target")}
    fold, parts = np.empty(len(groups), np.int64), []
    for number, (learn, ask) in enumerate(split(groups, count, seed)):
        print(f"fold {number + 1} of {count}: {len(learn)} rows to learn from, {len(ask)} to ask")
        held = hold_out(learn, strata, groups, share, seed + number)
        sides = [rows[data["keep"][rows]] for rows in (np.setdiff1d(learn, held), held)]
        train, validation = ({n: array[rows] for n, array in photos.items()} for rows in sides)
        if more:
            train = joined([train, *more(photos, *sides, seed)])
        model, _ = train_members(network, settings, train, validation, seed, kept)
        calibrate.calibrate(model, validation, averaging)
        parts.append((ask, predict.outputs(model, data["image"][ask], **averaging)))
        fold[ask] = number
    return in_their_rows(parts), fold
