import keras
import numpy as np
import pytest
from scipy.special import softmax

from faces.gender.model import network
from faces.gender.model.calibrate import calibrate, undo
from faces.gender.model.predict import outputs
from faces.gender.scoring.scores import log_loss
from faces.training.averages import average
from faces.training.temperature import divide_logits, fit_temperature, logits_of
from tests.helpers.rows import SETTINGS, asked, shades

TWICE = {"flip": True, "shifts": 2}


def drawn(rng, temperature, n=4000, classes=3):
    """Logits, and labels that are true as often as logits / temperature say."""
    logits = rng.normal(0, 4, (n, classes))
    odds = softmax(logits / temperature, axis=1).cumsum(axis=1)
    return logits, (rng.random((n, 1)) > odds).sum(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_labels_is_found(rng, temperature):
    logits, label = drawn(rng, temperature)
    assert fit_temperature(logits[None], label) == pytest.approx(temperature, rel=0.1)


def test_a_few_photos_without_a_mistake_are_no_certainty():
    label = np.arange(30) % 2
    logits = np.eye(2)[label] * 3
    sure = softmax(logits / fit_temperature(logits[None], label), axis=1).max(axis=1)
    assert 0.95 < sure.min() <= sure.max() < 0.99


def models(members: int) -> keras.Model:
    keras.utils.set_random_seed(0)
    made = [network.build(SETTINGS, (60, 60, 3), 2) for _ in range(members)]
    for model in made:  # too sure of itself
        divide_logits(model, 0.02)
    return average(made)


@pytest.mark.parametrize("members", [1, 2])
def test_the_saved_model_answers_with_the_temperature(rng, tmp_path, members):
    model, photos = models(members), shades(rng, 12)
    logits = asked(logits_of(model), photos["image"])
    assert logits.shape == (12, members, 2)
    np.testing.assert_allclose(
        asked(model, photos["image"]), softmax(logits, axis=2).mean(axis=1), atol=1e-5
    )
    before = outputs(model, photos["image"], **TWICE)
    said = calibrate(model, photos, TWICE)
    model.save(tmp_path / "model.keras")
    back = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(
        asked(back, photos["image"]),
        softmax(logits / said["temperature"], axis=2).mean(axis=1),
        atol=1e-5,
    )
    label = photos["target"].argmax(axis=1)
    answer = outputs(back, photos["image"], **TWICE)
    assert said["validation_log_loss"] == pytest.approx(log_loss(answer, label), abs=2e-4)
    assert said["validation_log_loss_before"] == pytest.approx(log_loss(before, label), abs=2e-4)
    assert undo(model, said)
    np.testing.assert_allclose(outputs(model, photos["image"], **TWICE), before, atol=1e-4)
