from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from faces.detection.doubt import points_and_doubt, spread
from faces.detection.finding import DOUBT, answer, relative, search
from faces.predict import whole
from faces.training.asking import Direct
from tests.detection.conftest import Dots, dots, dotted, poses_in

FACE = (300.0, 200.0, 60.0)


def eyes_and_lip(face) -> np.ndarray:
    names = ("right_eye_center", "left_eye_center", "mouth_center_bottom_lip")
    return np.array([face["keypoints"][name] for name in names])


@pytest.mark.parametrize("tilt", [0.0, 0.26, -0.26])
@pytest.mark.parametrize("off", [(0, 0, 0), (8, -6, 15), (-8, 6, -15)])
def test_a_box_that_is_off_and_a_tilted_head_give_the_same_points(models, finds, tilt, off):
    # The box of the pose is (300, 212), 120; the second crop puts right what the box has wrong.
    finds(np.array([300.0, 212.0, 120.0]) + off)
    (face,) = answer(dotted((640, 480), (*FACE, tilt)), models)
    np.testing.assert_allclose(eyes_and_lip(face), dots(*FACE, tilt), atol=0.7)
    x, y, width, height = face["box"]
    assert width == pytest.approx(120, abs=4) and height == pytest.approx(120, abs=4)
    assert x < 300 < x + width and y < 200 < y + height


def test_every_face_is_found_once_and_in_its_own_photo(models, finds):
    finds((150, 112, 100), (155, 110, 104), (400, 212, 120))
    both = [(150.0, 100.0, 50.0), (400.0, 200.0, 60.0)]
    faces = answer(dotted((640, 480), *both), models)
    assert sorted(round(eyes_and_lip(face)[:2, 0].mean()) for face in faces) == [150, 400]
    assert answer(Image.new("RGB", (640, 480)), models) == []


def test_a_large_photo_is_answered_in_its_own_pixels(models, finds):
    finds((3000, 2120, 1200))
    (face,) = answer(dotted((6000, 4000), (3000.0, 2000.0, 600.0)), models)
    np.testing.assert_allclose(eyes_and_lip(face), dots(3000, 2000, 600), atol=7)


def test_nothing_found_is_an_empty_list(models, finds):
    finds()
    assert answer(Image.new("RGB", (50, 50)), models) == answer(dotted((99, 99)), models) == []


@pytest.mark.parametrize("size", [(50000, 1), (3, 60000), (1, 1)])
def test_a_strip_shows_nothing_even_where_the_detector_says_so(models, finds, size):
    finds((0, 0, 10), (40000, 0, 300))
    assert answer(Image.new("RGB", size), models) == []


def test_a_face_far_out_in_a_panorama_is_answered(models, finds):
    finds((39000, 112, 120))  # further than OpenCV can warp
    (face,) = answer(dotted((40000, 200), (39000.0, 100.0, 60.0)), models)
    np.testing.assert_allclose(eyes_and_lip(face), dots(39000, 100, 60), atol=0.7)


def test_what_the_keypoint_network_doubts_is_no_face(models_with_heatmaps, finds):
    finds((300, 212, 120), (100, 400, 120))  # there is nothing at the second place
    found = search(np.asarray(dotted((640, 480), FACE)), models_with_heatmaps)
    assert len(found.points) == 1 and found.doubt[0] <= DOUBT


def test_a_face_upside_down_is_read_where_the_detector_takes_its_mouth_for_eyes(
    models_with_heatmaps, finds
):
    finds((300, 152 + 12, 120))
    (face,) = answer(dotted((640, 480), (*FACE, np.pi)), models_with_heatmaps)
    np.testing.assert_allclose(eyes_and_lip(face), dots(*FACE, np.pi), atol=0.7)


def test_doubt_is_measured_in_what_is_usual():
    usual = np.array([4.0, 1.0])
    doubt = np.array([[4.0, 1.0], [16.0, 1.0], [np.nan, 3.0], [16.0, 0.0]])
    np.testing.assert_allclose(relative(doubt, usual), [1, 2, 3, 2**0.5])


class Copies:
    """A detector that notes how large the copies are, and finds a face in the largest alone."""

    def __init__(self, least, boxes):
        self.least, self.boxes, self.seen = least, boxes, []

    def poses(self, copy, _corners, _scale):
        self.seen.append(max(copy.shape))
        return poses_in(self.boxes if self.seen[-1] >= self.least else ())


@pytest.mark.parametrize(("size", "copies"), [(120.0, [128, 224]), (20.0, [128, 224, 416, 640])])
def test_no_larger_copy_is_searched_than_the_smallest_face_asks_for(models, size, copies):
    detector = Copies(224, [(300, 200 + 0.2 * size, 2 * size)])
    photo = dotted((640, 480), (300.0, 200.0, size))
    assert len(answer(photo, replace(models, detector=detector))) == 1
    assert detector.seen == copies


def test_without_a_face_all_copies_are_searched(models):
    detector = Copies(9999, [])
    assert answer(Image.new("RGB", (300, 100)), replace(models, detector=detector)) == []
    assert detector.seen == [128, 224, 300]


@pytest.mark.parametrize("size", [(200, 200), (200, 48), (1, 1)])
def test_a_blank_photo_a_strip_and_a_pixel_show_nothing(size):
    assert not whole.shows_something(Image.new("RGB", (200, 200), "gray"))
    pattern = Image.linear_gradient("L").resize(size).convert("RGB")
    assert whole.shows_something(pattern) == (size == (200, 200))


def test_a_photo_that_is_a_crop_is_answered_whole(models):
    photo = dotted((192, 96), (96.0, 40.0, 40.0))
    (face,) = whole.answer(photo, models)
    assert whole.answer(Image.new("RGB", (50, 50)), models) == [] and face["box"] == [0, 0, 192, 96]
    np.testing.assert_allclose(eyes_and_lip(face), dots(96, 40, 40), atol=1.5)
    assert face["gender"]["label"] == "dark" and face["gender"]["probability"] > 0.5


def test_a_network_without_heatmaps_says_nothing_of_their_spread():
    points, doubt = points_and_doubt(Dots(), np.zeros((3, 96, 96, 1), np.uint8))
    assert points.shape == (3, 15, 2) and np.isnan(doubt[:, 0]).all()
    assert np.isfinite(doubt[:, 1]).all()


def test_the_spread_of_a_heatmap_is_in_pixels_of_the_frame():
    maps = np.full((1, 24, 24, 3), -50.0)
    maps[0, 10, 10, 0] = 50  # one cell
    maps[0, 10, [4, 8], 1] = 50  # two cells, 16 pixels apart
    maps[..., 2] = 0  # anywhere
    np.testing.assert_allclose(spread(maps), [[0, 8, 39.15]], atol=0.05)


def test_many_crops_are_asked_in_batches_of_few_sizes():
    sizes = []

    class Counts:
        def predict_on_batch(self, images):
            sizes.append(len(images))
            return images[:, 0]

    images = np.arange(150, dtype=np.uint8)[:, None]
    assert Direct(Counts()).predict_on_batch(images).tolist() == list(range(150))
    assert sizes == [64, 64, 32]
