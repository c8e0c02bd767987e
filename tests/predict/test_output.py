import json
import os

import pytest

from faces.core.errors import Stopped, UserError
from faces.core.stopping import Stopping
from faces.predict.output import Form, InFile, as_json, number_of, output

ENTRIES = [{"path": f"{i}\u2028\x85.jpg", "error": None, "faces": [{"box": [i]}]} for i in range(3)]


class Full:
    """A file that has room for so many bytes more, and then for a part of what is written."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, content):
        if self.file.tell() + len(content) <= self.room:
            return self.file.write(content)
        fits = self.room - self.file.tell()
        if fits <= 0:
            raise OSError(28, "No space left on device")
        return self.file.write(content[:fits])

    def __getattr__(self, name):
        return getattr(self.file, name)


@pytest.mark.parametrize("as_list", [True, False])
def test_what_is_in_the_file_can_be_read_after_each_entry(tmp_path, as_list):
    def read():
        text = (tmp_path / "a").read_text(encoding="utf-8")
        return json.loads(text) if as_list else [json.loads(x) for x in text.split("\n") if x]

    with (tmp_path / "a").open("wb", buffering=0) as file:
        written = InFile(file, Form(as_list))
        for number, entry in enumerate(ENTRIES):
            assert read() == ENTRIES[:number]
            written.add(entry)
        assert read() == ENTRIES


def test_a_list_has_the_looks_of_python_s_own(tmp_path):
    with output(tmp_path / "a.json", True, Stopping()) as out:
        for entry in ENTRIES:
            out.add(entry)
    expected = json.dumps(ENTRIES, indent=2, ensure_ascii=False) + "\n"
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("as_list", [True, False])
def test_wherever_the_disk_is_full_the_entries_before_are_whole(tmp_path, as_list):
    path = tmp_path / "a"
    for room in range(20, 400, 7):
        with path.open("wb", buffering=0) as file:
            written = InFile(Full(file, room), Form(as_list))
            with pytest.raises(OSError, match="No space"):
                for entry in ENTRIES * 9:
                    written.add(entry)
        text = path.read_text(encoding="utf-8")
        kept = json.loads(text) if as_list else [json.loads(x) for x in text.split("\n") if x]
        assert kept == (ENTRIES * 9)[: written.count] and len(text.encode()) <= room


def test_a_failed_run_leaves_its_answers_and_one_without_any_what_was_there(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(RuntimeError), output(path, True, Stopping()):
        raise RuntimeError
    assert path.read_text() == "old"
    with pytest.raises(RuntimeError), output(path, True, Stopping()) as out:
        out.add(ENTRIES[0])
        raise RuntimeError
    assert json.loads(path.read_text(encoding="utf-8")) == ENTRIES[:1]
    assert os.listdir(tmp_path) == ["a.json"]  # noqa: PTH208


def test_a_fault_of_reading_is_not_called_one_of_writing(tmp_path):
    with pytest.raises(OSError, match="bad sector"), output(tmp_path / "a", True, Stopping()):
        raise OSError(5, "bad sector of the card with the photos")


def test_what_is_said_to_be_kept_is_not_said_where_it_has_no_name(tmp_path):
    """A folder takes the place while the run goes on: no promise, but where the answers lie."""
    path = tmp_path / "a.json"
    lies = pytest.raises(UserError, match="what was written lies in")
    with lies as error, output(path, True, Stopping()) as out:
        out.add(ENTRIES[0])
        path.mkdir()
        raise Stopped
    assert "given until then" not in str(error.value)
    assert json.loads((tmp_path / ".a.unfinished.json").read_text()) == ENTRIES[:1]


def test_every_byte_of_a_name_comes_back():
    names = [bytes([b]) for b in range(1, 256)] + [b"\xea\xb0\x80", "😀\u2028".encode()]
    for name in names:
        path = os.fsdecode(b"x" + name)
        for encoding in ("utf-8", "ascii", "latin-1", "utf-16", "cp949"):
            text = as_json({"path": path}, encoding)
            back = json.loads(text.encode(encoding).decode(encoding))["path"]
            assert os.fsencode(back) == b"x" + name


def test_numbers_of_open_files_are_known_by_their_names(tmp_path):
    assert [number_of(p) for p in map(type(tmp_path), ("/dev/stdout", "/dev/fd/63"))] == [1, 63]
    assert number_of(tmp_path / "dev" / "fd" / "63") is None


def test_a_number_that_is_not_open_is_refused(tmp_path):
    refused = pytest.raises(UserError, match="answers to be written")
    with refused, output(type(tmp_path)("/dev/fd/987"), True, Stopping()):
        pass
