import numpy as np
import pytest

from bench import accuracy
from faces.core import params
from faces.training import ensemble


@pytest.mark.slow
def test_a_network_is_trained_and_asked_of_the_test_split(rng):
    settings = params.load(*accuracy.KEYS, *accuracy.SECTIONS)
    sides = {"train": 16, "validation": 8, "test": 8}
    data = {
        side: {
            "image": rng.integers(0, 256, (rows, 96, 96, 1), dtype=np.uint8),
            "target": np.full((rows, 19, 2), 47.5, np.float32),
        }
        for side, rows in sides.items()
    }
    small = {"width": 4, "batch_size": 8, "epochs": 2}
    chosen = {**ensemble.training(settings), **small}
    rmse, text, seconds = accuracy.trained(chosen, data, settings)
    assert 0 < rmse < 48 and seconds > 0
    assert text.startswith(f"{rmse:.2f} (") and "2 of 2 epochs in" in text
    _, text, _ = accuracy.trained(chosen, data, settings, limit=0)
    assert "1 of 2 epochs in" in text and "time was up" in text
