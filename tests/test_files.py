import numpy as np
import pytest

from stages import files


def test_a_failed_write_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    files.save_text(path, "good")
    with pytest.raises(RuntimeError), files.replacing(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert path.read_text() == "good"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_failed_folder_leaves_the_folder_that_was_there(tmp_path):
    path = tmp_path / "folder"
    with files.replacing(path) as unfinished:
        files.save_arrays(unfinished, {"a": np.arange(3)})
    with pytest.raises(RuntimeError), files.replacing(path) as unfinished:
        files.save_arrays(unfinished, {"b": np.arange(3)})
        raise RuntimeError
    assert [p.name for p in path.iterdir()] == ["a.npy"]


def test_a_new_folder_replaces_the_old_one(tmp_path):
    path = tmp_path / "folder"
    for name in ("old", "new"):
        with files.replacing(path) as unfinished:
            files.save_arrays(unfinished, {name: np.arange(3)})
    assert [p.name for p in path.iterdir()] == ["new.npy"]


def test_arrays_come_back_as_they_were(tmp_path):
    files.save_arrays(tmp_path, {"a": np.arange(6, dtype=np.int16).reshape(2, 3)})
    back = files.load_arrays(tmp_path, "a")["a"]
    assert isinstance(back, np.memmap) and back.dtype == np.int16
    np.testing.assert_array_equal(back, [[0, 1, 2], [3, 4, 5]])


def test_only_links_that_lead_nowhere_are_removed(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "here.txt").write_text("x")
    (tmp_path / "deep" / "good").symlink_to(tmp_path / "here.txt")
    (tmp_path / "deep" / "gone").symlink_to(tmp_path / "gone.txt")
    files.remove_dangling(tmp_path)
    files.remove_dangling(tmp_path / "no such folder")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["deep", "good", "here.txt"]


def test_nan_does_not_get_into_json(tmp_path):
    with pytest.raises(ValueError, match="Out of range"):
        files.save_json(tmp_path / "a.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())
