import keras
import numpy as np
import pytest

from faces.gender.model import network as gender
from faces.training import bits, hardware
from faces.training.averages import average
from faces.training.ensemble import key, start_afresh, train_members
from tests.helpers import small
from tests.helpers.rows import SETTINGS, asked, shades

MEMBERS = {**small.SETTINGS, "members": 2, "epochs": 2}


@pytest.fixture
def data():
    return small.data(24, 1), small.data(8, 2)


def test_the_average_of_members_is_the_mean_of_their_answers(rng, tmp_path):
    models = [gender.build(SETTINGS, (60, 60, 3), 2) for _ in range(3)]
    photos = shades(rng, 4)["image"]
    answers = [asked(model, photos) for model in models]
    mean = average(models)
    np.testing.assert_allclose(asked(mean, photos), np.mean(answers, axis=0), atol=1e-6)
    mean.save(tmp_path / "mean.keras")
    back = keras.models.load_model(tmp_path / "mean.keras", safe_mode=True)
    np.testing.assert_allclose(asked(back, photos), np.mean(answers, axis=0), atol=1e-6)


def test_one_more_member_trains_one_more_network(data, tmp_path, capsys):
    one, _ = train_members(small, {**MEMBERS, "members": 1}, *data, 5, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    capsys.readouterr()
    two, history = train_members(small, MEMBERS, *data, 5, tmp_path)
    assert capsys.readouterr().out.count("epochs in") == 1
    assert len(list(tmp_path.iterdir())) == 2 and history["epoch"].tolist() == [1, 2]
    first = two.layers[1].get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(one.get_weights(), first, strict=True))

    again, same = train_members(small, MEMBERS, *data, 5, tmp_path)
    assert "epochs in" not in capsys.readouterr().out and same.equals(history)
    photos = data[1]["image"]
    np.testing.assert_array_equal(asked(again, photos), asked(two, photos))


def test_a_member_is_known_by_all_that_it_depends_on(data):
    train, validation = data
    name = key(small, MEMBERS, train, validation, 1)
    assert name == key(small, {**MEMBERS, "members": 9}, train, validation, 1)
    assert name != key(small, MEMBERS, train, validation, 2)
    assert name != key(small, {**MEMBERS, "lr": 0.02}, train, validation, 1)
    changed = {**train, "image": train["image"].copy()}
    changed["image"][0, 0, 0, 0] ^= 1
    assert name != key(small, MEMBERS, changed, validation, 1)


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        (bits, "pool", 99),
        (bits, "instructions", ["avx2"]),
        (hardware, "computes_on_gpu", True),
    ],
)
def test_a_member_is_trained_anew_where_the_bits_would_be_others(
    data, monkeypatch, where, name, value
):
    before = key(small, MEMBERS, *data, 1)
    monkeypatch.setattr(hardware, "gpu_name", lambda: "NVIDIA T4")
    monkeypatch.setattr(where, name, lambda: value)
    assert key(small, MEMBERS, *data, 1) != before


def test_a_fresh_start_forgets_no_choice_of_devices_or_precision():
    chosen, policy = object(), keras.config.dtype_policy()
    keras.distribution.set_distribution(chosen)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        start_afresh(1)
        assert keras.distribution.distribution() is chosen
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        assert keras.layers.Dense(1, dtype="float32").name == "dense"
    finally:
        keras.distribution.set_distribution(None)
        keras.config.set_dtype_policy(policy)
