import os

import pytest

from faces.data.photos import PhotoFault
from faces.predict.inputs import expand, is_video, read_file


@pytest.fixture
def tree(tmp_path):
    for name in (
        "b/2.JPG",
        "b/1.png",
        "a/deep/3.webp",
        "a/notes.txt",
        "a/.hidden.jpg",
        ".git/x.png",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def under(tree, words) -> list[str]:
    return [os.path.relpath(path, tree) for path in expand(words)]


def test_a_folder_gives_its_photos_and_those_of_its_folders_sorted(tree):
    assert under(tree, [str(tree)]) == ["a/deep/3.webp", "b/1.png", "b/2.JPG"]


def test_a_glob_that_no_shell_has_expanded_is_expanded(tree):
    assert under(tree, [f"{tree}/b/*.*"]) == ["b/1.png", "b/2.JPG"]
    assert under(tree, [f"{tree}/**/*.webp"]) == ["a/deep/3.webp"]


def test_words_keep_their_order_and_what_is_not_there_stays(tree):
    words = [str(tree / "b/2.JPG"), str(tree / "no.jpg"), str(tree / "a")]
    assert under(tree, words) == ["b/2.JPG", "no.jpg", "a/deep/3.webp"]
    assert under(tree, [f"{tree}/*.gif"]) == ["*.gif"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tree):
    (tree / "me[1].jpg").write_bytes(b"x")
    assert under(tree, [str(tree / "me[1].jpg")]) == ["me[1].jpg"]


def test_what_cannot_be_read_says_why(tree):
    (tree / "empty").mkdir()
    for path, reason in ((tree / "no.jpg", "no such file"), (tree / "empty", "without photos")):
        with pytest.raises(PhotoFault, match=reason):
            read_file(str(path))
    assert under(tree, [str(tree / "empty")]) == ["empty"]


def test_pictures_that_are_not_read_and_links_to_nowhere_are_given_for_their_entries(tree):
    for name in ("b/IMG_1.CR2", "b/x.HEIC", "b/d.svg", "b/Thumbs.db", "b/._1.jpg", "b/x.csv"):
        (tree / name).write_bytes(b"x")
    (tree / "b/gone.jpg").symlink_to(tree / "nowhere.jpg")
    names = ["IMG_1.CR2", "d.svg", "gone.jpg", "x.HEIC"]
    found = [name.removeprefix("b/") for name in under(tree, [str(tree / "b")])]
    assert found == sorted([*names, "1.png", "2.JPG"])


def test_linked_folders_are_followed_and_loops_end(tree, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "5.jpg").write_bytes(b"x")
    (elsewhere / "back").symlink_to(tree)
    (tree / "0").symlink_to(elsewhere)
    (tree / "1").symlink_to(tree / "b")  # which is there itself
    assert under(tree, [str(tree)]) == ["0/5.jpg", "a/deep/3.webp", "b/1.png", "b/2.JPG"]


def test_videos_among_photos_are_counted_on_stderr(tree, capsys):
    for name in ("b/IMG_1.MOV", "a/x.mp4"):
        (tree / name).write_bytes(b"x")
    assert len(under(tree, [str(tree)])) == 3
    said = capsys.readouterr()
    assert "2 videos left out" in said.err and not said.out


def test_a_folder_that_cannot_be_read_says_so(tree, monkeypatch):
    real = os.listdir, os.scandir

    def closed(how):
        def look(path="."):
            if str(path).endswith("deep"):
                raise PermissionError(13, "Permission denied", str(path))
            return real[how](path)

        return look

    monkeypatch.setattr(os, "listdir", closed(0))
    monkeypatch.setattr(os, "scandir", closed(1))
    assert under(tree, [str(tree)]) == ["a/deep", "b/1.png", "b/2.JPG"]
    with pytest.raises(PhotoFault, match=r"cannot be read \(Permission denied\)"):
        read_file(str(tree / "a/deep"))


def test_videos_are_told_by_their_name():
    assert is_video("x/CLIP.MP4") and not is_video("mp4.jpg")
