import numpy as np
import pytest

from stages.faces.frame import Framing
from stages.gender import teach
from stages.keypoints.labels import FOUR_POINTS, N_OUTPUTS, N_POINTS

FRAMING = Framing(width=0.6, height=0.6, x=0.5, y=0.4)
LEFT, RIGHT, _, LIP = FOUR_POINTS


def targets(n: int) -> np.ndarray:
    return np.full((n, N_OUTPUTS, 2), np.nan, np.float32)


def test_points_come_from_whoever_marked_them():
    rows = targets(2)
    rows[0, LEFT], rows[1, N_POINTS] = (60, 40), (61, 41)
    points = teach.points_of(rows)
    assert points[:, LEFT].tolist() == [[60, 40], [61, 41]]
    assert np.isnan(points[:, RIGHT]).all() and np.isnan(rows[1, LEFT]).all()


def test_a_face_is_cut_out_as_photos_are_framed():
    rows, image = targets(2), np.zeros((96, 96), np.uint8)
    rows[0, [LEFT, RIGHT, LIP]] = (70, 30), (40, 30), (55, 60)
    image[28:33, 53:58] = 200  # between the eyes
    points = teach.points_of(rows)
    assert teach.placed(points).tolist() == [True, False]
    (face,) = teach.crops(image[None], points[:1], FRAMING, 60)
    assert face.shape == (60, 60, 3) and (face[..., 0] == face[..., 2]).all()
    y, x = np.argwhere(face[..., 0] > 100).mean(axis=0)
    assert (x + 0.5) / 60 == pytest.approx(FRAMING.x, abs=0.02)
    assert (y + 0.5) / 60 == pytest.approx(FRAMING.y, abs=0.02)


def test_frames_of_one_person_get_one_answer_in_which_the_sure_count():
    answers = np.array([[0.99, 0.01], [0.4, 0.6], [0.3, 0.7]])
    said = teach.opinions(answers, np.array([1, 1, 0]))
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-6)
    assert (said[0] == said[1]).all() and said[0, 0] > 0.8
    np.testing.assert_allclose(said[2], answers[2], atol=1e-6)
    assert teach.opinions(np.empty((0, 2)), np.empty(0, int)).shape == (0, 2)


def test_a_certain_no_of_one_frame_does_not_outvote_all():
    answers = np.array([[0.0, 1.0], *[[0.999, 0.001]] * 9])
    assert teach.opinions(answers, np.zeros(10, int))[0, 0] > 0.9
