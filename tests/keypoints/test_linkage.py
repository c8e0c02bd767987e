import numpy as np
import pytest

from faces.core import threads
from faces.keypoints.data import linkage
from faces.keypoints.data.linkage import linked, merged


@pytest.fixture
def faces(rng):
    """800 rows: 200 people with four frames each, people of ten families; some frames twice."""
    family = rng.normal(0, 1, (10, 1, 60)).repeat(20, axis=0)
    person = family + rng.normal(0, 0.8, (200, 1, 60))
    frames = (person + rng.normal(0, 0.6, (200, 4, 60))).reshape(800, 60)
    frames[::40] = frames[1::40]
    return (frames / np.linalg.norm(frames, axis=1, keepdims=True)).astype(np.float32)


def sets(groups):
    return {frozenset(np.flatnonzero(groups == group).tolist()) for group in np.unique(groups)}


@pytest.mark.parametrize("likeness", [0.3, 0.6, 0.8])
def test_without_a_table_the_groups_are_those_of_the_table(faces, likeness):
    expected = sets(linked(faces, likeness))
    assert 10 <= len(expected) < 800 and max(map(len, expected)) > 2
    assert sets(merged(faces.copy(), likeness, most=800, seed=0)) == expected


def test_in_cells_frames_of_a_person_still_come_together(faces, monkeypatch):
    monkeypatch.setattr(linkage, "CELL", 50)
    monkeypatch.setattr(linkage, "LOOKED_AT", 200)
    monkeypatch.setattr(linkage, "PART", 16)
    expected, groups = linked(faces, 0.6), merged(faces.copy(), 0.6, most=800, seed=0)
    pairs = np.argwhere(np.triu(expected[:, None] == expected, 1))
    together = groups[pairs[:, 0]] == groups[pairs[:, 1]]
    assert together.mean() > 0.95


def test_no_group_is_larger_than_the_most(faces):
    free, bound = linked(faces, 0.3), merged(faces.copy(), 0.3, most=20, seed=0)
    assert np.bincount(free).max() > 40 and 4 < np.bincount(bound).max() <= 20
    for group in sets(bound):  # what is together was together
        assert len(np.unique(free[list(group)])) == 1


def test_the_number_of_threads_changes_no_group(faces, monkeypatch):
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(threads, "cores", lambda cores=cores: cores)
        found.append(merged(faces.copy(), 0.6, most=800, seed=0).tobytes())
    assert found[0] == found[1]


def test_rows_that_are_all_the_same_are_one_group(faces):
    same = np.repeat(faces[:1], 30, axis=0)
    assert merged(same.copy(), 0.6, most=30, seed=0).tolist() == [0] * 30
    assert np.bincount(merged(same.copy(), 0.6, most=10, seed=0)).max() <= 10
