import json
import zipfile

import keras
import numpy as np
import pytest

from faces.training import ensemble, saving
from tests.helpers.rows import asked


def model() -> keras.Model:
    """One layer and one dtype policy used twice, which Keras writes down by memory address."""
    ensemble.start_afresh(1)
    shared = keras.DTypePolicy("float32")
    pixels = keras.Input((8, 8, 1))
    activation = keras.layers.ReLU(dtype=shared)
    x = activation(keras.layers.Conv2D(4, 3, dtype=shared)(pixels))
    x = activation(keras.layers.Conv2D(4, 3, dtype=shared)(x))
    return keras.Model(pixels, keras.layers.Flatten()(x))


def test_equal_models_are_equal_bytes_at_any_time(tmp_path, monkeypatch):
    saving.save(model(), tmp_path / "a.keras")
    monkeypatch.setattr("time.time", lambda: 2e9)
    other = model()
    other.name = "functional"
    saving.save(other, tmp_path / "b.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_another_weight_is_another_file(tmp_path):
    one, other = model(), model()
    other.set_weights([w + (i == 0) for i, w in enumerate(one.get_weights())])
    saving.save(one, tmp_path / "a.keras")
    saving.save(other, tmp_path / "b.keras")
    assert (tmp_path / "a.keras").read_bytes() != (tmp_path / "b.keras").read_bytes()


def test_what_is_saved_loads_in_safe_mode_and_answers_the_same(tmp_path, rng):
    one = model()
    saving.save(one, tmp_path / "a.keras")
    back = keras.models.load_model(tmp_path / "a.keras", safe_mode=True)
    pixels = rng.random((2, 8, 8, 1), np.float32)
    np.testing.assert_array_equal(asked(back, pixels), asked(one, pixels))
    assert len(back.layers) == len(one.layers)


def test_objects_used_twice_stay_one_object(tmp_path):
    saving.save(model(), tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
        config = archive.read("config.json").decode()
    ids = [part.split(",")[0].split("}")[0] for part in config.split('"shared_object_id": ')[1:]]
    if not ids:
        pytest.skip("this Keras shares nothing here")
    assert set(map(int, ids)) == set(range(1, len(set(ids)) + 1))
    assert len(set(ids)) < len(ids)
    json.loads(config)
