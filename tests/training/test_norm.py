import keras
import numpy as np
import pytest

from faces.training.muon import Muon
from faces.training.norm import FusedNorm, fused


@pytest.fixture
def model():
    pixels = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, use_bias=False)(pixels)
    x = keras.layers.BatchNormalization(momentum=0.9, gamma_initializer="random_uniform")(x)
    return keras.Model(pixels, keras.layers.Activation("relu")(x))


def test_training_gives_the_same_values_and_moves_the_same_statistics(model, rng):
    images = rng.normal(3, 2, (16, 8, 8, 3)).astype(np.float32)
    before, quick = model.get_weights(), fused(model)
    assert any(isinstance(layer, FusedNorm) for layer in quick.layers)
    expected, moved = np.array(model(images, training=True)), model.get_weights()
    model.set_weights(before)
    np.testing.assert_allclose(quick(images, training=True), expected, atol=1e-4)
    for ours, keras_ours in zip(model.get_weights(), moved, strict=True):
        np.testing.assert_allclose(ours, keras_ours, rtol=1e-3, atol=1e-4)
    assert not np.allclose(moved[-1], before[-1])


def test_outside_training_nothing_differs_and_the_weights_are_shared(model, rng):
    images = rng.normal(size=(4, 8, 8, 3)).astype(np.float32)
    quick = fused(model)
    np.testing.assert_array_equal(quick(images), model(images))
    model.set_weights([weight + 1 for weight in model.get_weights()])
    np.testing.assert_array_equal(quick(images), model(images))
    assert {v.path for v in quick.trainable_variables} == {
        v.path for v in model.trainable_variables
    }


@pytest.mark.parametrize("shape", [(72, 16), (32, 32), (40, 80)])
def test_the_steps_on_the_gram_matrix_are_those_of_keras(rng, shape):
    matrix = rng.normal(size=shape).astype(np.float32)
    ours = np.array(Muon(0.01).zeropower_via_newtonschulz5(matrix, 5))
    theirs = np.array(keras.optimizers.Muon(0.01).zeropower_via_newtonschulz5(matrix, 5))
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    assert np.linalg.svd(ours)[1].max() < 1.3
