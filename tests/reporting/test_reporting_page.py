import re

import numpy as np
import pandas as pd
import pytest

from faces.data.tiles import Tile
from faces.gender.scoring.scores import reliability
from faces.gender.scoring.scores import scores as gender_scores
from faces.keypoints.scoring.scores import scores as keypoint_scores
from faces.reporting import gender, keypoints, page
from tests.helpers.colours import AA, contrast, palettes

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def values(rng):
    target = rng.uniform(20, 70, (8, 19, 2))
    target[:, 15:] = np.nan  # nobody of the second group
    arrays = {
        "test_images": rng.integers(0, 255, (8, 96, 96, 1)).astype(np.uint8),
        "test_target": target,
        "test_group": np.full(8, 15),
        "train_images": rng.integers(0, 255, (4, 96, 96, 1)).astype(np.uint8),
        "train_target": target[:4],
    }
    answer = np.where(np.isnan(target), 40, target) + rng.normal(0, 1, target.shape)
    metrics = keypoint_scores(answer, target, arrays["test_group"], target[:4], 1)
    curve = {f"{side}_{m}": [3.0, 2.0] for side in ("train", "validation") for m in METRICS}
    history = pd.DataFrame({"epoch": [1, 2], **curve})
    classes = ["Male", EVIL]
    chances = np.array([[0.9, 0.1], [0.3, 0.7], [0.8, 0.2]])
    truth = np.eye(2)[[0, 0, 1]]
    photos = {"test_images": np.zeros((3, 60, 60, 3), np.uint8), "test_target": truth}
    bins = reliability(chances, truth.argmax(axis=1))
    of_gender = gender_scores(chances, truth, classes)
    split = {"train": 4, "validation": 2, "test": 8}
    both = {
        "dropped": {"reasons": [("blank", 1)], "tiles": [Tile(f"{EVIL}.jpg: blank")], "n": 1},
        "clean": {"kept": 14, "rows": 15, "files": 15},
        "split": split,
        "train": {"pseudo_labels": 0},
        "refit": {"networks": 0, "rows": 0, "left_out": 0},
        "found": {"rows": 6, "label_errors": 0},
        "label_errors": [],
    }
    return {
        "keypoints": {**keypoints.section(metrics, answer, arrays, history), **both},
        "gender": {
            **gender.section(of_gender, chances, photos, history, bins, classes),
            **both,
        },
        "source": EVIL,
        "params": {f"{task}.{k}": v for task in ("keypoints", "gender") for k, v in CHECK.items()},
        "hashes": [("data/raw/a.zip", "0" * 32)],
    }


METRICS = ("rmse", "log_loss")
CHECK = {"label_errors.folds": 3, "train.label_errors": "drop", "train.members": 1}


def test_the_page_shows_the_scores_and_says_where_there_are_none(values):
    html = page.render(values)
    metrics = values["keypoints"]["metrics"]
    assert f"{metrics['rmse']:.2f} px" in html and f"{metrics['rmse_mean_face']:.2f} px" in html
    for value in metrics["rmse_by_point"].values():
        assert f'<td class="n">{value:.2f}</td>' in html
    assert metrics["rmse_4"] is None and "no rows" in html
    assert "33.3%" in html and "Always the most frequent class: 66.7%" in html


def test_the_page_says_whether_networks_were_averaged(values):
    assert "The model is that of epoch 2 of 2" in " ".join(page.render(values).split())
    values["params"]["gender.train.members"] = 4
    assert "the mean of 4 networks" in page.render(values)


def test_names_from_an_archive_cannot_become_part_of_the_page(values):
    html = page.render(values)
    assert EVIL not in html and html.count("&lt;script&gt;alert(1)") > 3


def test_the_page_needs_no_other_file(values):
    html = page.render(values)
    addresses = re.findall(r'(?:src|href)="([^"]*)"', html) + re.findall(r"url\(([^)]*)\)", html)
    outside = {a for a in addresses if not a.startswith(("data:image/", "#"))}
    assert outside == {"times.js"}  # and without it, the page says so


def test_the_surest_mistake_comes_first(values):
    texts = [tile.text for tile in values["gender"]["mistakes"]]
    assert texts == [f"Male 80%, is {EVIL}", f"{EVIL} 70%, is Male"]


STYLE = page.TEMPLATE.with_suffix(".css").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_curves_stand_out(scheme):
    palette = palettes(STYLE)[scheme]
    for ground in ("bg", "card"):
        for name in ("ink", "muted", "first", "second"):
            assert contrast(palette[ground], palette[name]) >= AA, (name, ground)


def test_text_has_no_colour_but_those():
    for colour in re.findall(r"(?:^|[\s;{])color: ([^;]+);", STYLE):
        assert re.fullmatch(r"var\(--[\w-]+\)", colour), colour
