import keras
import pytest
import tensorflow as tf

from faces.core import threads
from faces.core.errors import UserError
from faces.training import hardware


def test_a_gpu_that_is_asked_for_and_not_there_is_one_error(monkeypatch):
    monkeypatch.setattr(hardware, "visible_gpus", list)
    with pytest.raises(UserError, match=r"a GPU .*requirements-gpu\.txt"):
        hardware.prepare("gpu", "auto", 0)


def test_what_is_used_is_said_in_words(monkeypatch):
    monkeypatch.setattr(hardware, "visible_gpus", list)
    monkeypatch.setattr(hardware, "multiplies_bfloat16", lambda: False)
    said = hardware.prepare("auto", "auto", 0)
    assert said.startswith("CPU") and "sees no GPU" in said and "float32" in said
    assert "as params.yaml says" in hardware.prepare("cpu", "auto", 0)


@pytest.mark.parametrize(
    ("capability", "policy"),
    [((9, 0), "mixed_bfloat16"), ((7, 5), "mixed_float16"), ((6, 0), "float32")],
)
def test_on_a_gpu_auto_means_16_bit_of_the_kind_that_it_has(monkeypatch, capability, policy):
    monkeypatch.setattr(hardware, "visible_gpus", lambda: ["Test GPU"])
    monkeypatch.setattr(hardware, "capability", lambda: capability)
    try:
        assert "Test GPU" in hardware.prepare("auto", "auto", 0)
        assert keras.config.dtype_policy().name == policy
    finally:
        hardware.prepare("cpu", "float32", 0)
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(
    ("details", "known"), [({"compute_capability": (7, 5)}, (7, 5)), ({"device_name": "AMD"}, None)]
)
def test_the_capability_is_what_tensorflow_says_of_the_first_gpu(monkeypatch, details, known):
    config = tf.config
    monkeypatch.setattr(config, "list_physical_devices", lambda _: ["first", "second"])
    monkeypatch.setattr(config.experimental, "get_device_details", {"first": details}.get)
    assert hardware.capability() == known


@pytest.mark.parametrize(
    ("flags", "gains"), [("fpu avx512_bf16 fsrm", True), ("fpu avx512f fsrm", False)]
)
def test_a_cpu_with_such_instructions_trains_in_16_bit(tmp_path, monkeypatch, flags, gains):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: avx512_bf16_erratum\n")
    found = hardware.multiplies_bfloat16(cpuinfo)
    assert found == gains and not hardware.multiplies_bfloat16(tmp_path / "none")
    monkeypatch.setattr(hardware, "visible_gpus", list)
    monkeypatch.setattr(hardware, "multiplies_bfloat16", lambda: found)
    try:
        assert ("bfloat16" in hardware.prepare("auto", "auto", 0)) == gains
    finally:
        hardware.prepare("cpu", "float32", 0)


def test_cores_are_those_that_may_be_used(monkeypatch):
    monkeypatch.setattr(hardware, "visible_gpus", list)
    monkeypatch.setattr(threads, "cores", lambda: 3)
    assert "CPU, 3 cores" in hardware.prepare("auto", "float32", 0)


def test_products_of_32_bits_are_not_rounded_to_fewer():
    tf.config.experimental.enable_tensor_float_32_execution(True)
    hardware.prepare("cpu", "float32", 0)
    assert not tf.config.experimental.tensor_float_32_execution_enabled()


@pytest.mark.parametrize(("title", "found"), [("flags", True), ("Features", True), ("bugs", False)])
def test_what_a_cpu_has_is_read_by_its_title(tmp_path, title, found):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\n{title}\t: asimd avx2\nvmx flags\t: ept\n")
    assert hardware.cpu_flags(cpuinfo) == (["asimd", "avx2"] if found else [])
