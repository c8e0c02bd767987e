from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from faces.core.errors import UserError
from faces.training import folds

AVERAGING = {"flip": True, "shifts": 1}


@pytest.fixture
def data(rng):
    """100 rows, two or three to a group; an image is its row's number."""
    label = np.arange(100) % 2
    groups = np.repeat(np.arange(40), 3)[:100]
    rows = {"image": np.arange(100), "target": np.eye(2)[label], "keep": np.arange(100) % 10 > 0}
    return rows, label, groups


def run(data, monkeypatch, more=None, count=5):
    learned = []

    def train_members(network, settings, train, validation, seed, kept):
        assert settings == {"lr": 0.1}
        learned.append((train["image"], validation["image"], kept))
        return SimpleNamespace(number=len(learned)), None

    def outputs(model, images, flip, shifts):
        return np.stack([images, images * 0 + model.number], axis=1)

    def calibrate(model, validation, averaging):
        assert averaging == AVERAGING and len(validation["image"])

    monkeypatch.setattr(folds, "train_members", train_members)
    rows, label, groups = data
    modules = None, SimpleNamespace(outputs=outputs), SimpleNamespace(calibrate=calibrate)
    answers, fold = folds.cross_validated(
        *(modules, {"lr": 0.1}, AVERAGING, rows, label, groups, 1, count, 0.1, "kept", more)
    )
    return learned, answers, fold


def test_each_row_is_asked_once_of_a_model_that_saw_neither_it_nor_its_look_alikes(
    data, monkeypatch
):
    learned, answers, fold = run(data, monkeypatch)
    rows, _, groups = data
    assert answers[:, 0].tolist() == rows["image"].tolist()
    assert (answers[:, 1] == fold + 1).all() and set(fold) == set(range(5))
    for number, (train, validation, kept) in enumerate(learned):
        asked = groups[fold == number]
        sides = [set(groups[train]), set(groups[validation]), set(asked)]
        assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
        assert len(validation) and kept == "kept"


def test_label_errors_teach_nothing_and_are_asked_all_the_same(data, monkeypatch):
    learned, answers, _ = run(data, monkeypatch)
    seen = np.concatenate([np.concatenate(sides[:2]) for sides in learned])
    errors = np.flatnonzero(~data[0]["keep"])
    assert len(errors) == 10 and not set(seen) & set(errors)
    assert set(errors) <= set(answers[:, 0].astype(int))
    assert pd.Series(seen).value_counts().eq(4).all()  # all others, in four of five folds


def test_more_folds_than_groups_allow_are_one_error(data, monkeypatch):
    with pytest.raises(UserError, match=r"42 groups for 21 folds.*34 groups"):
        run(data, monkeypatch, count=21)


def test_what_a_fold_learns_from_besides_is_made_from_its_own_rows(data, monkeypatch):
    def of(rows, learn, watch, seed):
        assert set(rows) == {"image", "target"} and seed == 1
        assert not set(learn) & set(watch) and data[0]["keep"][learn].all()
        return [{"image": -rows["image"][learn], "target": rows["target"][learn]}]

    learned, _, _ = run(data, monkeypatch, SimpleNamespace(of=of, trainings=None))
    for train, _, _ in learned:
        own, besides = train[: len(train) // 2], train[len(train) // 2 :]
        assert len(own) > 50 and besides.tolist() == (-own).tolist()
