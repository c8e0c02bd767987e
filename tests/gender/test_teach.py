from types import SimpleNamespace

import numpy as np
import pytest

from stages.faces.frame import Framing
from stages.gender import teach
from stages.keypoints.labels import FOUR_POINTS, N_OUTPUTS, N_POINTS

FRAMING = Framing(width=0.6, height=0.6, x=0.5, y=0.4)
LEFT, RIGHT, _, LIP = FOUR_POINTS


def targets(n: int) -> np.ndarray:
    return np.full((n, N_OUTPUTS, 2), np.nan, np.float32)


def test_points_come_from_whoever_marked_them():
    rows = targets(2)
    rows[0, LEFT], rows[1, N_POINTS] = (60, 40), (61, 41)
    points = teach.points_of(rows)
    assert points[:, LEFT].tolist() == [[60, 40], [61, 41]]
    assert np.isnan(points[:, RIGHT]).all() and np.isnan(rows[1, LEFT]).all()


def test_a_face_is_cut_out_as_photos_are_framed():
    rows, image = targets(2), np.zeros((96, 96), np.uint8)
    rows[0, [LEFT, RIGHT, LIP]] = (70, 30), (40, 30), (55, 60)
    image[28:33, 53:58] = 200  # between the eyes
    points = teach.points_of(rows)
    assert teach.placed(points).tolist() == [True, False]
    (face,) = teach.crops(image[None], points[:1], FRAMING, 60)
    assert face.shape == (60, 60, 3) and (face[..., 0] == face[..., 2]).all()
    y, x = np.argwhere(face[..., 0] > 100).mean(axis=0)
    assert (x + 0.5) / 60 == pytest.approx(FRAMING.x, abs=0.02)
    assert (y + 0.5) / 60 == pytest.approx(FRAMING.y, abs=0.02)


@pytest.fixture
def first(monkeypatch):
    """Stands in for the training of a first network; keeps what it was trained with."""
    trained = []

    def train_members(network, settings, photos, validation, seed, kept):
        trained.append((settings, photos, validation, seed, kept))
        return "a network", None

    monkeypatch.setattr(teach.members, "train_members", train_members)
    return trained


def ask(settings, faces):
    photos = {"image": np.zeros((4, 6, 6, 3), np.uint8), "target": np.eye(2)[[0, 1, 0, 1]]}
    answer = SimpleNamespace(outputs=lambda model, images, *_: np.full((len(images), 2), 0.5))
    shared = {"flip_average": True, "views": 5, "members": 3, "epochs": 35}
    return teach.answered(None, answer, {**shared, **settings}, photos, faces, photos, 1, "kept")


def test_a_first_network_alone_answers_for_faces(first):
    found = ask({"teach": {"epochs": 7}}, np.ones((5, 6, 6, 3), np.uint8))
    assert found["image"].shape == (5, 6, 6, 3) and found["target"].tolist() == [[0.5, 0.5]] * 5
    ((settings, *_),) = first
    assert (settings["epochs"], settings["members"]) == (7, 1)


@pytest.mark.parametrize(("epochs", "faces"), [(0, 5), (7, 0)])
def test_without_a_first_network_or_faces_nothing_is_added(first, epochs, faces):
    found = ask({"teach": {"epochs": epochs}}, np.ones((faces, 6, 6, 3), np.uint8))
    assert found["image"].shape == (0, 6, 6, 3) and found["target"].shape == (0, 2)
    assert not first
