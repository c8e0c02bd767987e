"""Runs that are killed, stopped, or started twice, through the real DVC in clones of their own."""

import hashlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.helpers.clone import Clone
from tests.helpers.waiting import HANG, until

pytestmark = pytest.mark.slow

STAGE = "train@keypoints"
AGAIN = ("dvc", "repro", "--force", "--single-item", STAGE)


def digest(clone: Clone) -> str | None:
    model = clone.folder / "data/models/keypoints.keras"
    return hashlib.sha256(model.read_bytes()).hexdigest() if model.exists() else None


def begin(clone: Clone) -> subprocess.Popen:
    """Start the training from nothing; it stands still after its first epoch until `go_on`."""
    for kept in members(clone):
        kept.unlink()
    clone.hold.touch()
    process = clone.start(*AGAIN)

    def has_kept_an_epoch() -> bool:
        assert process.poll() is None, (clone.room / "log").read_text()
        return any(path.match("[!.]*.begun.npz") for path in members(clone))

    until(has_kept_an_epoch, "the first epoch")
    return process


def go_on(clone: Clone) -> None:
    clone.hold.unlink()


def members(clone: Clone) -> list[Path]:
    return list((clone.folder / ".cache/members").glob("*.npz"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_bytes(clone, number):
    wanted = digest(clone)
    process = begin(clone)
    os.killpg(process.pid, number)
    assert process.wait(HANG) != 0
    assert wanted and digest(clone) is None, "half a model has the name of a whole one"
    go_on(clone)
    said = clone.run(*AGAIN)
    assert "going on after epoch 1" in said.stdout + said.stderr
    assert digest(clone) == wanted


def test_a_second_run_in_the_same_folder_is_refused_and_the_first_ends_well(clone):
    wanted = digest(clone)
    first = begin(clone)
    second = clone.run(*AGAIN, ok=False)
    assert second.returncode != 0 and "blocked" in second.stdout + second.stderr
    go_on(clone)
    assert first.wait(HANG) == 0
    assert wanted and digest(clone) == wanted
