import numpy as np
import pytest

from faces.detection.steady import Steady

RATE = 25  # frames a second
SIZE = 100.0  # pixels of a face


def shown(points: np.ndarray, rate: int = RATE) -> np.ndarray:
    steady = Steady()
    return np.stack([steady(p, SIZE, i / rate) for i, p in enumerate(points)])


def test_a_face_at_rest_trembles_less(rng):
    noise = rng.normal(0, 0.5, (200, 15, 2))
    assert shown(50 + noise)[50:].std(axis=0).mean() < 0.6 * noise[50:].std(axis=0).mean()


@pytest.mark.parametrize("speed", [50.0, 200.0, 1000.0])
def test_a_face_that_moves_lags_by_no_more_than_a_hundredth_of_its_size(speed):
    moving = np.arange(100)[:, None, None] / RATE * speed + np.zeros((100, 15, 2))
    assert np.abs(shown(moving) - moving)[RATE:].max() <= 0.011 * SIZE


def test_the_first_frame_and_one_after_a_gap_are_shown_as_they_are():
    steady, one, other = Steady(), np.zeros((15, 2)), np.full((15, 2), 90.0)
    assert (steady(one, SIZE, 0.0) == one).all() and (steady(other, SIZE, 5.0) == other).all()


def test_two_frames_of_one_moment_are_no_infinite_speed():
    steady = Steady()
    found = [steady(np.full((15, 2), x), SIZE, 0.5) for x in (1.0, 2.0, 3.0)]
    assert np.isfinite(found).all()
