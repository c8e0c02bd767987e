"""An epoch in one call of JAX: in a process of its own, since Keras has one backend only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stages.training import device

pytest.importorskip("jax")
OWN_FLAG = "--xla_cpu_multi_thread_eigen=true"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def said():
    words = [sys.executable, "-m", "tests.training.jax_epochs"]
    environment = {**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": OWN_FLAG}
    ran = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.parametrize("task", ["keypoints", "gender"])
def test_an_epoch_in_one_call_learns_what_its_steps_learn(said, task):
    assert said["backend"] == "jax"
    losses = said[task]["at once"]
    assert losses == pytest.approx(said[task]["by step"], rel=2e-3)
    assert len(set(losses)) == 3  # each epoch has weights and rows of its own


def test_a_training_that_was_killed_ends_with_the_weights_of_one_that_was_not(said):
    assert said["resumes"]


def test_sums_are_taken_in_one_order_and_other_flags_stay(said):
    assert said["flags"] == [OWN_FLAG, device.IN_ORDER]


def test_only_a_gpu_counts_as_one(said):
    assert said["gpu"] == ("GPU" in said["used"].split(" (")[0])
