import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from faces.core import files, paths, sides
from faces.pseudo_labels import lessons
from faces.training import folds
from stages import crossval

SPLIT = ["test", "train", "validation", "train", "train", "test"]
NONE = {"align": False, "epochs": 0}


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Six photos whose pixels are their row, three of them aligned too, one with a wrong label."""
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"alike": [0, 1, 2, 1, 4, 5], "split": SPLIT})
    folder, keep = paths.SPLIT / "gender", {}
    for side in sides.SIDES:
        rows = np.flatnonzero(table["split"] == side)
        images = np.broadcast_to(rows[:, None, None, None], (len(rows), 2, 2, 3)).astype(np.uint8)
        target = np.eye(2)[rows % 2]
        files.save_arrays(folder, {f"{side}_images": images, f"{side}_target": target})
        keep[f"{side}_keep"] = rows != 3
    files.save_table(folder / "rows.csv", table)
    files.save_arrays(paths.LABEL_ERRORS / "gender", keep)
    aligned = np.array([5, 3, 1])
    arrays = {"aligned": np.full((3, 2, 2, 3), aligned[:, None, None, None] + 100)}
    arrays |= {"aligned_row": aligned, "faces": np.zeros((0, 2, 2, 3))}
    files.save_arrays(paths.PSEUDO_LABELS / "gender", arrays)
    return folder


def taking_part(folder: Path, which: str) -> tuple[dict, np.ndarray, pd.DataFrame]:
    rows, table = sides.taking_part(folder, which)
    return sides.columns(folder, rows, table, ("images", "target")), rows, table


@pytest.mark.parametrize(("which", "wanted"), [("all", [1, 3, 4, 2, 0, 5]), ("rest", [1, 3, 4, 2])])
def test_rows_keep_their_groups_and_label_errors(photos, which, wanted):
    data, rows, table = taking_part(photos, which)
    assert data["image"][:, 0, 0, 0].tolist() == rows.tolist() == wanted
    assert table["alike"].to_numpy()[rows].tolist() == [[0, 1, 2, 1, 4, 5][row] for row in wanted]
    keep = sides.kept(paths.LABEL_ERRORS / "gender", table)[rows]
    assert keep.tolist() == [row != 3 for row in wanted]


@pytest.mark.parametrize(("which", "wanted"), [("all", {5: [105], 1: [101]}), ("rest", {1: [101]})])
def test_a_fold_learns_from_aligned_photos_of_its_own_rows_alone(photos, which, wanted):
    data, rows, _ = taking_part(photos, which)
    found = lessons.of_rows(lessons.load(paths.PSEUDO_LABELS / "gender"), rows)
    more = lessons.Lessons(None, None, {}, NONE, {}, found, Path())
    for row in rows:
        learn = np.flatnonzero(rows == row)
        aligned, answered = more.of(data, learn, learn, 1)
        assert aligned["image"][:, 0, 0, 0].tolist() == wanted.get(row, [103] if row == 3 else [])
        assert (aligned["target"] == np.eye(2)[row % 2]).all()
        assert len(answered["image"]) == len(answered["target"]) == 0


class Asked(Exception):
    pass


def test_a_queued_run_finds_the_folds_of_the_one_that_was_killed(photos, tmp_path, monkeypatch):
    copy = tmp_path / ".dvc" / "tmp" / "exps" / "tmp8"
    copy.parent.mkdir(parents=True)
    (tmp_path / "data").rename(tmp_path / "there")
    copy.mkdir()
    (tmp_path / "there").rename(copy / "data")
    monkeypatch.chdir(copy)
    strata, modules = (lambda data: None), {"COLUMNS": ("images", "target")}
    module = SimpleNamespace(strata=strata, with_preset=lambda chosen: chosen, **modules)
    monkeypatch.setattr(crossval.tasks, "module", lambda task, name: module)

    def cross_validated(*words):
        raise Asked(words[-2])

    monkeypatch.setattr(folds, "cross_validated", cross_validated)
    text = (Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\bfolds: 0\b", "folds: 2", text)
    Path("params.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["crossval", "gender"])
    with pytest.raises(Asked) as asked:
        crossval.main()
    assert asked.value.args[0] == tmp_path / ".cache" / "members"
