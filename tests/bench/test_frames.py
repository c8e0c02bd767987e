import numpy as np
import pytest
from PIL import Image

from bench import frames
from faces.keypoints.points import POINT_NAMES


def face_of_points() -> frames.Face:
    points = np.full((15, 2), 48.0)
    points[frames.EYES] = [(66, 40), (30, 40)]
    points[3] = np.nan
    return frames.Face(Image.new("RGB", (96, 96), "red"), (55, 100), points=points)


def answer(points: np.ndarray, label: str = "a") -> dict:
    named = dict(zip(POINT_NAMES, np.nan_to_num(points, nan=7.0).tolist(), strict=True))
    return {"keypoints": named, "gender": {"label": label, "probability": 0.9}}


def test_the_face_lies_where_the_frame_says():
    for seed in range(5):
        image, scale, corner = frames.make_frame(face_of_points(), np.random.default_rng(seed))
        assert image.size in frames.SIZES and 55 <= scale * 96 < 100
        middle = (np.array(corner) + 48 * scale).astype(int)
        red, green, blue = map(int, image.getpixel(tuple(middle.tolist())))
        assert red > green + 60 and red > blue + 60


def test_a_wide_photo_keeps_its_shape():
    photo = frames.Face(Image.new("RGB", (400, 100)), (200, 210), label="a")
    for seed in range(5):
        image, scale, _ = frames.make_frame(photo, np.random.default_rng(seed))
        assert image.width >= round(400 * scale)


def test_a_found_face_its_error_and_what_is_none():
    face, place = face_of_points(), (2.0, (10, 20))
    # In a picture at twice its size, each pixel's middle is that of four pixels.
    points = (face.points + 0.5) * 2 - 0.5 + (10, 20)
    own, far = answer(points + (3.6, 0)), answer(points + (60, 0))
    found = frames.judged(face, *place, [far, own])
    assert found == {"found": True, "false": 1, "error": pytest.approx(3.6 / 72)}
    assert frames.judged(face, *place, [far]) == {"found": False, "false": 1}
    assert frames.judged(None, *place, [far]) == {"false": 1}


def test_a_photo_is_found_within_its_frame_and_its_class_judged():
    photo, place = frames.Face(Image.new("RGB", (50, 100)), (100, 200), label="a"), (1.0, (100, 20))
    inside, outside = (np.full((15, 2), middle) for middle in ((140.0, 60), (160.0, 60)))
    assert frames.judged(photo, *place, [answer(inside)])["right"]
    assert not frames.judged(photo, *place, [answer(inside, "b")])["right"]
    assert not frames.judged(photo, *place, [answer(outside)])["found"]


def test_each_kind_is_counted():
    found, missed = {"found": True, "false": 0, "right": True}, {"found": False, "false": 1}
    line = frames.line("photo", [found, missed])
    assert line.what == "2 frames, photo" and not line.met
    assert line.ours.startswith("1 of 2 (") and "; 1 false; 1 of 1 (" in line.ours
    assert frames.line("no face", [{"false": 0}]).ours == "0 false"
