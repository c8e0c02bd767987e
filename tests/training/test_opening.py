"""Real `.keras` files, good ones and others, written by Keras itself."""

import io
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from faces.core.errors import UserError
from faces.keypoints.model import network
from faces.training import opening
from faces.training.averages import average
from tests.helpers.rows import asked

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras warns of what is tried here


def a_model(*more) -> keras.Model:
    pixels = keras.Input((4, 4, 1))
    x = layers.Dense(3, activation="relu", kernel_regularizer="l2")(layers.Flatten()(pixels))
    for layer in more:
        x = layer(x)
    return keras.Model(pixels, x[:, :2])


def saved(model: keras.Model, folder: Path) -> Path:
    model.save(folder / "model.keras")
    return folder / "model.keras"


def with_weights(path: Path, change) -> None:
    """The same file, its HDF5 file of weights changed."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(content["model.weights.h5"])
    with h5py.File(weights, "a") as file:
        change(file)
    content["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def test_a_good_model_answers_as_it_did(tmp_path):
    settings = {"model": "heatmaps", "width": 4, "depth": 1}
    members = [network.build(settings, (96, 96, 1), 19) for _ in range(2)]
    for model in (a_model(), average(members)):
        images = np.random.default_rng(0).uniform(0, 255, (2, *model.input_shape[1:]))
        loaded = opening.load(saved(model, tmp_path))
        np.testing.assert_array_equal(asked(loaded, images), asked(model, images))


def test_a_model_compiled_with_somebodys_loss_is_read_without_it(tmp_path):
    model = a_model()
    model.compile("adam", loss=network.loss_for({"model": "heatmaps"}))
    assert not opening.load(saved(model, tmp_path)).compiled


def test_a_lambda_is_refused_before_keras_sees_it(tmp_path, monkeypatch):
    path = saved(a_model(layers.Lambda(lambda x: x + 1)), tmp_path)
    monkeypatch.setattr(keras.models, "load_model", lambda *_, **__: pytest.fail("loaded"))
    with pytest.raises(UserError, match=r"own layers\. Received: keras\.layers\.Lambda"):
        opening.load(path)


def test_somebodys_own_layer_is_refused(tmp_path):
    class Own(layers.Layer):
        def call(self, x):
            return x

    with pytest.raises(UserError, match=r"own layers\. Received: .*Own"):
        opening.load(saved(a_model(Own()), tmp_path))


def elsewhere(file):
    file["layers/other"] = h5py.ExternalLink("/etc/passwd", "/")


def soft(file):
    file["layers/other"] = h5py.SoftLink("/layers")


def stored_elsewhere(file):
    file.create_dataset("other", (16,), "u1", external=[("/etc/passwd", 0, 16)])


def claiming(file):
    file.create_dataset("other", (2**40,), "f4", chunks=(2**20,))


def packed(file):
    file.create_dataset("other", data=np.zeros(2**20), compression="gzip")


def objects(file):
    file.create_dataset("other", data=np.array(["a", "b"], dtype=object), dtype=h5py.string_dtype())


@pytest.mark.parametrize("change", [elsewhere, soft, stored_elsewhere, claiming, packed, objects])
def test_weights_that_are_no_plain_numbers_in_the_file_are_refused(tmp_path, change):
    path = saved(a_model(), tmp_path)
    with_weights(path, change)
    with pytest.raises(UserError, match=r"with its weights\. Received: .*other is"):
        opening.load(path)


def test_weights_of_another_model_are_one_line(tmp_path):
    path = saved(a_model(), tmp_path)

    def shrink(file):
        found = []
        file.visititems(lambda name, item: found.append(name) if hasattr(item, "dtype") else None)
        del file[found[0]]
        file[found[0]] = np.zeros((1, 1), "f4")

    with_weights(path, shrink)
    with pytest.raises(UserError, match="a Keras model at"):
        opening.load(path)


def test_a_file_that_is_cut_or_not_there_is_one_line(tmp_path):
    path = saved(a_model(), tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UserError, match="a zip archive at"):
        opening.load(path)
    with pytest.raises(UserError, match="no such file"):
        opening.load(tmp_path / "other.keras")
