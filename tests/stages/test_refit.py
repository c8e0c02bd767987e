"""Stage `refit` on a handful of rows."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from faces.core import files, params, paths, sides
from faces.keypoints.model import network, presets
from faces.keypoints.model.refit import to_learn_from, with_all_habits
from faces.training import opening, saving
from faces.training.averages import average, networks
from stages import refit
from tests.helpers.rows import asked

ROOT = Path(__file__).parents[2]
ROWS = {"train": 3, "validation": 2, "test": 40}
MODEL = paths.MODELS / "keypoints.keras"
HISTORY = paths.PLOTS / "keypoints-history.csv"
ONCE = {"flip": False, "shifts": 1}


@pytest.fixture
def split(tmp_path, monkeypatch, rng):
    """A folder with arrays of all sides: one doubtful row to train on, one to test on."""
    monkeypatch.chdir(tmp_path)
    arrays = {}
    for number, (side, n) in enumerate(ROWS.items()):
        arrays[f"{side}_images"] = np.full((n, 96, 96, 1), number, np.uint8)
        arrays[f"{side}_target"] = rng.uniform(47, 49, (n, 19, 2)).astype(np.float32)
        arrays[f"{side}_group"] = np.repeat([15, 4], [1, n - 1])
    arrays["test_target"][7] += 20
    with files.replacing(paths.SPLIT / "keypoints") as folder:
        files.save_arrays(folder, arrays)
    keep = {"train_keep": np.array([True, False, True]), "validation_keep": np.ones(2, bool)}
    with files.replacing(paths.LABEL_ERRORS / "keypoints") as folder:
        files.save_arrays(folder, keep)
    return arrays


@pytest.fixture
def centre():
    """A model that answers every photo with the middle of the frame."""
    pixels = keras.Input((96, 96, 1))
    x = keras.layers.GlobalAveragePooling2D()(pixels)
    x = keras.layers.Dense(38, kernel_initializer="zeros", bias_initializer="ones")(x)
    return keras.Model(pixels, keras.layers.Reshape((19, 2))(keras.layers.Rescaling(48)(x)))


def test_test_rows_whose_labels_are_absurd_teach_nothing(split, centre):
    test = sides.load(paths.SPLIT / "keypoints", "test")
    groups = [split[f"{side}_group"] for side in ROWS]
    rows, left_out = to_learn_from(test, groups, centre, 5, ONCE)
    assert len(rows["image"]) == 39 and rows["target"].max() < 50 and left_out == 1
    rows, left_out = to_learn_from(test, groups, centre, None, ONCE)
    assert len(rows["image"]) == 40 and left_out == 0


def test_rows_with_label_errors_are_left_out_unless_they_are_to_be_kept(split):
    folder, errors = paths.SPLIT / "keypoints", paths.LABEL_ERRORS / "keypoints"
    assert len(sides.load(folder, "train", errors)["image"]) == 2
    assert len(sides.load(folder, "train")["image"]) == 3


def test_where_one_group_of_annotators_has_no_rows_its_outputs_learn_from_the_other():
    target = np.full((2, 19, 2), np.nan, np.float32)
    target[:, :15] = 30
    assert np.isfinite(with_all_habits(target, np.array([15, 15]))).all()
    assert np.isnan(with_all_habits(target, np.array([15, 4]))[:, 15:]).all()


def evaluated(settings: dict, count: int) -> keras.Model:
    """A model of so many networks, in the file that stage `train` writes, with its history."""
    model = average([network.build(settings, (96, 96, 1), 19) for _ in range(count)])
    HISTORY.parent.mkdir(parents=True, exist_ok=True)
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"epoch": [1, 2]}).to_csv(HISTORY, index=False)
    saving.save(model, MODEL)
    return model


@pytest.mark.slow
@pytest.mark.parametrize(("count", "more"), [(1, 0), (2, 1)])
def test_the_submissions_model_is_the_mean_of_all_networks(split, rng, capsys, count, more):
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    changes = {
        "members: 1 ": f"members: {count} ",
        "members: {sample: 0, other: 1} ": f"members: {more} ",
    }
    for old, new in {**changes, "width: 32 ": "width: 4 ", "device: auto ": "device: cpu "}.items():
        assert old in text
        text = text.replace(old, new)
    Path("params.yaml").write_text(
        re.sub(r"\bepochs: (\d+|{.*})", "epochs: 9", text), encoding="utf-8"
    )
    model = evaluated(params.load("keypoints.train")["train"], count)

    refit.main()
    found = opening.load(paths.SUBMISSION_MODEL)
    parts = networks(found)
    assert len(parts) == count + more
    images = rng.integers(0, 255, (3, 96, 96, 1)).astype(np.uint8)
    answers = [asked(part, images) for part in parts]
    mean = np.mean(answers, axis=0)
    np.testing.assert_allclose(asked(found, images), mean, atol=1e-3)
    before = asked(model, images)
    np.testing.assert_allclose(np.mean(answers[:count], axis=0), before, atol=1e-3)
    said = json.loads(Path("metrics/refit-keypoints.json").read_text(encoding="utf-8"))
    assert said["networks"] == more and (said["rows"] >= 43) == (more > 0)
    assert capsys.readouterr().out.count("2 epochs in") == more  # not 9: the history has two


def test_presets_of_the_report_are_no_networks_of_ours():
    assert presets.is_preset("report-3") and not presets.is_preset("heatmaps")
