"""Runs that are killed, stopped, or started twice, through the real DVC in a clone of their own."""

import hashlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from faces.training import checkpoints
from tests.helpers.clone import EPOCHS, Clone
from tests.helpers.waiting import HANG, until

pytestmark = pytest.mark.slow

STAGE = "train@keypoints"
AGAIN = ("dvc", "repro", "--force", "--single-item", STAGE)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


def digest(clone: Clone) -> str | None:
    model = clone.folder / "data/models/keypoints.keras"
    return hashlib.sha256(model.read_bytes()).hexdigest() if model.exists() else None


def members(clone: Clone) -> list[Path]:
    return list((clone.folder / ".cache/members").glob("*.npz"))


def epochs_kept(clone: Clone) -> int:
    begun = [path for path in members(clone) if path.match("[!.]*.begun.npz")]
    return checkpoints.read(begun[0])[0]["done"] if begun else 0


def held_after(clone: Clone, epoch: int) -> subprocess.Popen:
    """The training, started; it stands still after that epoch, its next one."""
    process = clone.start(*AGAIN)

    def has_kept_it() -> bool:
        assert process.poll() is None, (clone.room / "log").read_text()
        return epochs_kept(clone) == epoch

    until(has_kept_it, f"epoch {epoch}")
    return process


def test_a_run_that_is_stopped_goes_on_and_ends_with_the_same_bytes(clone):
    wanted = digest(clone)
    for kept in members(clone):
        kept.unlink()
    clone.hold.touch()
    for epoch, number in enumerate(SIGNALS, 1):
        process = held_after(clone, epoch)
        os.killpg(process.pid, number)
        assert process.wait(HANG) != 0
        assert wanted and digest(clone) is None, "half a model has the name of a whole one"

    last = held_after(clone, EPOCHS)
    second = clone.run(*AGAIN, ok=False)
    assert second.returncode != 0 and "blocked" in second.stdout + second.stderr
    clone.hold.unlink()
    assert last.wait(HANG) == 0 and digest(clone) == wanted
    said = (clone.room / "log").read_text()
    assert all(f"going on after epoch {epoch}" in said for epoch in range(1, EPOCHS))
