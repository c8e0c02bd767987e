import json
from pathlib import Path

import numpy as np
import pytest

from faces.gender.scoring.scores import doubt, scores
from stages import card

KEYPOINTS = {"rmse": 1.234, "rmse_interval": [1.1, 1.4], "rmse_mean_face": 4.1, "n_images": 339}


def metrics(classes, wrong=3, folds=0, of="all") -> dict:
    """What the stages before write, for a classifier with this many mistakes in its last class."""
    label = np.arange(40 * len(classes)) % len(classes)
    guess = label.copy()
    guess[np.flatnonzero(label == len(classes) - 1)[:wrong]] = 0
    answer = 0.1 / len(classes) + 0.9 * np.eye(len(classes))[guess]
    gender = scores(answer, np.eye(len(classes))[label], classes)
    return {
        "keypoints": KEYPOINTS,
        "gender": gender | {"before_temperature": doubt(answer, label)},
        "train-keypoints": {"parameters": 590_000, "train_images": 800, "validation_images": 99},
        "train-gender": {
            "parameters": 412_345,
            "train_images": 1600,
            "pseudo_labels": 2880,
            "validation_images": 179,
            "temperature": 1.23,
        },
        "clean-gender": {
            "files": 2009,
            "dropped": 26,
            "under_two_labels": 18,
            "photos_with_a_copy": 95,
        },
        "label-errors-gender": {"folds": 0, "rows": 1783, "label_errors": 0},
        "crossval-keypoints": {"folds": 0, "rows": "all"},
        "crossval-gender": {"folds": folds, "rows": of, **(gender if folds else {})},
    }


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    params = Path(__file__).parents[2] / "params.yaml"
    Path("params.yaml").write_text(params.read_text("utf-8"), "utf-8")
    Path("metrics").mkdir()

    def written(read: dict) -> str:
        for name, content in read.items():
            Path(f"metrics/{name}.json").write_text(json.dumps(content), "utf-8")
        card.main()
        return Path("docs/model-card.md").read_text("utf-8")

    return written


def test_the_card_says_on_whom_and_for_whom_with_counts_and_intervals(write):
    text = write(metrics(["Male", "Female"], folds=5))
    assert "| gender, accuracy | 96.2% | 89.5% to 98.7% | 77 of 80 photos |" in text
    assert "1,600 photos, 2,880 keypoint images as a first network sees them |" in text
    assert "| gender, recall of Female | 92.5% | 80.1% to 97.4% | 37 of 40 photos |" in text
    assert "1.23 px | 1.10 to 1.40 | 339 images" in text and "412,345" in text
    assert "Gender Shades" in text and "**Two labels are\na limit of the data" in text
    assert "No real face is in these data" in text
    assert "Female is recognised least (92.5%)" in text and "may be chance" in text
    assert "| Female | 3 | 37 |" in text and "In 5 folds of all 80 photos" in text
    text = write(metrics(["Male", "Female"], folds=5, of="rest"))
    assert "In 5 folds of the other 80 photos" in text
    assert "$" not in text


def test_of_other_classes_it_does_not_speak_as_of_genders(write):
    text = write(metrics(["smile", "neutral", "surprise"], wrong=30))
    assert "recall of surprise | 25.0%" in text and "Two labels" not in text
    assert "surprise is recognised least" in text and "do not overlap" in text
    assert "gender, " not in text and "classes, accuracy" in text
