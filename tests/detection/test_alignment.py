import numpy as np
import pytest

from faces.detection.alignment import LEFT, LIP, RIGHT, Framing, back, cut, measured, poses, to_crop
from tests.detection.conftest import dots

SQUEEZED = Framing(width=0.7, height=0.5, x=0.48, y=0.42)


def points_of(*pose) -> np.ndarray:
    points = np.zeros((15, 2))
    points[[RIGHT, LEFT, LIP]] = dots(*pose)
    return points


@pytest.mark.parametrize("tilt", [0.0, 0.3, -0.7])
def test_a_pose_is_read_from_eyes_and_mouth(tilt):
    pose = poses(points_of(120.0, 80.0, 50.0, tilt)[None])[0]
    np.testing.assert_allclose(pose, [120, 80, 50, tilt], atol=1e-9)


@pytest.mark.parametrize("tilt", [0.0, 0.26, -0.26])
@pytest.mark.parametrize("size", [20.0, 300.0])
def test_every_face_lies_alike_in_its_crop(size, tilt):
    points = points_of(400.0, 300.0, size, tilt)
    to_frame = to_crop(poses(points[None])[0], SQUEEZED, 60)
    right, left, lip = (points @ to_frame[:, :2].T + to_frame[:, 2])[[RIGHT, LEFT, LIP]]
    # Pixel centres: the share 0.48 of 60 pixels is x = 28.3.
    np.testing.assert_allclose((right + left) / 2, [0.48 * 60 - 0.5, 0.42 * 60 - 0.5])
    np.testing.assert_allclose(left - right, [0.6 * 0.7 * 60, 0], atol=1e-9)
    np.testing.assert_allclose(lip - (right + left) / 2, [0, 0.8 * 0.5 * 60], atol=1e-9)


def test_points_come_back_from_the_crop():
    points = points_of(400.0, 300.0, 77.0, 0.4)
    to_frame = to_crop(poses(points[None])[0], SQUEEZED, 96)
    there = points @ to_frame[:, :2].T + to_frame[:, 2]
    np.testing.assert_allclose(back(there, to_frame), points)


@pytest.mark.parametrize("tilt", [0.0, 0.5])
def test_the_crop_shows_a_dot_where_the_map_says(tilt):
    image = np.zeros((200, 260), np.uint8)
    image[96:103, 136:143] = 255
    to_frame = to_crop(np.array([120.0, 90.0, 60.0, tilt]), SQUEEZED, 96)
    crop = cut(image, to_frame, 96).astype(float)
    rows, columns = np.indices(crop.shape)
    seen = [(columns * crop).sum() / crop.sum(), (rows * crop).sum() / crop.sum()]
    expected = to_frame[:, :2] @ [139, 99] + to_frame[:, 2]
    np.testing.assert_allclose(seen, expected, atol=0.15)


def test_beyond_the_edge_the_edge_repeats():
    crop = cut(
        np.full((20, 20, 3), 90, np.uint8), to_crop(np.array([0, 0, 20, 0.3]), SQUEEZED, 60), 60
    )
    assert crop.shape == (60, 60, 3) and crop.min() == crop.max() == 90


def test_the_framing_of_photos_is_measured_also_where_they_are_squeezed(rng):
    faces = np.stack([points_of(*(0.5, 0.4) + rng.normal(0, 0.01, 2), 0.5) for _ in range(99)])
    plain = measured(faces)
    assert plain.width == pytest.approx(plain.height) == pytest.approx(0.5)
    assert (plain.x, plain.y) == pytest.approx((0.5, 0.4), abs=0.005)
    squeezed = measured(faces * [1.4, 1.0], upright=faces)
    assert (squeezed.width, squeezed.height) == pytest.approx((0.7, 0.5), abs=1e-3)
