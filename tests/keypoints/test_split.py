import numpy as np
import pytest

from faces.core.errors import UserError
from faces.keypoints.data import likeness
from faces.keypoints.data import split as module
from faces.keypoints.data.split import alike_pairs, split
from faces.keypoints.points import FOUR_POINTS

SETTINGS = {"validation": 0.2, "test": 0.2, "alike": 0.95, "same_face": 1}


def blocks(rng, n):
    """Images that differ from each other at the size at which they are compared."""
    coarse = rng.integers(0, 256, (n, 8, 8), dtype=np.uint8)
    return coarse.repeat(12, axis=1).repeat(12, axis=2)


@pytest.fixture
def arrays(rng):
    images = blocks(rng, 60)
    images[40:60] = images[0:20]
    images[50:60] //= 2  # darker copies
    points = rng.uniform(5, 90, (60, 15, 2)).astype(np.float32)
    group = np.where(np.arange(60) % 3 == 0, 15, 4).astype(np.int16)
    return {"images": images, "points": points, "group": group, "row": np.arange(1, 61)}


def test_copies_are_found_whatever_their_brightness(arrays):
    pairs, correlations = alike_pairs(arrays["images"], 0.95)
    assert {tuple(pair) for pair in pairs.tolist()} == {(i, i + 40) for i in range(20)}
    assert 0.95 <= correlations.min() <= correlations.max() <= 1 + 1e-5


def test_the_split_is_the_same_through_an_index(arrays, rng, monkeypatch):
    more = {name: np.concatenate([array] * 8) for name, array in arrays.items()}
    noise = rng.integers(0, 9, more["images"].shape, dtype=np.uint8)
    more["images"] = more["images"] // 2 + noise
    more["points"] = rng.uniform(5, 90, more["points"].shape).astype(np.float32)
    settings = {**SETTINGS, "same_face": 0.6}
    expected = split(more, settings, seed=3)[2]
    monkeypatch.setattr(module, "FEW", 0)
    monkeypatch.setattr(likeness, "FEW", 0)
    assert expected["alike"].nunique() < 200
    assert split(more, settings, seed=3)[2].equals(expected)


def test_no_copy_stands_on_two_sides_and_no_row_is_lost(arrays):
    chosen, outputs, table, counts = split(arrays, SETTINGS, seed=3)
    assert sum(len(chosen[f"{side}_images"]) for side in ("train", "validation", "test")) == 60
    assert table.groupby("alike")["split"].nunique().max() == 1
    assert counts["rows_with_a_look_alike"] == 40 and counts["largest_group"] == 2
    assert min(counts["train"], counts["validation"], counts["test"]) >= 6
    assert chosen["train_images"].shape[1:] == (96, 96, 1) and len(outputs) == 19


def test_targets_stay_with_their_images(arrays):
    chosen, _, table, _ = split(arrays, SETTINGS, seed=3)
    rows = table[table["split"] == "test"]["row"].to_numpy() - 1
    np.testing.assert_array_equal(chosen["test_images"][..., 0], arrays["images"][rows])
    for target, row in zip(chosen["test_target"], rows, strict=True):
        if arrays["group"][row] == 15:
            np.testing.assert_array_equal(target[:15], arrays["points"][row])


def test_without_rows_of_the_second_group_its_outputs_learn_the_habits_of_the_first(arrays):
    complete = {**arrays, "group": np.full(60, 15, np.int16)}
    chosen, _, _, _ = split(complete, SETTINGS, seed=3)
    for side in ("train", "validation"):
        target = chosen[f"{side}_target"]
        np.testing.assert_array_equal(target[:, 15:], target[:, list(FOUR_POINTS)])
    assert np.isnan(chosen["test_target"][:, 15:]).all()  # nobody marked these
    both, _, _, _ = split(arrays, SETTINGS, seed=3)
    assert np.isnan(both["train_target"]).any()


def test_the_seed_decides(arrays):
    first, again, other = (split(arrays, SETTINGS, s)[2]["split"] for s in (1, 1, 2))
    assert first.equals(again) and not first.equals(other)


def test_too_few_images_are_one_error(arrays):
    few = {name: array[:3] for name, array in arrays.items()}
    with pytest.raises(UserError, match=r"enough rows that are not alike.*3 rows in 3 groups"):
        split(few, SETTINGS, seed=0)


def test_shares_that_leave_nothing_to_train_on_are_one_error(arrays):
    with pytest.raises(UserError, match=r"below 1.*Received: 0\.5 \+ 0\.5"):
        split(arrays, {**SETTINGS, "validation": 0.5, "test": 0.5}, seed=0)
