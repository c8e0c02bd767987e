import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from stages import errors, files

ROOT = Path(__file__).parents[1]
# A stage that says its id and sleeps, under a parent that may be killed.
STAGE = "from stages import errors; import os, time; errors.run(lambda: "
STAGE += "(print(os.getpid(), flush=True), time.sleep(60)))"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {STAGE!r}])"


def test_a_full_disk_is_one_line(capsys):
    def main():
        raise OSError(errno.ENOSPC, "No space left on device", "data/x.npy")

    with pytest.raises(SystemExit):
        errors.run(main)
    said = capsys.readouterr().err
    assert said.startswith("error: Expected room") and said.count("\n") == 1


def test_another_fault_of_the_system_keeps_its_traceback():
    def main():
        raise OSError(errno.EIO, "input/output error")

    with pytest.raises(OSError, match="input/output"):
        errors.run(main)


def test_a_write_cut_short_leaves_what_was_there(tmp_path):
    """A limit on the size of files fails in the middle of a write, as a full disk does."""
    path = tmp_path / "arrays"
    with files.replacing(path) as folder:
        files.save_arrays(folder, {"a": np.arange(3)})
    code = f"""
import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
import numpy as np
from pathlib import Path
from stages import errors, files
def main():
    with files.replacing(Path({str(path)!r})) as folder:
        files.save_arrays(folder, {{"a": np.arange(300), "b": np.zeros(10**6)}})
errors.run(main)
"""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.startswith("error: Expected room"), done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["arrays"]
    assert np.load(path / "a.npy").tolist() == [0, 1, 2]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A killed process that nobody has asked about is one no more.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return not state.stdout.startswith("Z")


@pytest.mark.parametrize("by_dvc", [True, False])
def test_a_stage_ends_with_the_dvc_that_runs_it_and_with_nothing_else(by_dvc):
    env = {**os.environ, "DVC_STAGE": "train"} if by_dvc else dict(os.environ)
    words = [sys.executable, "-c", PARENT]
    parent = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    stage = int(parent.stdout.readline())
    try:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + (20 if by_dvc else 2)
        while alive(stage) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert alive(stage) != by_dvc
    finally:
        if alive(stage):
            os.kill(stage, signal.SIGKILL)
        parent.stdout.close()
