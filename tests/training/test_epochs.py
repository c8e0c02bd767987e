"""An epoch in one call of JAX: in a process of its own, since Keras has one backend only."""

import json

import pytest

from faces.training import hardware
from tests.helpers.backends import said_on

pytest.importorskip("jax")
pytestmark = pytest.mark.slow

OWN_FLAG = "--xla_cpu_multi_thread_eigen=true"


@pytest.fixture(scope="module")
def said():
    printed = said_on("jax", "tests.helpers.jax_epochs", XLA_FLAGS=OWN_FLAG)
    return json.loads(printed.splitlines()[-1])


def test_an_epoch_in_one_call_learns_what_its_steps_learn(said):
    assert said["backend"] == "jax"
    losses = said["at once"]
    assert losses == pytest.approx(said["by step"], rel=2e-3)
    assert len(set(losses)) == 3  # each epoch has weights and rows of its own


def test_a_training_that_was_killed_ends_with_the_weights_of_one_that_was_not(said):
    assert said["resumes"]


def test_sums_are_taken_in_one_order_and_other_flags_stay(said):
    assert said["flags"] == [OWN_FLAG, hardware.IN_ORDER]


def test_only_a_gpu_counts_as_one(said):
    assert said["gpu"] == ("GPU" in said["used"].split(" (")[0])


def test_what_a_gpu_runs_is_compiled_once_for_all_members_and_folds(said):
    assert said["compiled"] == [0, 1]  # on a CPU nothing is kept
