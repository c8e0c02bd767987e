"""What the benchmarks count and write; how long anything takes is no matter here."""

import json
import math
from dataclasses import asdict

import keras
import numpy as np
import pytest
from keras import layers

from bench import flops, steps, training
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
    from bench import torch_twin

    settings = training.settings_of(task)
    arrays = training.made_up(task, settings, 1)
    shape, outputs = arrays["image"].shape[1:], arrays["target"].shape[1]
    ours = tasks.room(task, "network").build(settings, shape, outputs)
    twin = torch_twin.NETWORKS[task](settings["width"], settings["depth"], outputs)
    count = sum(math.prod(weight.shape) for weight in ours.trainable_weights)
    assert sum(weight.numel() for weight in twin.parameters()) == count
    pixels = torch.zeros(2, shape[2], *shape[:2])
    assert tuple(twin(pixels).shape) == (2, *ours.output_shape[1:])


@pytest.mark.parametrize(("seconds", "met"), [(1.0, True), (2.0, False)])
def test_the_share_of_the_machine_is_operations_over_its_own_rate(seconds, met):
    # 50 images of 20 operations in 1 or 2 seconds, where 1250 a second are possible
    each = np.array([seconds] * 3)  # as NumPy gives them
    line = training.used("keypoints", 50, 20, each, [1000, 1500, 1000, 1500], "CPU")
    json.dumps(asdict(line))  # it is kept between two runs of `make bench`
    assert line.met == met and line.ratio == f"{0.8 / seconds:.0%} used"


def test_without_pytorch_its_cell_says_how_to_get_it():
    line = training.beside_twin("keypoints", 50, [2.0], [None])
    assert line.ours == "25" and "requirements-bench.txt" in line.baseline
    assert training.beside_twin("keypoints", 50, [2.0], [4.0]).ratio == "2.00 x"


@pytest.mark.parametrize("task", ["keypoints", "gender"])
def test_each_part_of_a_step_can_be_done_alone(task):
    settings = training.settings_of(task) | {"width": 4, "batch_size": 4}
    arrays, network = training.made_up(task, settings, 1), tasks.room(task, "network")
    shape, outputs = arrays["image"].shape[1:], arrays["target"].shape[1]
    model = network.build(settings, shape, outputs)
    whole = network.with_augmentation(model, settings["augment"], 0)
    ways = steps.split(whole, network.loss_for(settings), arrays, settings, 0.1)
    assert set(ways) - {"both"} == set(steps.PARTS) - {"backward"}
    before = model.trainable_weights[0].numpy().copy()
    for name in ("feeding", "augmentation", "forward", "both"):
        ways[name]()
    assert (model.trainable_weights[0].numpy() == before).all()
    ways["optimizer"]()
    assert (model.trainable_weights[0].numpy() != before).any()
