import numpy as np
import pytest
from PIL import Image

from bench import frames
from stages.keypoints.labels import POINT_NAMES


def face_of_points() -> frames.Face:
    points = np.full((15, 2), 48.0)
    points[frames.EYES] = [(66, 40), (30, 40)]
    points[3] = np.nan
    return frames.Face(Image.new("RGB", (96, 96), "red"), (55, 100), points=points)


def answer(points: np.ndarray, label: str = "a") -> dict:
    points = np.nan_to_num(points, nan=7.0)
    named = dict(zip(POINT_NAMES, points.tolist(), strict=True))
    return {"keypoints": named, "gender": {"label": label, "probability": 0.9}}


def test_the_face_lies_where_the_frame_says():
    for seed in range(5):
        frame = frames.make_frame(face_of_points(), np.random.default_rng(seed))
        assert frame.image.size in frames.SIZES and 55 <= frame.scale * 96 < 100
        red, green, blue = np.asarray(frame.image, int).transpose(2, 1, 0)[
            :, *np.nanmean(frame.points(), axis=0).astype(int)
        ]
        assert red > green + 60 and red > blue + 60


def test_points_move_with_the_middles_of_pixels():
    # The corner pixel of a picture at twice its size is the middle of four pixels.
    frame = frames.Frame(
        Image.new("RGB", (9, 9)), frames.Face(None, (1, 2), np.zeros((15, 2))), 2.0
    )
    assert (frame.points() == 0.5).all()


def test_a_wide_photo_keeps_its_shape():
    photo = frames.Face(Image.new("RGB", (400, 100)), (200, 210), label="a")
    for seed in range(9):
        frame = frames.make_frame(photo, np.random.default_rng(seed))
        assert frame.image.width >= round(400 * frame.scale)


def test_a_found_face_its_error_and_what_is_none():
    frame = frames.Frame(Image.new("RGB", (320, 240)), face_of_points(), 2.0, (10, 20))
    own, far = answer(frame.points() + (3.6, 0)), answer(frame.points() + (60, 0))
    found = frames.judged(frame, [far, own])
    assert (found["found"], found["false"]) == (True, 1)
    assert found["error"] == pytest.approx(3.6 / 72)
    missed = frames.judged(frame, [far])
    assert (missed["found"], missed["false"]) == (False, 1) and "error" not in missed
    assert frames.judged(frames.Frame(frame.image), [far])["false"] == 1


def test_a_photo_is_found_within_its_frame_and_its_class_judged():
    photo = frames.Face(Image.new("RGB", (50, 100)), (100, 200), label="a")
    frame = frames.Frame(Image.new("RGB", (320, 240)), photo, 1.0, (100, 20))
    inside, outside = np.full((15, 2), (140.0, 60)), np.full((15, 2), (160.0, 60))
    assert frames.judged(frame, [answer(inside)])["right"]
    assert not frames.judged(frame, [answer(inside, "b")])["right"]
    assert not frames.judged(frame, [answer(outside)])["found"]


def test_the_table_counts_each_kind():
    rows = [
        {"kind": "photo", "found": True, "false": 0, "right": True},
        {"kind": "photo", "found": False, "false": 1},
        {"kind": "no face", "false": 0},
    ]
    table = frames.as_markdown(rows)
    assert "| 2, photo | 1 of 2 (" in table and "| 0.500 |  | 1 of 1 (" in table
    assert "| 1, no face |  | 0.000 |  |  |" in table
