import numpy as np
import pytest

from faces.core import label_errors
from faces.drawing import sheets
from faces.gender.model import label_errors as gender
from faces.keypoints.model import label_errors as keypoints
from faces.keypoints.scoring import pictures


def test_a_label_in_doubt_lies_above_the_limit_and_stands_out():
    good = np.full(99, 1.0)
    assert label_errors.threshold(np.append(good, 9.0), 5) == 5
    weak = np.linspace(15, 25, 100)  # networks that have not learned find everything absurd
    assert not (weak > label_errors.threshold(weak, 5)).any()


def test_points_of_another_face_are_far_from_what_was_expected(rng):
    target = rng.uniform(20, 70, (4, 19, 2))
    target[1, 15:] = np.nan
    answers = np.where(np.isnan(target), 1000, target) + 1.0
    answers[2] += [6, 0]
    doubt = keypoints.suspicion(answers, target)
    assert doubt == pytest.approx([1, 1, np.sqrt((49 + 1) / 2), 1])
    nothing = np.full((1, 19, 2), np.nan)
    assert keypoints.suspicion(answers[:1], nothing) == 0


def test_a_photo_is_in_doubt_by_the_probability_of_other_classes():
    answers = np.array([[0.9, 0.1], [0.02, 0.98]])
    assert gender.suspicion(answers, np.eye(2)[[0, 0]]) == pytest.approx([0.1, 0.98])


def test_pictures_can_be_drawn_of_some_rows(rng, tmp_path):
    images = rng.integers(0, 255, (2, 96, 96, 1)).astype(np.uint8)
    target = rng.uniform(0, 95, (2, 19, 2))
    drawn = []
    for name in ("a.png", "b.png"):
        figure = pictures.label_errors(images, np.ones(2), target, target + 2, [])
        sheets.save(figure, tmp_path / name)
        drawn.append((tmp_path / name).read_bytes())
    assert drawn[0] == drawn[1] and drawn[0].startswith(b"\x89PNG")


def test_the_worst_are_listed_first():
    suspicion = np.array([0, 9.0, 1, 7, 8])
    assert label_errors.worst(suspicion, 6).tolist() == []  # three times the median is 21
    assert label_errors.worst(np.append(suspicion, np.zeros(9)), 6).tolist() == [1, 4, 3]
