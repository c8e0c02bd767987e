import numpy as np
import pytest

from faces.keypoints.points import N_POINTS, POINT_NAMES
from faces.keypoints.scoring import scores


@pytest.fixture
def target(rng):
    """Four images: two of each annotator group."""
    target = np.full((4, 19, 2), np.nan)
    target[:2, :15] = rng.uniform(20, 70, (2, 15, 2))
    target[2:, 15:] = rng.uniform(20, 70, (2, 4, 2))
    return target


GROUP = np.array([15, 15, 4, 4])


def test_every_value_counts_once_whatever_its_image(target):
    answer = np.where(np.isnan(target), 50, target)
    answer[0, 0, 0] += 3
    answer[3, 15, 1] += 4
    result = scores.scores(answer, target, GROUP, target, seed=0)
    assert result["n_values"] == 2 * 30 + 2 * 8 and result["n_images"] == 4
    assert result["rmse"] == pytest.approx(np.sqrt(25 / 76), abs=1e-4)
    assert result["rmse_15"] == pytest.approx(np.sqrt(9 / 60), abs=1e-4)
    assert result["rmse_4"] == pytest.approx(np.sqrt(16 / 16), abs=1e-4)
    points = result["rmse_by_point"]
    assert list(points) == list(POINT_NAMES)
    assert points["left_eye_center"] == pytest.approx(np.sqrt(25 / 8), abs=1e-4)
    assert points["mouth_left_corner"] == 0


def test_answers_outside_are_moved_into_the_frame_and_counted(target):
    answer = np.where(np.isnan(target), 500, target)
    answer[0, 0] = [-10, 20]
    target[0, 0] = [0, 20]
    result = scores.scores(answer, target, GROUP, target, seed=0)
    assert result["outside_frame"] == 1 and result["rmse"] == 0


def test_the_mean_face_is_that_of_the_training_rows_that_tell(target):
    face = scores.mean_face(target)
    np.testing.assert_allclose(face[0], target[:2, 0].mean(axis=0))
    np.testing.assert_allclose(face[N_POINTS], target[2:, N_POINTS].mean(axis=0))
    assert scores.mean_face(target[:2])[15:].tolist() == [[47.5, 47.5]] * 4


def test_a_group_without_rows_has_no_score(target):
    result = scores.scores(target[:2], target[:2], GROUP[:2], target, seed=0)
    assert result["rmse_4"] is None and result["rmse_15"] == 0


def test_the_interval_holds_the_score_and_narrows_with_more_images(rng):
    error = rng.normal(0, 2, (400, 19, 2))
    low, high = scores.interval(error, seed=0)
    few_low, few_high = scores.interval(error[:20], seed=0)
    assert low < scores.rmse(error) < high and high - low < few_high - few_low


def test_the_cumulative_curve_ends_at_all_images(target, rng):
    curve = scores.cumulative(target + rng.normal(0, 1, target.shape) - target)
    assert curve["share"].is_monotonic_increasing and curve["share"].iloc[-1] == 1
