import keras
import numpy as np
import pytest

from faces.keypoints.model import network, presets
from faces.keypoints.points import FOUR_POINTS
from faces.training.averages import average
from tests.helpers.rows import asked

SETTINGS = {"width": 8, "depth": 1, "augment": {}, "lr": 0.5, "epochs": 1, "patience": 1}
# Weights and biases of the layers in the report's table, 30 outputs.
PARAMETERS = {
    "report-1": 320 + 18_496 + 24 * 24 * 64 * 30 + 30,
    "report-2": 640 + 73_856 + 24 * 24 * 128 * 30 + 30,
    "report-3": 1_088 + 48 * 48 * 64 * 30 + 30,
    "report-4": 1_664 + 32_800 + 24 * 24 * 32 * 30 + 30,
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_preset_has_the_layers_and_the_training_of_the_report(name, rng):
    settings = network.with_preset({**SETTINGS, "model": name})
    assert settings["lr"] == 0.001 and settings["batch_size"] in (20, 100)
    assert set(settings["augment"].values()) == {0} and settings["loss"] == "squared"
    model = network.build(settings, (96, 96, 1), 19)
    assert model.count_params() == PARAMETERS[name]
    answer = asked(model, rng.integers(0, 256, (2, 96, 96, 1)).astype(np.uint8))
    assert answer.shape == (2, 19, 2)
    np.testing.assert_array_equal(answer[:, 15:], answer[:, list(FOUR_POINTS)])


def test_an_average_of_presets_loads_in_safe_mode_without_code_of_ours(rng, tmp_path):
    model = average([network.build({"model": "report-3"}, (96, 96, 1), 19) for _ in range(2)])
    model.save(tmp_path / "m.keras")
    known = keras.saving.get_custom_objects().copy()
    keras.saving.get_custom_objects().clear()
    try:
        back = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    finally:
        keras.saving.get_custom_objects().update(known)
    images = rng.integers(0, 256, (2, 96, 96, 1)).astype(np.uint8)
    np.testing.assert_array_equal(asked(back, images), asked(model, images))


def test_our_own_network_keeps_its_settings():
    settings = {**SETTINGS, "model": "heatmaps"}
    assert network.with_preset(settings) == settings
    assert set(presets.TRAINING) == set(presets.CONVOLUTIONS)
