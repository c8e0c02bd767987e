"""What the benchmarks count and write; how long anything takes is no matter here."""

import math

import keras
import pytest
from keras import layers

from bench import flops
from stages import tasks


def test_operations_of_layers_are_those_counted_by_hand():
    pixels = keras.Input((8, 8, 3))
    x = layers.Conv2D(5, 3, strides=2, padding="same")(pixels)  # 4x4 places, 27 to 5
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(2, 3)(x)  # 2x2 places, 45 to 2
    inner = keras.Model(pixels, layers.Dense(7)(layers.Flatten()(x)))  # 8 to 7
    outer = keras.Model(pixels, layers.Activation("relu")(inner(pixels)))
    expected = 2 * (4 * 4 * 27 * 5 + 2 * 2 * 45 * 2 + 8 * 7)
    assert flops.forward(inner) == flops.forward(outer) == expected
    assert flops.training(outer) == 3 * expected


def test_operations_of_groups_and_of_dense_layers_at_many_places():
    pixels = keras.Input((6, 6, 4))
    x = layers.Conv2D(8, 3, padding="same", groups=2)(pixels)  # 36 places, 2 * 9 to each of 8
    model = keras.Model(pixels, layers.Dense(3)(x))  # 36 places, 8 to 3
    assert flops.forward(model) == 2 * 36 * (18 * 8 + 8 * 3)


def test_a_layer_that_cannot_be_counted_is_an_error():
    pixels = keras.Input((6, 6, 4))
    model = keras.Model(pixels, layers.DepthwiseConv1D(3)(layers.Reshape((36, 4))(pixels)))
    with pytest.raises(ValueError, match="DepthwiseConv1D"):
        flops.forward(model)


@pytest.mark.parametrize("task", ["keypoints", "gender"])
def test_the_twin_in_pytorch_has_as_many_weights(task):
    torch = pytest.importorskip("torch")
    from bench import torch_twin, training

    settings = training.settings_of(task)
    arrays = training.made_up(task, settings, 1)
    shape, outputs = arrays["image"].shape[1:], arrays["target"].shape[1]
    ours = tasks.room(task, "network").build(settings, shape, outputs)
    twin = torch_twin.NETWORKS[task](settings["width"], settings["depth"], outputs)
    count = sum(math.prod(weight.shape) for weight in ours.trainable_weights)
    assert sum(weight.numel() for weight in twin.parameters()) == count
    pixels = torch.zeros(2, shape[2], *shape[:2])
    assert tuple(twin(pixels).shape) == (2, *ours.output_shape[1:])
