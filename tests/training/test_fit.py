"""Both networks through the real fit, for a few steps on tiny data."""

import keras
import numpy as np
import pytest

from stages.errors import UserError
from stages.gender import network as gender
from stages.keypoints import network as keypoints
from stages.training import device
from stages.training.fit import fit
from stages.training.look import STILL
from stages.training.muon import Muon

PLAIN = {**STILL, "colour": 0, "gray": 0, "mixup": 0}
SETTINGS = {"model": "ours", "width": 4, "depth": 1, "epochs": 6, "batch_size": 8, "patience": 10}
SETTINGS |= {
    "warmup_epochs": 1,
    "weight_decay": 0.01,
    "ema": 0.5,
    "optimizer": "muon",
    "augment": PLAIN,
}


def dots(rng, n):
    """Images with a bright square, and targets that all lie on it; half of them unknown."""
    image = np.full((n, 96, 96, 1), 30, np.uint8)
    target = np.full((n, 19, 2), np.nan, np.float32)
    for i, (x, y) in enumerate(rng.integers(20, 76, (n, 2))):
        image[i, y - 3 : y + 4, x - 3 : x + 4] = 255
        target[i, ::2] = [x, y]
    return {"image": image, "target": target}


def shades(rng, n):
    """Photos of two classes: bright on the left, or above."""
    label = np.arange(n) % 2
    image = rng.integers(0, 60, (n, 60, 60, 3), dtype=np.uint8)
    image[label == 0, :, :30] += 150
    image[label == 1, :30] += 150
    return {"image": image, "target": np.eye(2, dtype=np.float32)[label]}


def trained(network, data, seed=0, **changes):
    settings = {**SETTINGS, **changes}
    device.prepare("cpu", "float32", seed)
    train, validation = data
    model = network.build(settings, train["image"].shape[1:], train["target"].shape[1])
    before = [np.array(w) for w in model.get_weights()]
    training_model = network.with_augmentation(model, settings["augment"], seed)
    history = fit(
        training_model,
        network.loss_for(settings),
        network.Metric(),
        train,
        validation,
        settings,
        0.01,
        seed,
    )
    return model, before, history, training_model


@pytest.mark.parametrize(("network", "make"), [(keypoints, dots), (gender, shades)])
def test_training_lowers_the_error_and_keeps_the_best_epoch(network, make, rng):
    data = make(rng, 40), make(rng, 10)
    model, before, history, training_model = trained(network, data)
    name = network.Metric().name
    scores = history[f"validation_{name}"]
    assert scores.min() < scores.iloc[0]
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert sum(changed) > len(changed) / 2
    pair = training_model.predict(data[1], verbose=0)
    metric = network.Metric()
    metric.update_state(None, pair)
    assert float(metric.result()) == pytest.approx(scores.min(), rel=1e-3)


def test_the_heatmap_grid_is_not_trained(rng):
    data = dots(rng, 16), dots(rng, 8)
    model, _, _, _ = trained(keypoints, data, epochs=2)
    grid = model.get_layer("expectation").get_weights()[0]
    np.testing.assert_array_equal(grid, keypoints.cell_centres(24))


def test_the_same_seed_gives_the_same_weights(rng):
    data = shades(rng, 24), shades(rng, 8)
    wild = PLAIN | {"flip": 0.5, "degrees": 10, "noise": 5, "cutout": 0.5, "mixup": 0.2}
    runs = [
        trained(gender, data, seed, epochs=2, augment=wild)[0].get_weights() for seed in (3, 3, 4)
    ]
    assert all(np.array_equal(a, b) for a, b in zip(runs[0], runs[1], strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(runs[0], runs[2], strict=True))


def test_training_stops_when_validation_gets_no_better(rng):
    train, validation = shades(rng, 16), shades(rng, 8)
    validation["target"] = validation["target"][:, ::-1].copy()  # whatever is learned is wrong
    _, _, history, _ = trained(gender, (train, validation), epochs=30, patience=2)
    assert len(history) < 30


def test_without_validation_rows_the_weights_are_those_of_the_last_epoch(rng):
    train = shades(rng, 24)
    alone, _, history, _ = trained(gender, (train, None), epochs=4, patience=1)
    assert len(history) == 4 and not [c for c in history if c.startswith("val")]
    beside, _, watched, _ = trained(gender, (train, train), epochs=4)
    assert watched["validation_log_loss"].idxmin() == 3  # so that the best epoch is the last
    pairs = zip(alone.get_weights(), beside.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_a_training_that_runs_away_is_one_error(rng):
    train, validation = dots(rng, 16), dots(rng, 8)
    train["target"][:] = 1e30
    with pytest.raises(UserError, match=r"converges.*Lower lr"):
        trained(keypoints, (train, validation), epochs=2, loss="squared")


def test_the_learning_rate_rises_to_lr_and_falls_to_nothing(rng):
    data = shades(rng, 16), shades(rng, 8)
    _, _, history, _ = trained(gender, data, ema=0, epochs=8)
    assert history["lr"].max() == pytest.approx(0.01, rel=0.1)
    assert history["lr"].iloc[-1] < 0.002
    assert list(history["epoch"]) == list(range(1, 9))


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_16_bit_precision_trains_and_answers_in_32_bit(rng, precision):
    data = dots(rng, 16), dots(rng, 8)
    policy = keras.config.dtype_policy()
    try:
        device.prepare("cpu", precision, 0)
        model = keypoints.build(SETTINGS, (96, 96, 1), 19)
        training_model = keypoints.with_augmentation(model, STILL, 0)
        history = fit(
            training_model,
            keypoints.smooth_l1,
            keypoints.Metric(),
            *data,
            {**SETTINGS, "epochs": 2},
            0.01,
            0,
        )
        assert np.isfinite(history.to_numpy()).all()
        assert model.predict(data[1]["image"], verbose=0).dtype == np.float32
    finally:
        keras.config.set_dtype_policy(policy)


def test_muon_steps_are_orthogonal_and_as_long_as_those_of_adam(rng):
    optimizer = Muon(0.01, weight_decay=None, exclude_layers=["logits"])
    kernel = keras.Variable(np.zeros((3, 3, 16, 8), np.float32), name="kernel")
    bias = keras.Variable(np.zeros(8, np.float32), name="bias")
    gradient = rng.normal(size=(3, 3, 16, 8)).astype(np.float32)
    gradient[..., 0] *= 100  # one filter that would drown the others
    optimizer.build([kernel, bias])
    optimizer.apply([keras.ops.array(gradient), keras.ops.ones(8)], [kernel, bias])
    step = np.array(kernel).reshape(-1, 8)
    strengths = np.linalg.svd(step, compute_uv=False)
    assert strengths.max() < 2 * strengths.min()
    assert 0.001 < np.sqrt((step**2).mean()) < 0.004  # 0.2 of the learning rate
    np.testing.assert_allclose(np.array(bias), -0.01, rtol=1e-3)  # a step of Adam


def test_muon_leaves_small_kernels_and_the_last_layer_to_adam():
    optimizer = Muon(0.01, exclude_layers=["heatmaps"])
    shapes = {"heatmaps": (1, 1, 64, 19), "first": (5, 5, 1, 16), "other": (3, 3, 8, 16)}
    variables = {}
    for name, shape in shapes.items():
        with keras.name_scope(name):
            variables[name] = keras.Variable(np.zeros(shape, np.float32), name="kernel")
    with_adam = [name for name, v in variables.items() if optimizer._should_use_adamw(v)]
    assert with_adam == ["heatmaps", "first"]
