"""The test rows, made ready to be learned from for the submission alone."""

import numpy as np

from faces.core.label_errors import threshold
from faces.keypoints.model import predict
from faces.keypoints.model.label_errors import suspicion
from faces.keypoints.points import GROUP_4, GROUP_15, N_OUTPUTS, N_POINTS, with_missing_habits

SEEDS = 100  # from `seed` on, those that members may have


def to_learn_from(
    test: dict, groups: list[np.ndarray], model, limit: float | None, averaging: dict
) -> tuple[dict[str, np.ndarray], int]:
    """The test rows with labels as those to train on have them, and how many were left out.

    Stage label_errors asks nothing about test rows. The model has not seen them: where it finds
    their labels absurd, they are left out here, as others are in `train`, and in no figure.

    Args:
        test: `image` (n, 96, 96, 1), `target` (n, 19, 2). groups: of all sides, int.
        model: the evaluated one. limit: of `label_errors`, pixels; None leaves nothing out.
        averaging: the task's `predict` section.
    """
    keep = np.ones(len(test["image"]), bool)
    if limit is not None:
        answers = predict.outputs(model, test["image"], **averaging)
        found = suspicion(answers, test["target"])
        keep = found <= threshold(found, limit)
    target = with_all_habits(test["target"], np.concatenate(groups))
    return {"image": test["image"][keep], "target": target[keep]}, int((~keep).sum())


def with_all_habits(target: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Targets (n, 19, 2) as stage `split` makes those to train on: each output has a label.

    Args:
        groups: int, the annotator groups of the whole data set's rows.
    """
    known = [np.any(groups == group) for group in (GROUP_15, GROUP_4)]
    return with_missing_habits(target, np.repeat(known, [N_POINTS, N_OUTPUTS - N_POINTS]))
