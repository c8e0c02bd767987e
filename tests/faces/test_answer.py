from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from stages.faces.answer import answer_photos, shows_something
from stages.faces.ask import Direct, points_and_doubt, spread
from stages.faces.whole import answer_copies, copies
from tests.faces.conftest import Dots, dots, dotted

FACE = (300.0, 200.0, 60.0)


def eyes_and_lip(face) -> np.ndarray:
    names = ("right_eye_center", "left_eye_center", "mouth_center_bottom_lip")
    return np.array([face["keypoints"][name] for name in names])


@pytest.mark.parametrize("tilt", [0.0, 0.26, -0.26])
@pytest.mark.parametrize("off", [(0, 0, 0), (8, -6, 15), (-8, 6, -15)])
def test_a_box_that_is_off_and_a_tilted_head_give_the_same_points(models, finds, tilt, off):
    # The box of the pose is (300, 212), 120; the second crop puts right what the box has wrong.
    finds(np.array([300.0, 212.0, 120.0]) + off)
    (face,) = answer_photos([dotted((640, 480), (*FACE, tilt))], models)[0]
    np.testing.assert_allclose(eyes_and_lip(face), dots(*FACE, tilt), atol=0.7)
    x, y, width, height = face["box"]
    assert width == pytest.approx(120, abs=4) and height == pytest.approx(120, abs=4)
    assert x < 300 < x + width and y < 200 < y + height


def test_every_face_is_found_once_and_in_its_own_photo(models, finds):
    finds((150, 112, 100), (155, 110, 104), (400, 212, 120))
    both = [(150.0, 100.0, 50.0), (400.0, 200.0, 60.0)]
    faces, none = answer_photos([dotted((640, 480), *both), Image.new("RGB", (640, 480))], models)
    assert sorted(round(eyes_and_lip(face)[:2, 0].mean()) for face in faces) == [150, 400]
    assert none == [] or len(none) <= 3  # black: the stand-in sees its dots nowhere


def test_a_large_photo_is_answered_in_its_own_pixels(models, finds):
    finds((3000, 2120, 1200))
    (face,) = answer_photos([dotted((6000, 4000), (3000.0, 2000.0, 600.0))], models)[0]
    np.testing.assert_allclose(eyes_and_lip(face), dots(3000, 2000, 600), atol=7)


def test_nothing_found_is_an_empty_list(models, finds):
    finds()
    assert answer_photos([Image.new("RGB", (50, 50)), Image.new("RGB", (9, 9))], models) == [[], []]
    assert answer_photos([], models) == []


def test_a_photo_as_a_whole_is_tried_where_nothing_is_found(models_with_heatmaps, finds):
    finds()
    portrait, black = dotted((200, 200), (100.0, 80.0, 100.0)), Image.new("RGB", (200, 200))
    (face,), none = answer_photos([portrait, black], models_with_heatmaps)
    np.testing.assert_allclose(eyes_and_lip(face), dots(100, 80, 100), atol=1.5)
    assert none == []
    assert answer_photos([dotted((200, 48), (100.0, 24.0, 24.0))], models_with_heatmaps) == [[]]


@pytest.mark.parametrize("spread", [40.0, np.nan])
def test_a_network_that_is_never_sure_is_not_asked_of_a_photo_as_a_whole(
    models_with_heatmaps, finds, spread
):
    finds()
    unsure = replace(models_with_heatmaps, doubt=np.array([spread, 1.0]))
    assert answer_photos([dotted((200, 200), (100.0, 80.0, 100.0))], unsure) == [[]]


def test_a_photo_as_a_whole_adds_nothing_to_a_face_that_is_found(models_with_heatmaps, finds):
    finds((100, 100, 200))
    (faces,) = answer_photos([dotted((200, 200), (100.0, 80.0, 100.0))], models_with_heatmaps)
    assert len(faces) == 1


@pytest.mark.parametrize("size", [(50000, 1), (3, 60000), (1, 1)])
def test_a_strip_shows_nothing(models_with_heatmaps, size):
    assert answer_photos([Image.new("RGB", size)], models_with_heatmaps) == [[]]


@pytest.mark.parametrize("size", [(200, 200), (200, 48), (15, 15)])
def test_a_blank_photo_a_strip_and_a_tiny_one_show_nothing(size):
    assert not shows_something(Image.new("RGB", (200, 200), "gray"), 16)
    pattern = Image.linear_gradient("L").resize(size).convert("RGB")
    assert shows_something(pattern, 16) == (size == (200, 200))


def test_a_photo_that_is_a_crop_is_answered_whole(models):
    photo = dotted((192, 96), (96.0, 40.0, 40.0))
    seen = [copies(photo, models), copies(Image.new("RGB", (50, 50)), models)]
    (face,), none = answer_copies(seen, models)
    assert none == [] and face["box"] == [0, 0, 192, 96]
    np.testing.assert_allclose(eyes_and_lip(face), dots(96, 40, 40), atol=1.5)
    assert face["gender"]["label"] == "dark" and face["gender"]["probability"] > 0.5


def test_a_network_without_heatmaps_says_nothing_of_their_spread():
    points, doubt = points_and_doubt(Direct(Dots()), np.zeros((3, 96, 96, 1), np.uint8))
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
