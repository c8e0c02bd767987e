"""A kept training is found again only by a process that would give the same bits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from faces.core import threads
from faces.training import bits, hardware
from faces.training.bits import origin

ROOT = Path(__file__).parents[2]


def test_the_same_process_has_one_origin():
    assert origin() == origin() == json.loads(json.dumps(origin()))


@pytest.mark.parametrize(
    ("name", "value"), [("ONEDNN_MAX_CPU_ISA", "AVX2"), ("TF_ENABLE_ONEDNN_OPTS", "0")]
)
def test_what_chooses_instructions_is_part_of_the_origin(monkeypatch, name, value):
    monkeypatch.delenv(name, raising=False)
    before = origin()
    monkeypatch.setenv(name, value)
    assert origin() != before


def test_what_the_cpu_has_is_part_of_the_origin(monkeypatch):
    said = []
    for flags in (["fpu", "avx2"], ["fpu", "avx2", "avx512f"], ["avx2", "syscall"]):
        monkeypatch.setattr(hardware, "cpu_flags", lambda flags=flags: flags)
        said.append(bits.instructions())
    assert said == [["avx2"], ["avx2", "avx512f"], ["avx2"]]
    monkeypatch.setattr(hardware, "cpu_flags", list)
    assert len(bits.instructions()) == 2  # a system that keeps no list


def test_a_gpu_counts_by_its_name_whatever_the_cpu_is(monkeypatch):
    monkeypatch.setattr(hardware, "computes_on_gpu", lambda: True)
    monkeypatch.setattr(hardware, "gpu_name", lambda: "NVIDIA T4")
    assert origin()["processor"] == "NVIDIA T4"


def test_the_pool_counts_not_the_cores(monkeypatch):
    script = (
        "import tensorflow as tf; from faces.training import bits;"
        "print(bits.pool());"
        "tf.config.threading.set_intra_op_parallelism_threads(5); print(bits.pool())"
    )
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_NUM_INTRAOP_THREADS": "3"}
    words = [sys.executable, "-c", script]
    ran = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.stdout.split() == ["3", "5"], ran.stderr


@pytest.mark.parametrize(("value", "count"), [("", 0), ("2", 2), ("0", 0), ("-1", 0), ("x", 0)])
def test_a_variable_counts_where_it_is_a_number(monkeypatch, value, count):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", value)
    assert bits.from_environment("NOT_THERE", "TF_NUM_INTRAOP_THREADS") == count


def test_without_a_choice_a_pool_has_a_thread_for_each_core_that_may_be_used(monkeypatch):
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    monkeypatch.setattr(threads, "cores", lambda: 7)
    assert bits.pool() == 7
