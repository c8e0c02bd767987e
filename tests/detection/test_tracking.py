"""Faces of videos, of three dots each, followed with stand-ins for the networks."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from faces.detection.alignment import LEFT, RIGHT
from faces.detection.finding import Faces
from faces.detection.tracking import ALIKE, Tracker
from tests.detection.conftest import dots, dotted, poses_in

SIZE = (640, 480)


class Sees:
    """A detector that knows where the faces of the frame are: (x, y, size) each."""

    def __init__(self):
        self.faces, self.asked = [], 0

    def poses(self, _copy, _corners, _scale):
        self.asked += 1
        return poses_in([(x, y + 0.2 * size, 2 * size) for x, y, size in self.faces])


@pytest.fixture
def seen():
    return Sees()


@pytest.fixture
def tracker(models, seen):
    return Tracker(replace(models, detector=seen))


def frame(tracker, seen, moment, *faces, hidden=False):
    """The answer for a frame with these faces, the detector blind if they are hidden."""
    seen.faces = [] if hidden else list(faces)
    return tracker.answer(dotted(SIZE, *faces), moment / 25)


def eyes(face) -> np.ndarray:
    names = ("right_eye_center", "left_eye_center")
    return np.array([face["keypoints"][name] for name in names])


def test_a_face_is_followed_without_the_detector_and_keeps_its_number(tracker, seen):
    for moment in range(20):
        place = (200.0 + 6 * moment, 200.0 + 2 * moment, 60.0)
        (face,) = frame(tracker, seen, moment, place, hidden=moment > 0)
        assert face["track"] == 1 and face["gender"]["label"] == "dark"
        np.testing.assert_allclose(eyes(face), dots(*place)[:2], atol=1.5)
    assert set(face) == {"track", "box", "gender", "keypoints"}


def test_who_comes_later_gets_another_number_and_who_goes_is_gone(tracker, seen):
    one, other = (150.0, 200.0, 60.0), (450.0, 200.0, 60.0)
    assert [f["track"] for f in frame(tracker, seen, 0, one)] == [1]
    assert [f["track"] for f in frame(tracker, seen, 1, one, other)] == [1, 2]
    assert [f["track"] for f in frame(tracker, seen, 2, other)] == [2]
    assert frame(tracker, seen, 3) == []


def test_who_comes_back_has_the_number_of_before(tracker, seen):
    there = (150.0, 200.0, 60.0)
    frame(tracker, seen, 0, there)
    for moment in range(1, 30):
        assert frame(tracker, seen, moment) == []
    (face,) = frame(tracker, seen, 30, (400.0, 250.0, 60.0))
    assert face["track"] == 1


def test_what_all_faces_have_makes_nobody_alike(tracker):
    rng = np.random.default_rng(0)
    rows, columns = np.indices((120, 120))
    shade = 150 * np.exp(-((rows - 70) ** 2 + (columns - 60) ** 2) / 1000)  # of any face, any light
    grain = [np.kron(rng.normal(0, 25, (30, 30)), np.ones((4, 4))) for _ in range(2)]
    points = np.tile(dots(60, 50, 40)[2], (15, 1))
    points[[RIGHT, LEFT]] = dots(60, 50, 40)[:2]
    looks = [shade + grain[0], 0.7 * shade + 40 + grain[0], shade + grain[1]]
    images = [np.repeat(look.clip(0, 255).astype(np.uint8)[..., None], 3, 2) for look in looks]
    one, darker, other = (tracker.pictures(image, points[None])[1][0] for image in images)
    assert one @ other < ALIKE < one @ darker


def test_somebody_else_in_the_place_of_who_has_gone_gets_another_number(models, seen):
    class Sure:
        """Is sure of one class, then of the other."""

        def __init__(self):
            self.chance = [1.0, 0.0]

        def predict_on_batch(self, images):
            return np.tile(self.chance, (len(images), 1))

    place, network = (200.0, 200.0, 60.0), Sure()
    tracker = Tracker(replace(models, detector=seen, gender=network))
    frame(tracker, seen, 0, place)
    frame(tracker, seen, 1)
    network.chance = [0.0, 1.0]
    (face,) = frame(tracker, seen, 2, place)
    assert face["track"] == 2 and face["gender"] == {"label": "dark", "probability": 1.0}
    frame(tracker, seen, 3)
    network.chance = [0.2, 0.8]  # not so sure: it may be the first one
    assert frame(tracker, seen, 4, place)[0]["track"] in {1, 2}


def test_a_face_that_another_hides_in_part_gets_no_number_of_its_own(tracker, seen):
    image = np.asarray(dotted(SIZE, (200.0, 200.0, 60.0)))
    frame(tracker, seen, 0, (200.0, 200.0, 60.0))
    points = tracker.tracks[0].points
    for beside, count in ((0.8 * 60, 1), (1.5 * 60, 2)):
        tracker.add(image, Faces((points + [beside, 0])[None], np.zeros(1)), 0.1)
        assert len(tracker.tracks) == count


@pytest.mark.parametrize(("other_now", "numbers"), [([0, 1, 0], [1, 2]), ([1, 0, 0], [2, 1])])
def test_two_numbers_change_places_only_where_both_faces_say_so(
    tracker, seen, other_now, numbers, monkeypatch
):
    frame(tracker, seen, 0, (150.0, 200.0, 60.0), (450.0, 200.0, 60.0))
    one, other = sorted(tracker.tracks, key=lambda track: track.who.number)
    one.who.picture, other.who.picture = np.eye(3)[:2]
    monkeypatch.setattr(tracker, "pictures", lambda *_: (None, [np.array(other_now)]))
    tracker.recognise(None, one, np.array([0.1, 0.5, 0.8]))  # little like either
    assert [one.who.number, other.who.number] == numbers


def test_who_is_gone_for_long_is_forgotten(tracker, seen):
    frame(tracker, seen, 0, (150.0, 200.0, 60.0))
    frame(tracker, seen, 1)
    for moment in range(25 * 31, 25 * 33, 25):
        frame(tracker, seen, moment)
    assert frame(tracker, seen, 25 * 40, (150.0, 200.0, 60.0))[0]["track"] == 2


def test_a_face_that_jumps_is_found_again_by_the_detector(tracker, seen):
    frame(tracker, seen, 0, (150.0, 150.0, 60.0))
    (face,) = frame(tracker, seen, 1, (500.0, 300.0, 60.0))
    np.testing.assert_allclose(eyes(face), dots(500, 300, 60)[:2], atol=1)


def test_the_label_is_that_of_the_whole_track(models, seen):
    class Flickers:
        """Says otherwise of every fourth picture."""

        def __init__(self):
            self.count = 0

        def predict_on_batch(self, images):
            self.count += 1
            chance = 0.1 if self.count % 4 == 0 else 0.8
            return np.tile([chance, 1 - chance], (len(images), 1))

    tracker = Tracker(replace(models, detector=seen, gender=Flickers()))
    said = [frame(tracker, seen, i, (200.0, 200.0, 60.0))[0]["gender"] for i in range(40)]
    assert {one["label"] for one in said} == {"bright"}
    assert 0.5 < said[-1]["probability"] < 0.8


def test_frames_without_a_face_cost_a_few_squares_each(tracker, seen):
    frame(tracker, seen, 0)
    before = seen.asked
    for moment in range(1, 11):
        assert frame(tracker, seen, moment) == []
    assert seen.asked - before == 10 * 4  # one of each copy


def test_frames_of_another_size_start_anew(tracker, seen):
    frame(tracker, seen, 0, (200.0, 200.0, 60.0))
    seen.faces = [(80.0, 56.0, 30.0)]
    (face,) = tracker.answer(dotted((160, 120), (80.0, 56.0, 30.0)), 0.04)
    np.testing.assert_allclose(eyes(face), dots(80, 56, 30)[:2], atol=1)


def test_a_frame_of_one_pixel_is_answered(tracker):
    assert tracker.answer(Image.new("RGB", (1, 1)), 0.0) == []
