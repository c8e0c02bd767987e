import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from faces.core import errors, files, running
from tests.helpers.processes import alive
from tests.helpers.waiting import HANG, until

ROOT = Path(__file__).parents[2]
# A stage that says its id and waits for a word, under a parent that may be killed.
STAGE = "from faces.core import running; import os; running.run(lambda: "
STAGE += "(print(os.getpid(), flush=True), print('heard', input(), flush=True)))"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {STAGE!r}])"


def test_a_full_disk_is_one_line(capsys):
    def main():
        raise OSError(errno.ENOSPC, "No space left on device", "data/x.npy")

    with pytest.raises(SystemExit):
        running.run(main)
    said = capsys.readouterr().err
    assert said.startswith("error: Expected room") and said.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EIO, "input/output error"), "input/output error"),
        (MemoryError("8 GB"), "Expected enough memory. Received: MemoryError, 8 GB."),
        (ModuleNotFoundError("No module named 'six'"), "pip install -c constraints.txt"),
        (ValueError("a\nb" + chr(27)), "Received one: a b?."),
        (errors.UserError("a", "b", "c."), "error: Expected a. Received: b. c."),
    ],
)
def test_any_error_is_one_line_and_a_traceback_only_on_request(capsys, monkeypatch, error, said):
    def main():
        raise error

    for wanted in ("", "0", "1"):
        monkeypatch.setenv(errors.TRACEBACK, wanted)
        with pytest.raises(SystemExit, match="1"):
            running.run(main)
        shown = capsys.readouterr().err
        assert said in shown.splitlines()[-1]
        assert (shown.count("\n") == 1) == (wanted != "1")
        assert ("Traceback" in shown) == (wanted == "1")


def test_an_error_names_the_last_line_of_ours_that_it_came_through():
    with pytest.raises(TypeError) as caught:
        files.repository("a folder")
    assert errors.place(caught.value) == ""  # it never got inside
    with pytest.raises(TypeError) as caught:
        files.save_text(None, "")
    assert errors.place(caught.value).startswith(" in faces/core/files.py, line ")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EIO, errno.ENAMETOOLONG])
def test_what_the_system_refuses_is_one_line_with_the_name_of_the_file(number, capsys):
    def main():
        raise OSError(number, os.strerror(number), "data/x.npy")

    with pytest.raises(SystemExit) as end:
        running.run(main)
    said = capsys.readouterr().err
    assert end.value.code == 1 and said.count("\n") == 1
    assert os.strerror(number) in said and "data/x.npy" in said


@pytest.mark.parametrize(
    ("stop", "said", "status"),
    [
        (KeyboardInterrupt(), "stopped\n", 130),
        (errors.Stopped(signal.SIGTERM, "a.json has 3 answers"), "stopped: a.json has 3 ans", 143),
    ],
)
def test_who_stops_a_run_is_told_what_is_there_and_nothing_else(stop, said, status, capsys):
    before = signal.getsignal(signal.SIGINT)

    def main():
        raise stop

    try:
        with pytest.raises(SystemExit) as end:
            running.run(main)
    finally:
        signal.signal(signal.SIGINT, before)
    assert end.value.code == status
    assert capsys.readouterr().err.startswith(said)


def ran(code: str, tail: str = "", **options) -> subprocess.CompletedProcess:
    words = ["bash", "-c", f'set -o pipefail; "$0" -c "$1" {tail}', sys.executable, code]
    return subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=HANG, check=False, **options
    )


PRINTS = "from faces.core import running; running.run(lambda: print('\\n'.join('x' * 99999)))"


def test_a_reader_that_has_seen_enough_ends_a_program_without_a_word():
    done = ran(PRINTS, "| head -1")
    assert (done.stdout, done.stderr, done.returncode) == ("x\n", "", running.READER_GONE)


def test_a_full_disk_behind_stdout_is_one_line():
    done = ran(PRINTS, "> /dev/full")
    assert done.returncode == 1 and done.stderr.startswith("error: Expected room")
    assert done.stderr.count("\n") == 1


def test_a_program_without_words_refuses_them_before_it_begins():
    code = "from faces.core import running; import sys; sys.argv = ['x', 'now']\n"
    done = ran(f"{code}running.run(lambda: print('began'), words=False)")
    assert done.returncode == 1 and "now" in done.stderr and not done.stdout
    code = code.replace("now", "--help")
    done = ran(f"'About it.'\n{code}running.run(lambda: print('began'), words=False)")
    assert (done.returncode, done.stdout) == (0, "About it.\n")


def test_a_write_cut_short_leaves_what_was_there(tmp_path):
    """A limit on the size of files fails in the middle of a write, as a full disk does."""
    path = tmp_path / "arrays"
    with files.replacing(path) as folder:
        files.save_arrays(folder, {"a": np.arange(3)})
    code = f"""
import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
import numpy as np
from pathlib import Path
from faces.core import running; from faces.core import files
def main():
    with files.replacing(Path({str(path)!r})) as folder:
        files.save_arrays(folder, {{"a": np.arange(300), "b": np.zeros(10**6)}})
running.run(main)
"""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 1 and done.stderr.startswith("error: Expected room"), done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["arrays"]
    assert np.load(path / "a.npy").tolist() == [0, 1, 2]


@pytest.mark.parametrize("by_dvc", [True, False])
def test_a_stage_ends_with_the_dvc_that_runs_it_and_with_nothing_else(by_dvc):
    env = {**os.environ, "DVC_STAGE": "train"} if by_dvc else dict(os.environ)
    words, pipes = [sys.executable, "-c", PARENT], {"stdin": subprocess.PIPE}
    pipes["stdout"] = subprocess.PIPE
    parent = subprocess.Popen(words, cwd=ROOT, env=env, text=True, bufsize=1, **pipes)
    stage = int(parent.stdout.readline())
    try:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        if by_dvc:
            until(lambda: not alive(stage), "the end of the stage")
        else:
            time.sleep(2)  # what must not happen would have happened by then
            parent.stdin.write("a word\n")
            assert parent.stdout.readline() == "heard a word\n"
    finally:
        if alive(stage):
            os.kill(stage, signal.SIGKILL)
        parent.stdin.close()
        parent.stdout.close()
