import errno
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from faces.core import files


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


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe, came = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: came.append(pipe.read_text()), daemon=True)
    reader.start()
    files.save_text(pipe, "whole")
    reader.join(20)
    assert came == ["whole"] and pipe.is_fifo() and names(tmp_path) == ["pipe"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes devices")
def test_a_device_is_written_to_and_stays_one_also_where_it_fails(tmp_path):
    null, full = tmp_path / "null", tmp_path / "full"
    try:
        os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        os.mknod(full, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
    except PermissionError:
        pytest.skip("no devices here")
    files.save_text(null, "gone")
    with pytest.raises(OSError, match="No space"):
        files.save_text(full, "refused")
    assert null.is_char_device() and full.is_char_device() and names(tmp_path) == ["full", "null"]


def test_a_link_stays_and_its_target_is_replaced_as_a_whole(tmp_path):
    (tmp_path / "far").mkdir()
    real, link = tmp_path / "far" / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to("far/real.txt")
    with pytest.raises(RuntimeError), files.replacing(link) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert real.read_text() == "old" and names(tmp_path / "far") == ["real.txt"]
    files.save_text(link, "new")
    assert link.is_symlink() and real.read_text() == "new" and not real.is_symlink()


def test_the_target_of_a_link_is_made_where_its_folder_is_there(tmp_path):
    (tmp_path / "link").symlink_to("new.txt")
    files.save_text(tmp_path / "link", "x")
    assert (tmp_path / "new.txt").read_text() == "x"
    (tmp_path / "astray").symlink_to(tmp_path / "unmounted" / "new.txt")
    with pytest.raises(FileNotFoundError):
        files.save_text(tmp_path / "astray", "x")
    assert not (tmp_path / "unmounted").exists()


def test_links_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="links") as error:
        files.save_text(tmp_path / "a", "x")
    assert error.value.errno == errno.ELOOP and names(tmp_path) == ["a", "b"]


def test_what_a_link_of_dvc_has_in_the_cache_stays(tmp_path):
    cached = tmp_path / "cache/files/md5/ab" / ("c" * 30)
    cached.parent.mkdir(parents=True)
    cached.write_text("of another commit")
    (tmp_path / "out.txt").symlink_to(cached)
    files.save_text(tmp_path / "out.txt", "new")
    assert cached.read_text() == "of another commit"
    assert (tmp_path / "out.txt").read_text() == "new" and not (tmp_path / "out.txt").is_symlink()


def test_the_other_name_of_a_file_keeps_what_it_had(tmp_path):
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    files.save_text(tmp_path / "a", "new")
    assert (tmp_path / "b").read_text() == "old"


@pytest.mark.parametrize("name", ["a" * 250 + ".json", "가" * 85, "x" * 255, "a." + "b" * 253])
def test_the_longest_names_can_be_written(tmp_path, name):
    assert len(name.encode()) == 255
    for content in ("old", "new"):
        files.save_text(tmp_path / name, content)
    assert names(tmp_path) == [name] and (tmp_path / name).read_text() == "new"


def test_long_names_that_begin_alike_are_written_side_by_side(tmp_path):
    first, second = (tmp_path / ("a" * 240 + end) for end in ("1.txt", "2.txt"))
    with files.replacing(first) as one, files.replacing(second) as other:
        one.write_text("1")
        other.write_text("2")
    assert (first.read_text(), second.read_text()) == ("1", "2")


def test_a_replaced_file_keeps_its_rights_and_a_new_one_has_the_usual(tmp_path):
    path = tmp_path / "a.txt"
    before = os.umask(0o027)
    try:
        files.save_text(path, "new")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        files.save_text(path, "again")
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
        path.chmod(0o444)  # as DVC has its outputs: no reason to have them so for ever
        files.save_text(path, "again")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    finally:
        os.umask(before)


def refusing(monkeypatch, number: int) -> None:
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refuse)


def test_a_file_that_cannot_be_replaced_is_written_to(tmp_path, monkeypatch):
    path = tmp_path / "mounted.txt"
    path.write_text("old, and longer")
    number = path.stat().st_ino
    refusing(monkeypatch, errno.EBUSY)
    files.save_text(path, "new")
    assert path.read_text() == "new" and path.stat().st_ino == number
    assert names(tmp_path) == ["mounted.txt"]


def test_a_file_in_a_folder_that_is_read_only_is_written_to(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: Path(p) != tmp_path and allowed(p, mode))
    refusing(monkeypatch, errno.EACCES)
    with files.replacing(path) as unfinished:
        assert unfinished.parent != tmp_path and unfinished.suffix == ".txt"
        unfinished.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and not unfinished.parent.exists()


def test_what_cannot_be_put_in_its_place_is_kept_and_named(tmp_path, monkeypatch):
    refusing(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="what was written lies in") as error:
        files.save_text(tmp_path / "a.txt", "new")
    assert (tmp_path / ".a.unfinished.txt").read_text() == "new"
    assert str(tmp_path / ".a.unfinished.txt") in str(error.value)


def test_a_folder_comes_back_where_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    path, moved = tmp_path / "folder", os.replace
    path.mkdir()
    (path / "old.txt").write_text("x")

    def refuse_the_new(source, target):
        if "unfinished" in str(source):
            raise OSError(errno.EIO, "no")
        moved(source, target)

    monkeypatch.setattr(os, "replace", refuse_the_new)
    with pytest.raises(OSError, match="no"), files.replacing(path) as unfinished:
        unfinished.mkdir()
    assert names(path) == ["old.txt"]


def test_a_file_does_not_take_the_place_of_a_folder(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_text("x")
    with pytest.raises(OSError, match="directory"):
        files.save_text(tmp_path / "folder", "x")
    assert names(tmp_path / "folder") == ["a"]
