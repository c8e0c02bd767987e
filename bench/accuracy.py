"""How good the keypoint network gets, and how fast, beside the four of a 2018 report.

Trained on what stage `train` trains on, as that stage trains; the report's networks as the report
says, each for as many seconds as ours, or until it gets no better. Seconds are those of training,
the first epoch's compilation included and validation left out. The validation split chooses the
epoch, and the test split is asked once: RMSE in pixels, with its 95% interval (bootstrap over
images), all averaged over mirror image and shifts as params.yaml says. One training each.
"""

import math

import numpy as np

from bench.clock import Clock
from bench.report import Line
from faces.core import params, paths, sides
from faces.keypoints.model import network, predict, presets
from faces.keypoints.points import FRAME
from faces.keypoints.scoring import scores
from faces.training import ensemble, hardware
from faces.training.fit import fit

TARGET, GOAL = 2.0, 1 / 3  # pixels on the validation split; of another's error on the test split
KEYS = ("source", "seed", "lr", "device", "precision", "deterministic")
SECTIONS = ("keypoints.train", "keypoints.augment", "keypoints.predict")


def measure(share: float = 1) -> list[Line]:
    """Measure ours beside the mean face and each other network; a share of rows and epochs."""
    settings = params.load(*KEYS, *SECTIONS)
    said, ours = hardware.set_up(settings), {**ensemble.training(settings), "model": "heatmaps"}
    split, errors = paths.SPLIT / "keypoints", paths.LABEL_ERRORS / "keypoints"
    data = {side: sides.load(split, side, errors) for side in ("train", "validation")}
    data["test"] = sides.load(split, "test")
    data["train"] = {name: array[:: round(1 / share)] for name, array in data["train"].items()}
    ours["epochs"] = max(2, round(share * ours["epochs"]))
    own, text, seconds = trained(ours, data, settings)
    face = scores.rmse(scores.mean_face(data["train"]["target"]) - data["test"]["target"])
    rows, asked = (len(data[side]["image"]) for side in ("train", "test"))
    what = f"RMSE in px, {asked} test images, {rows:,} rows learned from; {said}"
    lines = [Line(what, text, f"{face:.2f}: the mean face", f"{own / face:.2f} of it")]
    for name in presets.CONVOLUTIONS:
        chosen = network.with_preset({**ours, "model": name})
        other, its, _ = trained(chosen, data, settings, seconds)
        goal = "a third of it at most", own / other <= GOAL
        lines.append(Line("the same", text, f"{name}: {its}", f"{own / other:.2f} of it", *goal))
    return lines


def trained(
    training: dict, data: dict, settings: dict, limit: float = math.inf
) -> tuple[float, str, float]:
    """Train a network and ask it of the test split.

    Args:
        training: its settings. data: `image` and `target` of each side. limit: seconds.

    Returns:
        RMSE in pixels, what there is to say, and the seconds of training.
    """
    seed, test = settings["seed"], data["test"]
    ensemble.start_afresh(seed)
    model = network.build(
        training, data["train"]["image"].shape[1:], data["train"]["target"].shape[1]
    )
    whole = network.with_augmentation(model, training["augment"], seed)
    clock, loss = Clock(whole, limit), network.loss_for(training)
    sides_learned = data["train"], data["validation"]
    history = fit(whole, loss, network.Metric(), *sides_learned, training, training["lr"], seed)
    good = np.flatnonzero(history["validation_rmse"] <= TARGET)
    ways = settings["predict"]["flip"], settings["predict"]["shifts"]
    answer = predict.outputs(model, test["image"], *ways)
    error = np.clip(answer, 0, FRAME) - test["target"]
    rmse, (low, high) = scores.rmse(error), scores.interval(error, seed)
    reached = f"in {clock.ends[good[0]]:.0f} s" if len(good) else "never"
    text = (
        f"{rmse:.2f} ({low:.2f} to {high:.2f}); {TARGET:g} px on validation {reached}; "
        f"{len(history)} of {training['epochs']} epochs in {clock.ends[-1]:.0f} s"
        f"{', time was up' * clock.late}; {model.count_params():,} weights"
    )
    return rmse, text, clock.ends[-1]
