"""What networks say of rows that they were not trained on."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from sklearn.model_selection import GroupKFold

from stages.errors import UserError
from stages.splitting import hold_out
from stages.training import checkpoints
from stages.training.fit import fit
from stages.training.members import key, train_members


def out_of_fold(
    network, answer, settings: dict, data: dict, groups, seed: int, kept: Path | None = None
) -> np.ndarray:
    """The answer for each row by a network that saw neither it nor its look-alikes.

    Args:
        network, answer: modules of a task. settings: the task's section, with those of its
            `check` in place of its own.
        data: `image` (n, ...) and `target` (n, ...). groups: int (n,), rows that stay together.
        seed: int.
        kept: folder for what a killed run goes on from, or None. It is empty in the end.

    Returns:
        (n, ...), the answers of `folds` networks, each for its own part of the rows.
    """
    splitter = GroupKFold(settings["folds"], shuffle=True, random_state=seed)
    parts, begun = [], []
    for number, (learn, ask) in enumerate(splitter.split(groups, groups=groups), 1):
        print(f"fold {number} of {settings['folds']}: {len(learn)} rows to learn from")
        keras.utils.set_random_seed(seed + number)
        model = network.build(settings, data["image"].shape[1:], data["target"].shape[1])
        training_model = network.with_augmentation(model, settings["augment"], seed + number)
        some = {name: array[ask[:256]] for name, array in data.items()}
        known = {name: array[learn] for name, array in data.items()}
        if kept:
            begun.append(kept / f"{key(network, settings, known, some, seed + number)}.npz")
        fit(
            training_model,
            network.loss_for(settings),
            network.Metric(),
            known,
            some,  # watched, not learned from
            settings,
            settings["lr"],
            seed + number,
            begun[-1] if kept else None,
        )
        parts.append((ask, answer.outputs(model, data["image"][ask], settings["flip_average"])))
    for path in begun:
        checkpoints.remove(path)
    answers = np.empty((len(groups), *parts[0][1].shape[1:]), np.float32)
    for rows, part in parts:
        answers[rows] = part
    return answers


def cross_validated(
    rooms: tuple,
    settings: dict,
    data: dict,
    strata,
    groups,
    seed: int,
    kept: Path | None = None,
    more: Callable[[np.ndarray, dict, dict, int], dict] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The answer for each row by the model of a fold, made as stage `train` makes it.

    Each fold holds out validation rows of its own, which choose the epoch and the temperature.

    Args:
        rooms: modules of a task: `network`, `answer`, `calibrate`.
        settings: the task's section, with `lr` and `folds`.
        data: `image` (n, ...), `target` (n, ...), and `keep` bool (n,): rows without it are asked
            for an answer, and nothing is learned from them.
        strata: int (n,), in proportion in the validation rows. groups: int (n,), rows that stay
            together. seed: int.
        kept: folder of finished members, or None: what was finished before a kill is found there.
        more: given the rows that a fold learns from, int (k,), their `image` and `target`, those
            of its validation rows and the seed, all that its members learn from.

    Returns:
        (n, ...), the answers, and the fold of each row, int (n,) from 0.

    Raises:
        UserError: there are too few rows or groups for so many folds.
    """
    network, answer, calibrate = rooms
    count = settings["folds"]
    if len(np.unique(groups)) < 2 * count:
        have = f"{len(np.unique(groups))} groups of rows"
        raise UserError(f"at least {2 * count} groups for {count} folds", have, "Use fewer folds.")
    splitter = GroupKFold(count, shuffle=True, random_state=seed)
    fold, parts = np.empty(len(groups), np.int64), []
    for number, (learn, ask) in enumerate(splitter.split(groups, groups=groups)):
        print(f"fold {number + 1} of {count}: {len(learn)} rows to learn from, {len(ask)} to ask")
        held = hold_out(learn, strata, groups, settings["split"]["validation"], seed + number)
        sides = [rows[data["keep"][rows]] for rows in (np.setdiff1d(learn, held), held)]
        train, validation = (
            {name: data[name][rows] for name in ("image", "target")} for rows in sides
        )
        if more:
            train = more(sides[0], train, validation, seed)
        model, _ = train_members(network, settings, train, validation, seed, kept)
        calibrate.calibrate(model, validation, settings)
        seen = data["image"][ask], settings["flip_average"], settings["views"]
        parts.append((ask, answer.outputs(model, *seen)))
        fold[ask] = number
    answers = np.empty((len(groups), *parts[0][1].shape[1:]), np.float32)
    for rows, part in parts:
        answers[rows] = part
    return answers, fold
