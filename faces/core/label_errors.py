"""Label errors: rows whose labels networks that have not seen them find absurd.

Small networks learn from a part of the rows and answer for the rest (Northcutt et al. 2021,
confident learning, arXiv:1911.00068, in the plainest form).
"""

import numpy as np

# Our own network, whatever network is to be trained later.
FIXED = {
    "model": "ours",
    "depth": 1,
    "batch_size": 32,
    "optimizer": "adamw",
    "patience": 1000,
    "warmup_epochs": 1,
    "weight_decay": 0.05,
    "ema": 0.98,
}
STANDS_OUT = 3  # times the median


def training(section: dict, augment: dict) -> dict:
    """The settings of these networks' training.

    Args:
        section: `label_errors` of a task: `width`, `epochs`, `lr`. augment: the task's section.
    """
    return {**FIXED, **{k: section[k] for k in ("width", "epochs", "lr")}, "augment": augment}


def threshold(suspicion: np.ndarray, limit: float) -> float:
    """The suspicion above which a row has a label error.

    Networks that have learned too little find every label absurd: an error must stand out from
    the others too.

    Args:
        suspicion: (n,), pixels or a probability. limit: of the same unit.
    """
    return max(limit, STANDS_OUT * float(np.median(suspicion)))


def worst(suspicion: np.ndarray, limit: float) -> np.ndarray:
    """The rows with label errors, the worst first: int (k,)."""
    bad = suspicion > threshold(suspicion, limit)
    return np.flatnonzero(bad)[np.argsort(-suspicion[bad], kind="stable")]


def summary(counts: dict, task: str) -> str:
    """Say how many label errors were found, in a line.

    Args:
        counts: `folds`, `rows`, `label_errors`.
    """
    if not counts["folds"]:
        return f"labels are not checked ({task}.label_errors.folds: 0)"
    return f"{counts['label_errors']} of {counts['rows']} rows have labels that nothing bears out"
