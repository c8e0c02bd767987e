import numpy as np
import pandas as pd
import pytest

from faces.core.errors import UserError
from faces.gender.data.split import split
from tests.conftest import encoded, open_bytes, photo, zip_of

SETTINGS = {"size": 20, "test_per_class": 10, "validation": 0.1}
CLASSES = ["Male", "Female"]


@pytest.fixture(scope="module")
def content():
    """30 photos of each class; the first five of each stand twice."""
    files, labels, alike = [], [], []
    members = {}
    for label in CLASSES:
        for i in range(30):
            name = f"{label}/{i}.png"
            seed = i % 25 + 100 * (label == "Male")
            members[name] = encoded(photo(seed), "PNG")
            files.append(name)
            labels.append(label)
            alike.append(seed)
    return zip_of(members), pd.DataFrame({"file": files, "label": labels, "alike": alike})


def splitted(content, seed=0, **changes):
    data, photos = content
    return split(open_bytes(data), photos, CLASSES, {**SETTINGS, **changes}, seed)


def test_the_test_set_has_exactly_as_many_of_each_class(content):
    arrays, classes, _, counts = splitted(content)
    assert arrays["test_target"].sum(axis=0).tolist() == [10, 10] and classes == CLASSES
    assert counts["test"] == 20 and sum(counts.values()) == 60
    assert arrays["train_images"].shape[1:] == (20, 20, 3)


def test_copies_stay_on_one_side(content):
    for seed in range(5):
        _, _, table, _ = splitted(content, seed)
        assert table.groupby("alike")["split"].nunique().max() == 1


def test_look_alikes_of_two_classes_stay_on_one_side_too(content):
    data, photos = content
    mixed = photos.copy()
    mixed.loc[mixed["file"] == "Male/29.png", "alike"] = mixed["alike"].iloc[-1]
    for seed in range(5):
        _, _, table, _ = splitted((data, mixed), seed)
        assert table.groupby("alike")["split"].nunique().max() == 1


def test_images_and_targets_belong_together(content):
    arrays, _, table, _ = splitted(content)
    rows = table[table["split"] == "validation"]
    labels = [CLASSES[i] for i in arrays["validation_target"].argmax(axis=1)]
    assert labels == rows["label"].tolist()
    first = np.asarray(photo(rows["alike"].iloc[0]).resize((20, 20), 4))
    np.testing.assert_array_equal(arrays["validation_images"][0], first)


def test_the_seed_decides(content):
    first, again, other = (splitted(content, s)[2]["split"] for s in (1, 1, 2))
    assert first.equals(again) and not first.equals(other)


def test_too_few_photos_for_the_test_set_are_one_error(content):
    with pytest.raises(UserError, match=r"at least 40 photos of Male.*Received: 30"):
        splitted(content, test_per_class=20)


def test_too_few_photos_to_validate_are_one_error(content):
    with pytest.raises(UserError, match="30 rows in 27 groups"):
        splitted(content, test_per_class=15, validation=0.02)
