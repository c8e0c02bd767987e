"""Answer rows out of fold: each by networks that were not trained on it."""

import functools
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import keras
import numpy as np
from sklearn.model_selection import GroupKFold

from faces.core.errors import UserError
from faces.core.sides import joined
from faces.core.splitting import hold_out
from faces.training import checkpoints, elsewhere
from faces.training.ensemble import file_of, members, train_members, trained


class More(Protocol):
    """What members of a fold learn from besides its rows."""

    def of(self, photos: dict, learn: np.ndarray, watch: np.ndarray, seed: int) -> list[dict]:
        """Arrays for the rows that a fold learns from and those it validates with, int (k,)."""

    def trainings(
        self, photos: dict, learn: np.ndarray, watch: np.ndarray, seed: int
    ) -> Iterator[elsewhere.Training]:
        """The networks that `of` trains for the same arguments."""


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
    parts = [*splitter.split(groups, groups=groups)]

    def shown(learn: np.ndarray, ask: np.ndarray) -> tuple[dict, dict]:
        """What is learned from, and some of the others, which are watched."""
        return tuple({n: a[rows] for n, a in data.items()} for rows in (learn, ask[:256]))

    def begun(number: int, known: dict, some: dict) -> Path | None:
        return kept and kept / file_of(network, settings, known, some, seed + number)

    def trainings() -> Iterator[elsewhere.Training]:
        for number, part in enumerate(parts if kept else (), 1):
            rows, own = elsewhere.sent(*shown(*part)), seed + number
            path = begun(number, *rows)
            yield elsewhere.Training(network, settings, rows, own, path, member=False)

    elsewhere.train_missing(trainings())
    answers, starts = [], []
    for number, (learn, ask) in enumerate(parts, 1):
        print(f"fold {number} of {count}: {len(learn)} rows to learn from")
        keras.utils.set_random_seed(seed + number)
        known, some = shown(learn, ask)
        starts.append(begun(number, known, some))
        model, _ = trained(network, settings, known, some, seed + number, starts[-1])
        answers.append((ask, predict.outputs(model, data["image"][ask], flip)))
    for path in filter(None, starts):
        checkpoints.remove(path)
    return in_their_rows(answers)


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
    more: More | None = None,
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
        kept: folder of finished members, or None. more: what they learn from besides, or None.

    Returns:
        (n, ...), the answers, and the fold of each row, int (n,) from 0.

    Raises:
        UserError: there are too few rows or groups for so many folds.
    """
    network, predict, calibrate = modules
    photos = {name: data[name] for name in ("image", "target")}
    fold, answers = np.empty(len(groups), np.int64), []
    plan = planned(data["keep"], strata, groups, seed, count, share)

    of = functools.partial(rows_of, photos, more, seed)
    if more:
        elsewhere.train_missing(t for *_, s in plan for t in more.trainings(photos, *s, seed))
    of_folds = (members(network, settings, *of(s), seed, kept) for *_, s in plan)
    elsewhere.train_missing(itertools.chain.from_iterable(of_folds))
    for number, (learn, ask, sides) in enumerate(plan):
        print(f"fold {number + 1} of {count}: {len(learn)} rows to learn from, {len(ask)} to ask")
        train, validation = of(sides)
        model, _ = train_members(network, settings, train, validation, seed, kept)
        calibrate.calibrate(model, validation, averaging)
        answers.append((ask, predict.outputs(model, data["image"][ask], **averaging)))
        fold[ask] = number
    return in_their_rows(answers), fold


def planned(keep: np.ndarray, strata, groups, seed: int, count: int, share: float) -> list[tuple]:
    """The rows of each fold, as `cross_validated` has them: int (k,) each.

    Returns:
        Rows that are not asked, rows to ask, and a list: those to learn from, and to validate.
    """
    plan = []
    for number, (learn, ask) in enumerate(split(groups, count, seed)):
        held = hold_out(learn, strata, groups, share, seed + number)
        sides = [rows[keep[rows]] for rows in (np.setdiff1d(learn, held), held)]
        plan.append((learn, ask, sides))
    return plan


def rows_of(photos: dict, more: More | None, seed: int, sides: list[np.ndarray]) -> list[dict]:
    """What a fold learns from and validates with, of its rows on each side."""
    train, validation = ({n: array[rows] for n, array in photos.items()} for rows in sides)
    return [joined([train, *more.of(photos, *sides, seed)]) if more else train, validation]
