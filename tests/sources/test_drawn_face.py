"""The renderer: where points lie, what moves them, and that the picture shows them."""

from dataclasses import replace

import numpy as np
import pytest

from faces.keypoints.points import POINT_NAMES
from faces.sources.drawn.face import draw_face
from faces.sources.drawn.person import random_person, random_view

SIZE = 96
INDEX = {name: i for i, name in enumerate(POINT_NAMES)}


def face(number: int, **changes) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([7, number])
    person, view = random_person(rng), random_view(rng)
    level = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0, "centre_x": 0.5, "centre_y": 0.386}
    return draw_face(person, replace(view, **{**level, **changes}), SIZE, SIZE)


def test_picture_and_points_have_their_shapes_and_ranges():
    picture, points = face(0)
    assert picture.shape == (SIZE, SIZE, 3)
    assert picture.min() >= 0 and picture.max() <= 1
    assert picture.std() > 0.03
    assert points.shape == (15, 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("number", range(6))
def test_a_frontal_face_is_laid_out_like_a_face(number):
    _, points = face(number)
    x, y = points.T
    for part in ("eye_center", "eye_outer_corner", "eyebrow_outer_end"):
        assert x[INDEX[f"left_{part}"]] > x[INDEX[f"right_{part}"]]
    assert x[INDEX["left_eye_outer_corner"]] > x[INDEX["left_eye_inner_corner"]]
    assert x[INDEX["mouth_left_corner"]] > x[INDEX["mouth_right_corner"]]
    brows, eyes = y[INDEX["left_eyebrow_inner_end"]], y[INDEX["left_eye_center"]]
    nose, lip = y[INDEX["nose_tip"]], y[INDEX["mouth_center_top_lip"]]
    assert brows < eyes < nose < lip < y[INDEX["mouth_center_bottom_lip"]]
    assert points[:2].mean(0) == pytest.approx([47.5, 36.6], abs=0.2)


def test_most_points_of_random_views_lie_inside_the_frame():
    points = []
    for number in range(30):
        rng = np.random.default_rng([8, number])
        points.append(draw_face(random_person(rng), random_view(rng), 48, 48)[1] * 2)
    points = np.array(points)
    assert np.mean((points >= 0) & (points <= 96)) > 0.99
    assert points.min() > -10 and points.max() < 106


def test_turning_the_head_moves_the_nose_further_than_the_eyes():
    _, ahead = face(1)
    _, turned = face(1, yaw=25.0)
    shift = turned[:, 0] - ahead[:, 0]
    assert shift[INDEX["nose_tip"]] > 3
    assert shift[INDEX["nose_tip"]] > np.abs(shift[:2]).max()


def test_rolling_the_head_tilts_the_line_of_the_eyes():
    _, points = face(2, roll=15.0)
    right, left = points[INDEX["right_eye_center"]], points[INDEX["left_eye_center"]]
    assert np.degrees(np.arctan2(*(left - right)[::-1])) == pytest.approx(15, abs=1)


def test_an_open_mouth_lowers_the_lip_and_darkens_what_lies_between():
    shut, points = face(3, mouth_open=0.0, smile=0.0, occluder="none")
    gaping, opened = face(3, mouth_open=0.9, smile=0.0, occluder="none")
    lip = INDEX["mouth_center_bottom_lip"]
    assert opened[lip, 1] > points[lip, 1] + 4
    top, bottom = opened[INDEX["mouth_center_top_lip"]], opened[lip]
    column, row = (0.3 * top + 0.7 * bottom).round().astype(int)
    assert gaping[row, column].mean() < 0.8 * shut[row, column].mean()


def test_the_iris_is_dark_where_the_eye_centre_is():
    contrasts = []
    for number in range(12):
        rng = np.random.default_rng([9, number])
        person, view = replace(random_person(rng), glasses="none"), random_view(rng)
        view = replace(view, yaw=0.0, blink=0.0, gaze_x=0.0, gaze_y=0.0)
        picture, points = draw_face(person, view, SIZE, SIZE)
        column, row = points[INDEX["left_eye_center"]].round().astype(int)
        contrasts.append(picture[row, column].mean() / picture[row - 3 : row + 4].mean())
    assert np.median(contrasts) < 0.7


def test_equal_seeds_draw_equal_faces_and_others_do_not():
    first, second, other = face(4)[0], face(4)[0], face(5)[0]
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_the_drawn_sexes_overlap_in_every_trait():
    rng = np.random.default_rng(0)
    women = [random_person(rng, "Female") for _ in range(400)]
    men = [random_person(rng, "Male") for _ in range(400)]
    for trait in ("brow_thickness", "jaw_width", "lower_lip", "hair_length", "chin_width"):
        female, male = (np.array([getattr(p, trait) for p in people]) for people in (women, men))
        apart = abs(male.mean() - female.mean()) / np.sqrt(0.5 * (male.var() + female.var()))
        assert 0.3 < apart < 3
        assert female.max() > np.median(male) and male.max() > np.median(female)
        assert female.min() < np.median(male) and male.min() < np.median(female)
    bearded = [np.mean([p.beard != "none" for p in people]) for people in (women, men)]
    assert 0 < bearded[0] < 0.1 < 0.3 < bearded[1] < 0.8
