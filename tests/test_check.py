import numpy as np
import pytest

from stages import check
from stages.gender import suspects as gender
from stages.keypoints import suspects as keypoints


def test_a_label_in_doubt_lies_above_the_limit_and_stands_out():
    good = np.full(99, 1.0)
    assert check.bar(np.append(good, 9.0), 5) == 5
    weak = np.linspace(15, 25, 100)  # networks that have not learned find everything absurd
    assert not (weak > check.bar(weak, 5)).any()


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


def test_pictures_can_be_drawn_of_some_rows_and_of_none(rng, tmp_path):
    from stages import drawing

    data = {
        "image": rng.integers(0, 255, (3, 96, 96, 1)).astype(np.uint8),
        "target": rng.uniform(0, 95, (3, 19, 2)),
    }
    for rows in (np.array([2, 0]), np.array([], int)):
        figure = keypoints.picture(data, data["target"] + 2, np.ones(3), rows)
        drawing.save(figure, tmp_path / "a.png")
        first = (tmp_path / "a.png").read_bytes()
        drawing.save(
            keypoints.picture(data, data["target"] + 2, np.ones(3), rows), tmp_path / "b.png"
        )
        assert first == (tmp_path / "b.png").read_bytes() and first.startswith(b"\x89PNG")
