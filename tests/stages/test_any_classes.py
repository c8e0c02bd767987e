"""The classes are what the folders are called: nothing in the code knows of genders."""

import numpy as np
import pytest

from faces.core.params import by_class
from faces.gender.data import clean, split
from faces.gender.model import calibrate, network, predict
from faces.gender.scoring import evaluation
from faces.sources.drawn.photos import photos_archive
from faces.training.ensemble import train_members
from tests.conftest import open_bytes
from tests.helpers.rows import SETTINGS

pytestmark = pytest.mark.slow

SAMPLE = {"photos": 36, "label": "expression"}


def test_other_folders_are_other_classes_all_the_way_to_the_metrics():
    classes = "smile/neutral/surprise"
    names = classes.split("/")
    archive = open_bytes(photos_archive(SAMPLE, 1, progress=False))
    settings = {"classes": classes, "alike_bits": 8, "min_side": 16}
    (photos, _), _, counts = clean.clean(archive, settings)
    assert list(counts["by_class"]) == names and min(counts["by_class"].values()) >= 10
    sizes = {"size": 60, "test_per_class": 4, "validation": 0.2}
    arrays, outputs, _, _ = split.split(archive, photos, list(by_class(classes)), sizes, 1)
    assert outputs == names
    sides = [
        {"image": arrays[f"{side}_images"], "target": arrays[f"{side}_target"]}
        for side in ("train", "validation")
    ]
    model, _ = train_members(network, {**SETTINGS, "epochs": 1}, *sides, 1)
    assert calibrate.calibrate(model, sides[1], {"flip": False, "shifts": 1})
    said = predict.outputs(model, arrays["test_images"], False)
    metrics, tables, pictures = evaluation.evaluate(
        said, {**arrays, "uncalibrated": said}, outputs, 1
    )
    table = np.array([list(row.values()) for row in metrics["confusion"].values()])
    assert table.shape == (len(names), len(names)) and (table.sum(axis=1) == 4).all()
    assert list(metrics["recall_by_class"]) == names == list(metrics["n_by_class"])
    assert metrics["n_images"] == 4 * len(names) and metrics["log_loss"] > 0
    assert set(tables["confusion"]["actual"]) == set(names)
    assert {"worst", "charts"} <= set(pictures)
