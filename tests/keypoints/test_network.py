import keras
import numpy as np
import pytest

from faces.keypoints.model import network
from tests.helpers.rows import asked

SETTINGS = {"model": "heatmaps", "width": 8, "depth": 1}


def pair(answer, target):
    return np.stack([answer, target], axis=-1).astype("float32")


def test_points_are_the_mean_of_their_heatmaps():
    heatmaps = keras.Input((24, 24, 19))
    model = keras.Model(heatmaps, network._expectation(heatmaps))
    scores = np.full((1, 24, 24, 19), -50.0, "float32")
    scores[0, 5, 10, :] = 0  # one cell
    scores[0, 5, 12, 1] = 0  # and for point 1 a second, two cells to the right
    x, y = asked(model, scores)[0, 0]
    assert (x, y) == pytest.approx((10 * 4 + 1.5, 5 * 4 + 1.5), abs=1e-3)
    assert asked(model, scores)[0, 1, 0] == pytest.approx(11 * 4 + 1.5, abs=1e-3)


def test_answers_lie_in_the_frame_and_the_same_face_in_the_dark_gets_the_same(rng):
    model = network.build(SETTINGS, (96, 96, 1), 19)
    images = rng.integers(40, 200, (3, 96, 96, 1)).astype(np.uint8)
    answer = asked(model, images)
    assert answer.shape == (3, 19, 2) and answer.min() >= 0 and answer.max() <= 96
    np.testing.assert_allclose(asked(model, images // 2), answer, atol=0.3)


def test_the_loss_counts_known_coordinates_once():
    answer = np.zeros((2, 19, 2))
    target = np.full((2, 19, 2), np.nan)
    target[0, 0] = [1, -1]
    target[1, 3] = [4, 0]
    # Huber with 2 px: 0.5, 0.5, 2 * 4 - 2, 0
    assert float(network.smooth_l1(None, pair(answer, target))) == pytest.approx(7 / 4)


def test_an_answer_that_is_no_number_is_an_error_and_not_an_unknown_point():
    target = np.full((2, 19, 2), 40.0)
    answer = np.full((2, 19, 2), np.nan)
    assert np.isnan(float(network.smooth_l1(None, pair(answer, target))))
    metric = network.Metric()
    metric.update_state(None, pair(answer, target))
    assert np.isnan(float(metric.result()))


def test_squared_errors_are_halved_and_averaged():
    target = np.full((1, 19, 2), np.nan)
    target[0, 0] = [3, 4]
    loss = network.loss_for({"loss": "squared"})
    assert float(loss(None, pair(np.zeros((1, 19, 2)), target))) == pytest.approx(25 / 4)


def test_the_metric_is_the_rmse_over_all_batches():
    metric = network.Metric()
    target = np.full((1, 19, 2), np.nan)
    target[0, 0] = [3, 4]
    metric.update_state(None, pair(np.zeros((1, 19, 2)), target))
    metric.update_state(None, pair(np.zeros((4, 19, 2)), np.full((4, 19, 2), np.nan)))
    assert float(metric.result()) == pytest.approx(np.sqrt(12.5))


def test_a_file_loads_in_safe_mode_without_code_of_ours(tmp_path, rng):
    model = network.build(SETTINGS, (96, 96, 1), 19)
    path = tmp_path / "m.keras"
    model.save(path)
    known = keras.saving.get_custom_objects().copy()
    keras.saving.get_custom_objects().clear()
    try:
        back = keras.models.load_model(path, safe_mode=True)
    finally:
        keras.saving.get_custom_objects().update(known)
    images = rng.integers(0, 256, (2, 96, 96, 1)).astype(np.uint8)
    np.testing.assert_array_equal(asked(back, images), asked(model, images))
