"""Both networks through the real fit, for a few steps on tiny data.

What has nothing to do with a network is asked of a small one, which is compiled sooner.
"""

from types import ModuleType, SimpleNamespace

import keras
import numpy as np
import pytest

from faces.core.errors import UserError
from faces.gender.model import network as gender
from faces.keypoints.model import network as keypoints
from faces.training import hardware
from faces.training.fit import fit
from faces.training.muon import Muon
from tests.helpers import small
from tests.helpers.rows import PLAIN, SETTINGS, asked, dots, shades

pytestmark = pytest.mark.slow

WILD = PLAIN | {"flip": 0.5, "degrees": 10, "noise": 5, "cutout": 0.5, "mixup": 0.2}


def trained(
    network: ModuleType, data: tuple, seed=0, precision="float32", **changes
) -> SimpleNamespace:
    """The network before and after a training, the whole that was trained, and its history."""
    settings = {**SETTINGS, **changes}
    hardware.prepare("cpu", precision, seed)
    train, validation = data
    model = network.build(settings, train["image"].shape[1:], train["target"].shape[1])
    before = [np.array(w) for w in model.get_weights()]
    whole = network.with_augmentation(model, settings["augment"], seed)
    history = fit(
        whole,
        network.loss_for(settings),
        network.Metric(),
        train,
        validation,
        settings,
        settings["lr"],
        seed,
    )
    return SimpleNamespace(model=model, before=before, whole=whole, history=history)


def alike(one: SimpleNamespace, other: SimpleNamespace) -> bool:
    pairs = zip(one.model.get_weights(), other.model.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def of_keypoints() -> tuple[dict, dict]:
    rng = np.random.default_rng(0)
    return dots(rng, 40), dots(rng, 10)


def of_photos() -> tuple[dict, dict]:
    rng = np.random.default_rng(0)
    return shades(rng, 40), shades(rng, 10)


@pytest.fixture(scope="module")
def points():
    return trained(keypoints, of_keypoints())


@pytest.fixture(scope="module")
def photos():
    return trained(gender, of_photos(), seed=3, augment=WILD)


@pytest.fixture
def few():
    return small.data(16, 1), small.data(8, 2)


def trained_small(data: tuple, seed=0, **changes) -> SimpleNamespace:
    return trained(small, data, seed, **{**small.SETTINGS, **changes})


@pytest.mark.parametrize(
    ("network", "name", "rows"),
    [(keypoints, "points", of_keypoints), (gender, "photos", of_photos)],
)
def test_training_lowers_the_error_and_keeps_the_best_epoch(request, network, name, rows):
    run, (_, validation) = request.getfixturevalue(name), rows()
    scores = run.history[f"validation_{network.Metric().name}"]
    assert scores.min() < scores.iloc[0]
    after = run.model.get_weights()
    changed = [not np.array_equal(a, b) for a, b in zip(run.before, after, strict=True)]
    assert sum(changed) > len(changed) / 2
    pair = run.whole(validation, training=False)
    metric = network.Metric()
    metric.update_state(None, pair)
    assert float(metric.result()) == pytest.approx(scores.min(), rel=1e-3)


def test_the_heatmap_grid_is_not_trained(points):
    grid = points.model.get_layer("expectation").get_weights()[0]
    np.testing.assert_array_equal(grid, keypoints.cell_centres(24))


def test_the_same_seed_gives_the_same_weights(photos):
    again = trained(gender, of_photos(), seed=3, augment=WILD)
    assert alike(photos, again) and again.history.equals(photos.history)


def test_another_seed_gives_other_weights(few):
    assert not alike(trained_small(few, 3), trained_small(few, 4))


def test_training_stops_when_validation_gets_no_better(few):
    train, validation = few
    validation["target"] = validation["target"][:, ::-1].copy()  # whatever is learned is wrong
    run = trained_small((train, validation), epochs=30, patience=2, ema=0.5)
    assert len(run.history) < 30


def test_without_validation_rows_the_weights_are_those_of_the_last_epoch(few):
    train, _ = few
    alone = trained_small((train, None), epochs=4, patience=1)
    assert len(alone.history) == 4 and not [c for c in alone.history if c.startswith("val")]
    beside = trained_small((train, train), epochs=4)
    errors = beside.history["validation_error"]
    assert errors.idxmin() == 3  # so that the best epoch is the last
    assert alike(alone, beside)


def test_a_training_that_runs_away_is_one_error(few):
    few[0]["target"][:] = 1e30
    with pytest.raises(UserError, match=r"converges.*Lower lr"):
        trained_small(few)


def test_the_learning_rate_rises_to_lr_and_falls_to_nothing(points):
    rates = points.history["lr"]
    assert rates.max() == pytest.approx(0.01, rel=0.1)
    assert rates.iloc[-1] < 0.002
    assert list(points.history["epoch"]) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("network", "precision", "rows"),
    [(keypoints, "float16", of_keypoints), (gender, "bfloat16", of_photos)],
)
def test_16_bit_precision_trains_and_answers_in_32_bit(network, precision, rows):
    policy = keras.config.dtype_policy()
    try:
        run = trained(network, rows(), precision=precision, epochs=2)
    finally:
        keras.config.set_dtype_policy(policy)
    assert np.isfinite(run.history.to_numpy()).all()
    assert asked(run.model, rows()[1]["image"]).dtype == np.float32


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
