import keras
import numpy as np
import pytest

from faces.gender.model import network
from tests.helpers.rows import asked

SETTINGS = {"model": "residual", "width": 8, "depth": 1}


@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_sum_to_one_for_any_number_of_classes(rng, classes):
    model = network.build(SETTINGS, (60, 60, 3), classes)
    answer = asked(model, rng.integers(0, 256, (4, 60, 60, 3)).astype(np.uint8))
    assert answer.shape == (4, classes)
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)


def test_the_loss_is_the_cross_entropy_with_soft_targets():
    answer, target = np.array([[0.8, 0.2], [0.5, 0.5]]), np.array([[1, 0], [0.3, 0.7]])
    pair = np.stack([answer, target], axis=-1).astype("float32")
    expected = -(np.log(0.8) + np.log(0.5)) / 2
    assert float(network.cross_entropy(None, pair)) == pytest.approx(expected, rel=1e-5)
    metric = network.Metric()
    metric.update_state(None, pair)
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_a_file_loads_in_safe_mode_without_code_of_ours(tmp_path, rng):
    model = network.build(SETTINGS, (60, 60, 3), 2)
    model.save(tmp_path / "m.keras")
    known = keras.saving.get_custom_objects().copy()
    keras.saving.get_custom_objects().clear()
    try:
        back = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    finally:
        keras.saving.get_custom_objects().update(known)
    images = rng.integers(0, 256, (2, 60, 60, 3)).astype(np.uint8)
    np.testing.assert_array_equal(asked(back, images), asked(model, images))
