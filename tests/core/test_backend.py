"""Which backend Keras gets, and what it is set up as, whatever a user has set."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from faces.core import backend
from faces.core.errors import UserError
from faces.gender.model import network as gender
from faces.keypoints.model import network as keypoints
from faces.training.photometric import STILL

ROOT = Path(__file__).parents[2]
MOVING = {**STILL, "flip": 0.5, "degrees": 9, "small": 0.5, "blur": 0.5, "noise": 5, "cutout": 0.5}
NETWORKS = [
    (keypoints, {"model": "heatmaps", "width": 4, "depth": 1}, (96, 96, 1), 19),
    (keypoints, {"model": "report-4"}, (96, 96, 1), 19),
    (gender, {"model": "residual", "width": 4, "depth": 1}, (32, 32, 3), 2),
    (gender, {"model": "blog"}, (32, 32, 3), 2),
]


@pytest.mark.parametrize("name", ["pytorch", "theano", "cntk", "numpy"])
def test_a_backend_that_keras_does_not_have_is_refused_with_those_it_has(monkeypatch, name):
    monkeypatch.setenv("KERAS_BACKEND", name)
    with pytest.raises(UserError, match=rf"tensorflow, jax or torch\. Received: {name}"):
        backend.choose()


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_a_backend_that_is_not_installed_is_refused(monkeypatch, name):
    monkeypatch.setenv("KERAS_BACKEND", name)
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(backend.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=rf"the package {name}.* `unset KERAS_BACKEND`"):
        backend.choose()


@pytest.mark.parametrize("name", [None, "", " ", "TensorFlow"])
def test_tensorflow_is_what_keras_gets_without_another(monkeypatch, name):
    monkeypatch.setenv("KERAS_BACKEND", name or "")
    if name is None:
        monkeypatch.delenv("KERAS_BACKEND")
    backend.choose()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"


def test_a_package_that_does_not_start_is_one_line(monkeypatch):
    def broken(_):
        raise ImportError("libcudart.so.99: no such file")

    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setattr(backend.importlib, "import_module", broken)
    with pytest.raises(UserError, match=r"which starts\. Received: ImportError: libcudart"):
        backend.keras.__wrapped__()


@pytest.mark.parametrize("error", [RuntimeError("no cuda"), AssertionError()])
def test_jax_without_the_device_that_was_named_is_one_line(monkeypatch, error):
    def devices():
        raise error

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(devices=devices))
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    with pytest.raises(UserError, match=r"Received: \w.*unset JAX_PLATFORMS`; it is cuda"):
        backend.check_device()


# In a process of its own, which may close its streams: writes "lost" to stderr, below Python.
QUIET = """
import os, sys
from faces.core import backend
try:
    with backend.quiet():
        os.write(2, b"lost")
        if "fail" in sys.argv: raise ValueError
except ValueError: pass
os.write(1, b"done")
"""


@pytest.mark.parametrize(("word", "said"), [("well", ""), ("fail", "lost")])
def test_notes_on_stderr_are_shown_only_if_something_fails(tmp_path, word, said):
    # Without a temporary folder too.
    environment = {**os.environ, "TMPDIR": str(tmp_path / "none")}
    words = [sys.executable, "-c", QUIET, word]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("done", said, 0)


@pytest.fixture
def another_users_keras():
    """Keras as somebody else's keras.json sets it up."""
    config = keras.config
    before = config.floatx(), config.epsilon(), config.image_data_format(), config.dtype_policy()
    config.set_floatx("float16")
    config.set_epsilon(1e-3)
    config.set_image_data_format("channels_first")
    yield config
    for change, value in zip(
        (config.set_floatx, config.set_epsilon, config.set_image_data_format), before, strict=False
    ):
        change(value)
    config.set_dtype_policy(before[-1])


def built(network, settings, shape, outputs) -> tuple[str, np.ndarray]:
    """The configuration of the network as it is saved, and what it answers while it trains."""
    keras.utils.clear_session()
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    model = network.build(settings, shape, outputs)
    augment = {**MOVING, "colour": 0.2, "gray": 0.5, "mixup": 0.4}
    training = network.with_augmentation(model, augment, 0)
    pixels = np.random.default_rng(0).integers(0, 256, (2, *shape), dtype=np.uint8)
    target = np.full((2, *model.output_shape[1:]), 0.5, np.float32)
    answer = training({"image": pixels, "target": target}, training=True)
    return model.to_json(), keras.ops.convert_to_numpy(answer)


@pytest.mark.parametrize("case", NETWORKS, ids=[f"{n[1]['model']}" for n in NETWORKS])
def test_no_layer_takes_its_data_format_or_type_from_keras_settings(request, case):
    config, answer = built(*case)
    request.getfixturevalue("another_users_keras")
    other_config, other_answer = built(*case)
    assert json.loads(other_config) == json.loads(config)
    assert other_answer.dtype == np.float32
    np.testing.assert_allclose(other_answer, answer, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("network", [keypoints, gender])
def test_a_metric_counts_in_32_bits(another_users_keras, network):
    assert {variable.dtype for variable in network.Metric().variables} == {"float32"}


def test_whoever_imported_keras_before_its_settings_are_ours(another_users_keras):
    backend.set_up(keras)
    config = another_users_keras
    assert (config.floatx(), config.image_data_format()) == ("float32", "channels_last")
    assert config.epsilon() == 1e-7 and config.dtype_policy().name == "float32"
