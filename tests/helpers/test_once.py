import subprocess
import sys

import pytest

from tests.helpers.clone import ROOT
from tests.helpers.once import made_once

# A process that makes the folder slowly, and says so in a list beside it.
MAKER = """
import sys, time
from pathlib import Path
from tests.helpers.once import made_once

folder = Path(sys.argv[1])

def make(half):
    with folder.with_name("makers").open("a") as makers:
        makers.write("one more\\n")
    (half / "first").touch()
    time.sleep(0.2)
    (half / "last").touch()

made_once(folder, make)
assert (folder / "last").exists()
"""


def test_several_processes_make_it_once_and_none_sees_half_of_it(tmp_path):
    words = [sys.executable, "-c", MAKER, str(tmp_path / "it")]
    processes = [subprocess.Popen(words, cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert (tmp_path / "makers").read_text() == "one more\n"


def test_what_a_failure_leaves_is_not_taken_for_the_whole(tmp_path):
    def fail(half):
        (half / "a").touch()
        raise RuntimeError

    def make(half):
        (half / "b").touch()

    with pytest.raises(RuntimeError):
        made_once(tmp_path / "it", fail)
    assert not (tmp_path / "it").exists()
    assert [path.name for path in made_once(tmp_path / "it", make).iterdir()] == ["b"]
    assert made_once(tmp_path / "it", fail).exists()
