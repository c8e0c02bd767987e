"""What is said of GPUs on machines that are not here."""

from dataclasses import replace

import pytest

from faces import device
from faces.device import Seen

GOOD = Seen("tensorflow", ("/physical_device:GPU:0",), "auto", ("GPU 0: NVIDIA H100",))
BLIND = replace(GOOD, usable=())


def test_a_gpu_that_is_used_needs_no_reason():
    assert device.reasons(GOOD) == []
    said = "\n".join(device.sentences(GOOD))
    assert "sees 1 GPU" in said and "NVIDIA H100" in said and "why" not in said


@pytest.mark.parametrize(
    ("seen", "reason", "todo"),
    [
        (replace(GOOD, wanted="cpu"), "device: cpu", "device: auto"),
        (replace(BLIND, driver=None), "no NVIDIA driver", "install its driver"),
        (replace(BLIND, driver=(), trouble="it failed"), "it failed", "restart"),
        (replace(BLIND, hidden=""), "CUDA_VISIBLE_DEVICES= hides", "unset CUDA_VISIBLE_DEVICES"),
        (replace(BLIND, hidden="-1"), "CUDA_VISIBLE_DEVICES=-1 hides", "unset"),
        (replace(BLIND, hidden="1"), "CUDA_VISIBLE_DEVICES=1 hides", "unset"),
        (replace(BLIND, supported=False), "without GPU support", "requirements-gpu.txt"),
        (replace(BLIND, missing=("cudart", "cudnn")), "cudart, cudnn", "requirements-gpu.txt"),
        (replace(BLIND, backend="jax", supported=False), "this jax is", "jax[cuda"),
        (replace(BLIND, hidden="0"), "too old", "nvidia-smi"),
    ],
)
def test_each_reason_is_said_with_what_to_do(seen, reason, todo):
    found = device.reasons(seen)
    assert len(found) == 1 and reason in found[0] and todo in found[0]
    assert device.sentences(seen)[-1].endswith(found[0])


def test_two_reasons_are_both_said():
    found = device.reasons(replace(BLIND, driver=None, hidden="-1"))
    assert len(found) == 2 and "driver" in found[0] and "hides" in found[1]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo 'GPU 0: NVIDIA H100 80GB (UUID: GPU-1)'", (("GPU 0: NVIDIA H100 80GB",), "")),
        ("echo 'could not\n talk'; exit 9", ((), "could not talk")),
        (None, (None, "")),
    ],
)
def test_the_driver_is_asked_for_its_list(tmp_path, monkeypatch, script, expected):
    monkeypatch.setenv("PATH", str(tmp_path))
    if script:
        (tmp_path / device.SMI).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / device.SMI).chmod(0o755)
    assert device.ask_driver() == expected


def test_what_is_used_here_is_said(capsys, monkeypatch):
    values = dict(zip(device.KEYS, ("cpu", "float32", 0, True), strict=True))
    monkeypatch.setattr(device.params, "load", lambda *_: values)
    device.main()
    assert "used     CPU" in capsys.readouterr().out
