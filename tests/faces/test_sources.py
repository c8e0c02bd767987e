import os

import pytest

from stages.faces.sources import batches, expand, is_video, read_file
from stages.photos import PhotoFault


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


def test_videos_are_told_by_their_name():
    assert is_video("x/CLIP.MP4") and not is_video("mp4.jpg")


def test_batches_hold_everything_in_order():
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
