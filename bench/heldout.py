"""Rows to compare trainings on: a fifth of train and validation held out, whole groups of it.

No test row is read. Rows whose labels stage `check` doubts are left out on both sides.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from stages import files
from stages.errors import UserError
from stages.keypoints import answer
from stages.keypoints.labels import FOUR_POINTS, N_POINTS
from stages.keypoints.scores import rmse
from stages.splitting import hold_out

SPLIT, CHECK = Path("data/split/keypoints"), Path("data/check/keypoints")
SIDES = ("train", "validation")
SHARE = 0.2
# Ways to average views: name -> (mirror image, shifts).
WAYS = {"as it is": (False, 1), "+ mirror image": (True, 1), "+ shifts": (True, 5)}


@dataclass(frozen=True)
class Rows:
    """All rows of both sides, and which of them are for what.

    Args:
        data: `image` uint8 (n, 96, 96, 1) and `target` float32 (n, 19, 2), pixels, NaN unknown.
        doubted: bool (n,), labels that stage `check` doubts.
        learn, out: int, rows to learn from (doubted ones among them) and held out (none of them).
    """

    data: dict[str, np.ndarray]
    doubted: np.ndarray
    learn: np.ndarray
    out: np.ndarray

    def train(self, complete: bool = False) -> dict[str, np.ndarray]:
        """What to learn from: all but doubted rows, or complete ones only."""
        chosen = self.learn[~self.doubted[self.learn]]
        if complete:
            chosen = chosen[is_complete(self.data["target"][chosen])]
        return {name: array[chosen] for name, array in self.data.items()}

    def held(self) -> dict[str, np.ndarray]:
        """What to measure on."""
        return {name: array[self.out] for name, array in self.data.items()}


def load(share: float = 1) -> Rows:
    """The rows of data/split and data/check, or a share of those to learn from.

    Raises:
        UserError: the stages have not run.
    """
    if not (CHECK / "suspects.csv").is_file():
        raise UserError("arrays in data/split and data/check", "none", "Run `dvc repro` first.")
    names = [f"{side}_{kind}" for side in SIDES for kind in ("images", "target")]
    arrays = files.load_arrays(SPLIT, *names)
    keep = files.load_arrays(CHECK, *(f"{side}_keep" for side in SIDES))
    rows = pd.read_csv(SPLIT / "rows.csv")
    groups = np.concatenate([rows[rows["split"] == side]["alike"] for side in SIDES])
    data = {
        "image": np.concatenate([arrays[f"{side}_images"] for side in SIDES]),
        "target": np.concatenate([arrays[f"{side}_target"] for side in SIDES]),
    }
    doubted = ~np.concatenate([keep[f"{side}_keep"] for side in SIDES])
    learn, out = divide(data["target"], doubted, groups)
    return Rows(data, doubted, some(learn, share), out)


def some(rows: np.ndarray, share: float) -> np.ndarray:
    """A share of the rows, evenly spaced."""
    return rows[np.linspace(0, len(rows) - 1, max(1, round(share * len(rows)))).astype(int)]


def divide(target: np.ndarray, doubted: np.ndarray, groups: np.ndarray) -> tuple:
    """Rows to learn from and rows held out, int each; no group has rows in both."""
    everything = np.arange(len(groups))
    second = np.isfinite(target[:, N_POINTS:]).any(axis=(1, 2)).astype(int)
    out = hold_out(everything, second, groups, SHARE, seed=0)
    return np.setdiff1d(everything, out), out[~doubted[out]]


def is_complete(target: np.ndarray) -> np.ndarray:
    """Which rows have all 15 points: bool (n,)."""
    return np.isfinite(target[:, :N_POINTS]).all(axis=(1, 2))


def errors(model, held: dict, one_head: bool = False) -> dict[str, float]:
    """RMSE on the held-out rows, pixels, for each way to average views.

    Args:
        one_head: whether the first 15 outputs learned the habits of both annotator groups.
    """
    found = {}
    for name, (flip, views) in WAYS.items():
        points = answer.outputs(model, held["image"], flip, views)
        if one_head:
            points[:, N_POINTS:] = points[:, list(FOUR_POINTS)]
        found[name] = rmse(points - held["target"])
    return found
