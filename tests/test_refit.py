import keras
import numpy as np
import pytest

from stages import files, refit
from stages.keypoints import network

WIDTHS = {"train": 3, "validation": 2, "test": 40}
SETTINGS = {
    "suspects": "drop",
    "flip_average": False,
    "views": 1,
    "check": {"folds": 3, "limit": 5},
}


@pytest.fixture
def split(tmp_path, monkeypatch, rng):
    """Arrays of all sides in a folder: one doubtful row to train on, one to test on."""
    monkeypatch.chdir(tmp_path)
    arrays = {}
    for number, (side, n) in enumerate(WIDTHS.items()):
        arrays[f"{side}_images"] = np.full((n, 96, 96, 1), number, np.uint8)
        arrays[f"{side}_target"] = rng.uniform(47, 49, (n, 19, 2)).astype(np.float32)
    arrays["test_target"][7] += 20
    with files.replacing(refit.train.SPLIT / "keypoints") as folder:
        files.save_arrays(folder, arrays)
    keep = {"train_keep": np.array([True, False, True]), "validation_keep": np.ones(2, bool)}
    with files.replacing(refit.train.CHECK / "keypoints") as folder:
        files.save_arrays(folder, keep)
    return arrays


@pytest.fixture
def centre():
    """A model that answers every photo with the middle of the frame."""
    pixels = keras.Input((96, 96, 1))
    x = keras.layers.GlobalAveragePooling2D()(pixels)
    x = keras.layers.Dense(38, kernel_initializer="zeros", bias_initializer="ones")(x)
    return keras.Model(pixels, keras.layers.Reshape((19, 2))(keras.layers.Rescaling(48)(x)))


def test_all_rows_teach_but_those_whose_labels_are_in_doubt(split, centre):
    rows = refit.with_test_rows(SETTINGS, centre)
    assert rows["image"][:, 0, 0, 0].tolist() == [0] * 2 + [1] * 2 + [2] * 39
    assert rows["target"].max() < 50
    assert len(refit.with_test_rows({**SETTINGS, "suspects": "keep"}, centre)["image"]) == 45
    unchecked = {**SETTINGS, "check": {"folds": 0, "limit": 5}}
    assert len(refit.with_test_rows(unchecked, centre)["image"]) == 44


def test_presets_of_the_report_are_left_as_they_were():
    settings = {"model": "report-3", "refit": 1}
    assert network.with_preset(settings)["refit"] == 0
    assert network.with_preset({**settings, "model": "heatmaps"})["refit"] == 1
