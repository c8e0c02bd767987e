"""Runs that are killed, stopped, or started twice, through the real DVC in a clone of its own."""

import hashlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.test_pipeline import Clone

STAGE = "train@keypoints"
AGAIN = ("dvc", "repro", "--force", "--single-item", STAGE)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A clone in which the stage has run, with epochs enough to be stopped between two of them."""
    clone = Clone(tmp_path_factory.mktemp("interrupted"))
    params = clone.folder / "params.yaml"
    text = params.read_text(encoding="utf-8")
    for old, new in {"epochs: 2\n": "epochs: 60\n", "patience: 20 ": "patience: 60 "}.items():
        assert f"\n  {old}" in text
        text = text.replace(f"\n  {old}", f"\n  {new}", 1)
    params.write_text(text, encoding="utf-8")
    clone.commit("more epochs")
    clone.dvc("repro", STAGE)
    clone.wanted = digest(clone)
    return clone


def digest(clone: Clone) -> str | None:
    model = clone.folder / "data/models/keypoints.keras"
    return hashlib.sha256(model.read_bytes()).hexdigest() if model.exists() else None


def begin(clone: Clone) -> subprocess.Popen:
    """Start the training from nothing; it is past its first epoch when this returns."""
    for kept in members(clone):
        kept.unlink()
    process = clone.start(*AGAIN)
    deadline = time.monotonic() + 300
    while not any(path.match("[!.]*.begun.npz") for path in members(clone)):
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def members(clone: Clone) -> list[Path]:
    return list((clone.folder / ".cache/members").glob("*.npz"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_bytes(trained, number):
    process = begin(trained)
    os.killpg(process.pid, number)
    assert process.wait(60) != 0
    assert digest(trained) is None, "half a model has the name of a whole one"
    said = trained.run(*AGAIN)
    assert "going on after epoch" in said.stdout + said.stderr
    assert digest(trained) == trained.wanted


def test_a_second_run_in_the_same_folder_is_refused_and_the_first_ends_well(trained):
    first = begin(trained)
    second = trained.run(*AGAIN, ok=False)
    assert second.returncode != 0 and "blocked" in second.stdout + second.stderr
    assert first.wait(300) == 0
    assert digest(trained) == trained.wanted
