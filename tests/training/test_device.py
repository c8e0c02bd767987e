import keras
import pytest

from stages.errors import UserError
from stages.training import device


def test_a_gpu_that_is_asked_for_and_not_there_is_one_error(monkeypatch):
    monkeypatch.setattr(device, "visible_gpus", list)
    with pytest.raises(UserError, match=r"a GPU .*requirements-gpu\.txt"):
        device.prepare("gpu", "auto", 0)


def test_what_is_used_is_said_in_words(monkeypatch):
    monkeypatch.setattr(device, "visible_gpus", list)
    said = device.prepare("auto", "auto", 0)
    assert said.startswith("CPU") and "sees no GPU" in said and "float32" in said
    assert "as params.yaml says" in device.prepare("cpu", "auto", 0)


def test_on_a_gpu_auto_means_16_bit(monkeypatch):
    monkeypatch.setattr(device, "visible_gpus", lambda: ["Test GPU"])
    try:
        assert "Test GPU" in device.prepare("auto", "auto", 0)
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        device.prepare("cpu", "float32", 0)
    assert keras.config.dtype_policy().name == "float32"
