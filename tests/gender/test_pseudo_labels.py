from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from faces.detection.alignment import Framing
from faces.keypoints.points import FOUR_POINTS, N_OUTPUTS, N_POINTS
from faces.pseudo_labels import archive_faces, lessons

FRAMING = Framing(width=0.6, height=0.6, x=0.5, y=0.4)
LEFT, RIGHT, _, LIP = FOUR_POINTS


def targets(n: int) -> np.ndarray:
    return np.full((n, N_OUTPUTS, 2), np.nan, np.float32)


def test_points_come_from_whoever_marked_them():
    rows = targets(2)
    rows[0, LEFT], rows[1, N_POINTS] = (60, 40), (61, 41)
    points = archive_faces.points_of(rows)
    assert points[:, LEFT].tolist() == [[60, 40], [61, 41]]
    assert np.isnan(points[:, RIGHT]).all() and np.isnan(rows[1, LEFT]).all()


def test_a_face_is_cut_out_as_photos_are_framed():
    rows, image = targets(2), np.zeros((96, 96), np.uint8)
    rows[0, [LEFT, RIGHT, LIP]] = (70, 30), (40, 30), (55, 60)
    image[28:33, 53:58] = 200  # between the eyes
    points = archive_faces.points_of(rows)
    assert archive_faces.placed(points).tolist() == [True, False]
    (face,) = archive_faces.crops(image[None], points[:1], FRAMING, 60)
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

    monkeypatch.setattr(lessons.ensemble, "train_members", train_members)
    return trained


def ask(epochs: int, faces: int) -> list[dict]:
    """The lessons beside photos 0 and 1 of four, of which 1 and 2 were aligned too."""
    photos = {"image": np.zeros((4, 6, 6, 3), np.uint8), "target": np.eye(2)[[0, 1, 0, 1]]}
    found = {"aligned": np.ones((2, 6, 6, 3), np.uint8), "aligned_row": np.array([1, 2])}
    found |= {"faces": np.ones((faces, 6, 6, 3), np.uint8)}
    predict = SimpleNamespace(outputs=lambda model, images, **_: np.full((len(images), 2), 0.5))
    settings, section = {"members": 3, "epochs": 35}, {"align": True, "epochs": epochs}
    averaging = {"flip": True, "shifts": 5}
    more = lessons.Lessons(None, predict, settings, section, averaging, found, Path("kept"))
    return more.of(photos, np.array([0, 1]), np.array([3]), 1)


def test_a_first_network_alone_answers_for_faces(first):
    _, found = ask(epochs=7, faces=5)
    assert found["image"].shape == (5, 6, 6, 3) and found["target"].tolist() == [[0.5, 0.5]] * 5
    ((settings, photos, validation, seed, kept),) = first
    assert (settings["epochs"], settings["members"]) == (7, 1)
    assert len(photos["image"]) == 3 and photos["target"].argmax(axis=1).tolist() == [0, 1, 1]
    assert len(validation["image"]) == 1 and (seed, kept) == (1, Path("kept"))


@pytest.mark.parametrize(("epochs", "faces"), [(0, 5), (7, 0)])
def test_without_a_first_network_or_faces_aligned_photos_alone_are_added(first, epochs, faces):
    aligned, found = ask(epochs, faces)
    assert aligned["image"].shape == (1, 6, 6, 3) and aligned["target"].tolist() == [[0, 1]]
    assert found["image"].shape == (0, 6, 6, 3) and found["target"].shape == (0, 2)
    assert not first
