from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from stages import crossval, files
from stages.training import folds

SETTINGS = {"suspects": "drop", "folds_of": "all", "teach": {"epochs": 0}}
RUN = {"seed": 1, "folds": 2, "suspects": "keep", "device": "cpu", "precision": "float32"}
SPLIT = ["test", "train", "validation", "train", "train", "test"]


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Six photos whose pixels are their row, three of them framed too, one with a wrong label."""
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"alike": [0, 1, 2, 1, 4, 5], "split": SPLIT})
    folder = crossval.SPLIT / "gender"
    for side in ("train", "validation", "test"):
        rows = np.flatnonzero(table["split"] == side)
        images = np.broadcast_to(rows[:, None, None, None], (len(rows), 2, 2, 3)).astype(np.uint8)
        target = np.eye(2)[rows % 2]
        files.save_arrays(folder, {f"{side}_images": images, f"{side}_target": target})
    table.to_csv(folder / "rows.csv", index=False)
    keep, framed = np.arange(6) != 3, np.array([5, 3, 1])
    arrays = {"keep": keep, "framed": np.full((3, 2, 2, 3), framed[:, None, None, None] + 100)}
    arrays |= {"framed_row": framed, "faces": np.zeros((0, 2, 2, 3))}
    files.save_arrays(crossval.TAUGHT["gender"], arrays)


@pytest.mark.parametrize(("of", "rows"), [("all", [1, 3, 4, 2, 0, 5]), ("rest", [1, 3, 4, 2])])
def test_rows_keep_their_groups_and_label_errors(photos, of, rows):
    data, groups, found = crossval.load(
        "gender", {**SETTINGS, "folds_of": of}, ("images", "target")
    )
    assert data["image"][:, 0, 0, 0].tolist() == found.tolist() == rows
    assert groups.tolist() == [[0, 1, 2, 1, 4, 5][row] for row in rows]
    assert data["keep"].tolist() == [row != 3 for row in rows]


@pytest.mark.parametrize(("of", "wanted"), [("all", {5: [105], 1: [101]}), ("rest", {1: [101]})])
def test_a_fold_learns_from_framed_photos_of_its_own_rows_alone(photos, of, wanted):
    settings = {**SETTINGS, "folds_of": of}
    data, _, rows = crossval.load("gender", settings, ("images", "target"))
    rooms = (None, SimpleNamespace(), None)
    more = crossval.lessons("gender", rooms, settings, data, rows, None)
    for row in rows:
        learn = np.flatnonzero(rows == row)
        train = {name: data[name][learn] for name in ("image", "target")}
        found = more(learn, train, train, 1)
        framed = wanted.get(row, [103] if row == 3 else [])
        assert found["image"][1:, 0, 0, 0].tolist() == framed
        assert (found["target"] == np.eye(2)[row % 2]).all()


def test_keypoints_have_no_lessons_besides_their_rows():
    assert crossval.lessons("keypoints", (), {}, {}, np.zeros(0), None) is None


class Asked(Exception):
    pass


def test_a_queued_run_finds_the_folds_of_the_one_that_was_killed(tmp_path, monkeypatch):
    copy = tmp_path / ".dvc" / "tmp" / "exps" / "tmp8"
    copy.mkdir(parents=True)
    monkeypatch.chdir(copy)
    room = SimpleNamespace(COLUMNS=(), strata=lambda data: None, with_preset=lambda chosen: chosen)
    monkeypatch.setattr(crossval.tasks, "room", lambda task, name: room)
    monkeypatch.setattr(crossval, "load", lambda *_: ({}, None, None))

    def cross_validated(*words):
        raise Asked(words[-2])

    monkeypatch.setattr(folds, "cross_validated", cross_validated)
    with pytest.raises(Asked) as asked:
        crossval.cross_validate("keypoints", {**RUN, "deterministic": True})
    assert asked.value.args[0] == tmp_path / ".cache" / "members"
