"""The real detectors, on drawn faces and on what is none."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from stages.faces.detect import LONGEST, STRONG, Detectors, merge, overlap, prepared
from stages.sample.photos import draw_photo


@pytest.fixture(scope="module")
def detectors():
    return Detectors()


@pytest.fixture(scope="module")
def face():
    return draw_photo((1, "gender", "Female", 3))


def beside(face: Image.Image, size, *places) -> Image.Image:
    """The face at each (x, y, height) of a gray photo of this size."""
    photo = Image.new("RGB", size, (120, 130, 140))
    for x, y, height in places:
        photo.paste(face.resize((round(height * face.width / face.height), height)), (x, y))
    return photo


def test_a_face_that_fills_the_photo_is_found(detectors, face):
    found = detectors.candidates(face)
    assert found[0].votes.all()  # each of the three sees it
    np.testing.assert_allclose(found[0].box[:2], np.array(face.size) / 2, atol=15)


def test_faces_small_and_large_are_found_where_they_are(detectors, face):
    photo = beside(face, (900, 700), (50, 100, 90), (400, 60, 300), (700, 500, 160))
    boxes = np.array([c.box for c in detectors.candidates(photo)])
    for x, y, height in ((50, 100, 90), (400, 60, 300), (700, 500, 160)):
        width = height * face.width / face.height
        off = np.linalg.norm(boxes[:, :2] - (x + width / 2, y + height / 2), axis=1)
        assert (off < 0.2 * height).any()


def test_a_large_photo_is_searched_on_a_copy_and_answered_in_its_pixels(detectors, face):
    photo = beside(face, (6000, 4500), (3000, 2000, 1500))
    gray, _, _ = prepared(photo)
    assert max(gray.shape) < 2 * LONGEST
    centre = 3000 + 750 * face.width / face.height, 2750
    np.testing.assert_allclose(detectors.candidates(photo)[0].box[:2], centre, atol=150)


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (640, 480)])
def test_a_plain_wall_shows_nothing_whatever_its_size(detectors, size):
    assert detectors.candidates(Image.new("RGB", size, (200, 190, 180))) == []


def test_noise_and_a_street_sign_show_nothing_that_all_believe(detectors, rng):
    sign = Image.new("RGB", (400, 400), (90, 140, 200))
    pen = ImageDraw.Draw(sign)
    pen.ellipse([100, 100, 300, 300], "white", "red", 30)
    pen.text((170, 160), "50", "black", font_size=80)
    noise = Image.fromarray(rng.integers(0, 256, (400, 400, 3), dtype=np.uint8))
    for photo in (sign, noise):
        assert all((c.votes / STRONG).sum() < 1 for c in detectors.candidates(photo))


def test_boxes_on_each_other_become_the_strongest_with_the_votes_of_all():
    boxes = np.array([[100, 100, 50], [104, 100, 54], [300, 100, 50], [100, 100, 20.0]])
    votes = np.array([[4, 0, 0], [0, 0, 2.0], [0, 6, 0], [3, 0, 0]])
    merged = merge(boxes, votes)
    assert [m.box.tolist() for m in merged] == [[104, 100, 54], [300, 100, 50], [100, 100, 20]]
    assert merged[0].votes.tolist() == [4, 0, 2]


def test_overlap_is_intersection_over_union():
    box = np.array([10, 10, 4.0])
    others = np.array([[10, 10, 4], [12, 10, 4], [10, 10, 2], [20, 10, 4.0]])
    np.testing.assert_allclose(overlap(box, others), [1, 1 / 3, 1 / 4, 0])
