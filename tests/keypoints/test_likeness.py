import numpy as np
import pytest
from PIL import Image

from faces.keypoints.data import likeness
from faces.keypoints.data.likeness import EYES, aligned, clusters


def face(rng):
    coarse = rng.integers(0, 256, (12, 12), dtype=np.uint8)
    return Image.fromarray(coarse).resize((96, 96), Image.Resampling.BICUBIC)


def framed(photo, degrees, zoom):
    """The photo turned and enlarged about its centre, and where its eyes come to lie."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / zoom
    x, y = 47.5 - turn @ [47.5, 47.5]
    moved = photo.transform(
        (96, 96), Image.Transform.AFFINE, (*turn[0], x, *turn[1], y), Image.Resampling.BICUBIC
    )
    points = np.full((15, 2), np.nan, np.float32)
    points[EYES] = (np.array([[60, 40], [36, 40]]) - [x, y]) @ np.linalg.inv(turn).T
    return np.asarray(moved), points


@pytest.fixture
def people(rng):
    """Three people, four framings each."""
    photos = [face(rng) for _ in range(3)]
    ways = ((0, 1), (12, 1.1), (-15, 0.9), (5, 1.2))
    pairs = [framed(photo, *way) for photo in photos for way in ways]
    return np.stack([image for image, _ in pairs]), np.stack([points for _, points in pairs])


def test_framings_of_one_face_come_together_and_faces_stay_apart(people):
    groups = clusters(*people, 0.55, seed=0)
    assert len(np.unique(groups)) == 3
    assert [len(set(groups[i : i + 4].tolist())) for i in (0, 4, 8)] == [1, 1, 1]


def test_the_face_counts_not_its_light(people):
    images, points = people
    dark = np.clip(images * 0.4 + 20, 0, 255).astype(np.uint8)
    likeness_of_pairs = (aligned(images, points) * aligned(dark, points)).sum(axis=1)
    assert likeness_of_pairs.min() > 0.97


def test_likeness_1_puts_each_by_itself(people):
    assert len(np.unique(clusters(*people, 1, seed=0))) == 12


def test_unknown_eyes_and_eyes_in_one_place_are_no_fault(people):
    images, points = people
    points[0] = np.nan
    points[1, EYES] = 40
    assert np.isfinite(aligned(images, points)).all()


def test_many_faces_are_grouped_as_few_are(people, monkeypatch):
    few = clusters(*people, 0.55, seed=0)
    monkeypatch.setattr(likeness, "FEW", 0)
    many = clusters(*people, 0.55, seed=0)
    assert ((few[:, None] == few) == (many[:, None] == many)).all()
