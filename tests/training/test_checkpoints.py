"""A training that is stopped anywhere ends with the bytes of one that was not."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from faces.training import checkpoints
from tests.helpers import small
from tests.helpers.clone import IN_STAGES
from tests.helpers.waiting import HANG, until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    small.run(folder)
    return small.digest(folder)


@pytest.fixture
def dies_after_each_epoch(monkeypatch):
    """Each call of fit ends after one epoch, as if killed there; counts them."""
    deaths = []
    keep = checkpoints.Checkpoint.on_epoch_end

    def end(self, epoch, logs=None):
        keep(self, epoch, logs)
        deaths.append(epoch)
        raise Killed

    monkeypatch.setattr(checkpoints.Checkpoint, "on_epoch_end", end)
    return deaths


def until_done(folder: Path, **changes) -> None:
    while True:
        try:
            return small.run(folder, **changes)
        except Killed:
            pass


def test_stopped_after_every_epoch_it_ends_with_the_same_bytes(
    unbroken, dies_after_each_epoch, tmp_path
):
    until_done(tmp_path)
    assert dies_after_each_epoch == list(range(small.EPOCHS))
    assert small.digest(tmp_path) == unbroken
    assert [p.suffixes for p in (tmp_path / "kept").iterdir()] == [[".npz"]]


def test_without_validation_rows_too(dies_after_each_epoch, tmp_path, monkeypatch):
    until_done(tmp_path / "stopped", alone=True)
    assert dies_after_each_epoch == list(range(small.EPOCHS))
    monkeypatch.undo()
    small.run(tmp_path / "whole", alone=True)
    assert small.digest(tmp_path / "stopped") == small.digest(tmp_path / "whole")


def test_patience_is_remembered(dies_after_each_epoch, tmp_path, monkeypatch):
    """Without a better score, patience 2 ends it after the second epoch."""
    monkeypatch.setattr(keras.callbacks.EarlyStopping, "_is_improvement", lambda *_: False)
    until_done(tmp_path, patience=2)
    assert dies_after_each_epoch == [0, 1]


def start(folder: Path) -> subprocess.Popen:
    """A training in that folder, which stands still after an epoch while FOLDER/hold is there."""
    folder.mkdir(exist_ok=True)
    words = [sys.executable, "-m", "tests.helpers.small", str(folder)]
    env = {**os.environ, "PYTHONPATH": str(IN_STAGES), "HOLD": str(folder / "hold")}
    with (folder / "log").open("a") as log:
        return subprocess.Popen(words, cwd=ROOT, env=env, stdout=log, stderr=log)


def epochs_kept(folder: Path) -> int:
    begun = [checkpoints.read(p)[0] for p in (folder / "kept").glob("*.begun.npz")]
    return begun[0].get("done", 0) if begun else 0


def kill_once(folder: Path, after: int, delay: float) -> bool:
    """Start a training, kill it after so many epochs and seconds; whether that came in time."""
    process = start(folder)

    def is_time() -> bool:
        return process.poll() is not None or epochs_kept(folder) >= after

    until(is_time, f"epoch {after}", pause=0.01)
    time.sleep(delay)
    process.kill()
    return process.wait() < 0


def finish(folder: Path) -> str:
    process = start(folder)
    assert process.wait(HANG) == 0, (folder / "log").read_text()
    return small.digest(folder)


def test_kill_9_and_another_run_end_with_the_same_bytes(unbroken, tmp_path, capsys):
    (tmp_path / "hold").touch()
    assert kill_once(tmp_path, after=1, delay=0), (tmp_path / "log").read_text()
    assert not (tmp_path / "model.keras").exists()
    small.run(tmp_path)
    assert small.digest(tmp_path) == unbroken
    assert "going on after epoch 1" in capsys.readouterr().out


@pytest.mark.soak
def test_20_kills_at_random_times_give_20_equal_models(tmp_path, capsys):
    rng, kills, equal = random.Random(int(os.environ.get("SOAK_SEED", "1"))), 20, 0
    wanted = finish(tmp_path / "unbroken")
    for number in range(1, kills + 1):
        folder = tmp_path / str(number)
        # From before the first epoch's end to after the last one's.
        in_time = kill_once(folder, rng.randrange(small.EPOCHS), rng.uniform(0, 1))
        same = finish(folder) == wanted
        equal += same
        with capsys.disabled():
            said = "killed" if in_time else "ended before the kill"
            print(f"kill {number} of {kills}: {said}, {'equal' if same else 'DIFFERENT'}")
    assert equal == kills


def test_a_broken_checkpoint_counts_as_none(tmp_path, capsys):
    path = tmp_path / "a.npz"
    np.savez(path, state=np.array('{"done": 3}'), variable_00000=np.arange(1000))
    whole = path.read_bytes()
    assert checkpoints.read(path)[0] == {"done": 3}
    for broken in (whole[: len(whole) // 2], b"", whole[:3000] + b"x" + whole[3001:]):
        path.write_bytes(broken)
        assert checkpoints.read(path) == ({}, {})
        assert "from the first epoch" in capsys.readouterr().out
    assert checkpoints.read(tmp_path / "none.npz") == ({}, {})


def test_a_full_disk_does_not_end_the_training(tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    checkpoint = checkpoints.Checkpoint(tmp_path / "a.npz", 3)
    monkeypatch.setattr(np, "savez", full)
    checkpoint._write({"done": 1}, {})
    assert "No space left" in capsys.readouterr().out and not list(tmp_path.iterdir())
