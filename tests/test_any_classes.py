"""The classes are what the folders are called: nothing in the code knows of genders."""

import numpy as np
import pytest

from stages.gender import answer, calibrate, clean, network, report, split
from stages.params import by_class
from stages.sample.photos import photos_archive
from stages.training.members import train_members
from tests.conftest import open_bytes
from tests.training.test_fit import SETTINGS

SAMPLE = {"train_rows": 20, "test_images": 4, "photos": 48}
TINY = {**SETTINGS, "width": 4, "epochs": 1, "members": 1, "lr": 0.01}


@pytest.mark.parametrize("classes", ["glasses/none", "smile/neutral/surprise"])
def test_other_folders_are_other_classes_all_the_way_to_the_metrics(classes):
    names = classes.split("/")
    label = "glasses" if len(names) == 2 else "expression"
    archive = open_bytes(photos_archive({**SAMPLE, "label": label}, 1, progress=False))
    settings = {"classes": classes, "alike_bits": 8, "min_side": 16}
    (photos, _), _, counts = clean.clean(archive, {"clean": settings})
    assert list(counts["by_class"]) == names and min(counts["by_class"].values()) >= 15
    sizes = {"size": 60, "test_per_class": 4, "validation": 0.2}
    arrays, outputs, _, _ = split.split(archive, photos, list(by_class(classes)), sizes, 1)
    assert outputs == names
    sides = [
        {"image": arrays[f"{side}_images"], "target": arrays[f"{side}_target"]}
        for side in ("train", "validation")
    ]
    model, _ = train_members(network, TINY, *sides, 1)
    assert calibrate.calibrate(model, sides[1], {"views": 1, "flip_average": False})
    said = answer.outputs(model, arrays["test_images"], False)
    metrics, tables, pictures = report.report(said, {**arrays, "uncalibrated": said}, outputs, 1)
    table = np.array([list(row.values()) for row in metrics["confusion"].values()])
    assert table.shape == (len(names), len(names)) and (table.sum(axis=1) == 4).all()
    assert list(metrics["recall_by_class"]) == names == list(metrics["n_by_class"])
    assert metrics["n_images"] == 4 * len(names) and metrics["log_loss"] > 0
    assert set(tables["confusion"]["actual"]) == set(names)
    assert {"worst", "charts"} <= set(pictures)
