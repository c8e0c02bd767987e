"""What networks say of rows that they were not trained on."""

from pathlib import Path

import keras
import numpy as np
from sklearn.model_selection import GroupKFold

from stages.training import checkpoints
from stages.training.fit import fit
from stages.training.members import key


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
