import pytest

from faces.core.errors import UserError
from faces.data.archives import check_members, open_zip, write_zip
from faces.data.members import find_member
from tests.conftest import open_bytes, zip_of


def test_a_flipped_bit_is_found():
    data = bytearray(zip_of({"a.txt": b"hello hello hello"}))
    data[data.index(b"hello")] ^= 1
    with pytest.raises(UserError, match=r"a\.txt is damaged"):
        check_members(open_bytes(bytes(data)), "a.zip")


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "x/../../a.txt", "..\\a.txt"])
def test_a_member_that_would_be_written_elsewhere_is_refused(name):
    with pytest.raises(UserError, match=r"members inside a\.zip"):
        check_members(open_bytes(zip_of({name: b"x"})), "a.zip")


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"PK\x03\x04 cut"])
def test_what_is_no_zip_is_one_error(tmp_path, content):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(UserError, match="a zip archive at"):
        open_zip(path)


def test_a_missing_archive_is_one_error(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        open_zip(tmp_path / "a.zip")


def test_a_missing_member_is_named_with_what_is_there():
    with pytest.raises(UserError, match=r"training\.csv in a\.zip.*Received: b\.csv"):
        find_member(open_bytes(zip_of({"b.csv": b""})), "training.csv", "a.zip")


def test_archives_of_the_same_members_are_the_same_bytes(tmp_path):
    file = tmp_path / "a.txt"
    for path in ("1.zip", "2.zip"):
        file.write_bytes(b"content")
        write_zip(tmp_path / path, [("a.txt", file), ("b.txt", b"more")])
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert open_zip(tmp_path / "1.zip").read("a.txt") == b"content"
