"""What networks say of rows that they were not trained on."""

import keras
import numpy as np
from sklearn.model_selection import GroupKFold

from stages.training.fit import fit


def out_of_fold(network, answer, settings: dict, data: dict, groups, seed: int) -> np.ndarray:
    """The answer for each row by a network that saw neither it nor its look-alikes.

    Args:
        network, answer: modules of a task. settings: the task's section, with those of its
            `check` in place of its own.
        data: `image` (n, ...) and `target` (n, ...). groups: int (n,), rows that stay together.
        seed: int.

    Returns:
        (n, ...), the answers of `folds` networks, each for its own part of the rows.
    """
    splitter = GroupKFold(settings["folds"], shuffle=True, random_state=seed)
    parts = []
    for number, (learn, ask) in enumerate(splitter.split(groups, groups=groups), 1):
        print(f"fold {number} of {settings['folds']}: {len(learn)} rows to learn from")
        keras.utils.set_random_seed(seed + number)
        model = network.build(settings, data["image"].shape[1:], data["target"].shape[1])
        training_model = network.with_augmentation(model, settings["augment"], seed + number)
        some = {name: array[ask[:256]] for name, array in data.items()}
        fit(
            training_model,
            network.loss_for(settings),
            network.Metric(),
            {name: array[learn] for name, array in data.items()},
            some,  # watched, not learned from
            settings,
            settings["lr"],
            seed + number,
        )
        parts.append((ask, answer.outputs(model, data["image"][ask], settings["flip_average"])))
    answers = np.empty((len(groups), *parts[0][1].shape[1:]), np.float32)
    for rows, part in parts:
        answers[rows] = part
    return answers
