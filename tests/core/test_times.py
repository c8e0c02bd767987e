import re
import sys
from types import SimpleNamespace

import pytest

from faces.core import errors, running, times


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = SimpleNamespace(name="stages.split")
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(__spec__=spec))
    monkeypatch.setattr(sys, "argv", ["split.py", "gender"])
    return tmp_path


def test_a_stage_that_ends_is_kept_with_its_time_and_others_stay(folder):
    times.note("clean@gender", 12.34)
    running.run(lambda: None)
    kept = times.load()
    assert kept["clean@gender"]["seconds"] == 12.3 and 0 <= kept["split@gender"]["seconds"] < 5
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", kept["split@gender"]["ended"])
    assert times.TIMES.read_text(encoding="utf-8").startswith("showTimes({")


def test_a_stage_that_fails_and_what_is_no_stage_are_not_kept(folder, monkeypatch):
    def fail():
        raise errors.UserError("a", "b", "c")

    with pytest.raises(SystemExit):
        running.run(fail)
    running.run(lambda: None, timed=False)
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(__spec__=None))
    running.run(lambda: None)
    assert times.load() == {} and not times.TIMES.exists()


def test_times_that_cannot_be_read_are_replaced(folder):
    times.TIMES.parent.mkdir()
    times.TIMES.write_text("showTimes({", encoding="utf-8")
    times.note("report", 1)
    assert list(times.load()) == ["report"]
