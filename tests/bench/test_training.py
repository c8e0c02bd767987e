import json
import math
from dataclasses import asdict

import keras
import numpy as np
import pytest
from keras import layers

from bench import training
from faces.core import tasks


def operations(model: keras.Model) -> int:
    return sum(map(training.operations, model.layers))


def test_operations_of_layers_are_those_counted_by_hand():
    pixels = keras.Input((8, 8, 3))
    x = layers.Conv2D(5, 3, strides=2, padding="same")(pixels)  # 4x4 places, 27 to 5
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(2, 3)(x)  # 2x2 places, 45 to 2
    model = keras.Model(pixels, layers.Dense(7)(layers.Flatten()(x)))  # 8 to 7
    assert operations(model) == 2 * (4 * 4 * 27 * 5 + 2 * 2 * 45 * 2 + 8 * 7)


def test_operations_of_groups_and_of_dense_layers_at_many_places():
    pixels = keras.Input((6, 6, 4))
    x = layers.Conv2D(8, 3, padding="same", groups=2)(pixels)  # 36 places, 2 * 9 to each of 8
    model = keras.Model(pixels, layers.Dense(3)(x))  # 36 places, 8 to 3
    assert operations(model) == 2 * 36 * (18 * 8 + 8 * 3)


def test_a_layer_that_cannot_be_counted_is_an_error():
    layer = layers.DepthwiseConv1D(3)
    layer(keras.Input((36, 4)))
    with pytest.raises(ValueError, match="DepthwiseConv1D"):
        training.operations(layer)


@pytest.mark.parametrize("task", tasks.ARCHIVES)
def test_pytorch_trains_the_very_network(task):
    torch = pytest.importorskip("torch")
    from bench import torch_twin

    settings = training.settings_of(task)
    arrays = training.made_up(task, settings, 1)
    shape, outputs = arrays["image"].shape[1:], arrays["target"].shape[1]
    ours = tasks.module(task, "model.network").build(settings, shape, outputs)
    twin = torch_twin.Network(json.loads(json.dumps(training.plan(ours))))
    theirs = [weight.numel() for weight in twin.parameters() if weight.requires_grad]
    # In whatever order: layer by layer, the same number of weights.
    assert sorted(theirs) == sorted(math.prod(w.shape) for w in ours.trainable_weights)
    pixels = torch.zeros(2, shape[2], *shape[:2])
    assert tuple(twin(pixels).shape) == (2, *ours.output_shape[1:])


@pytest.mark.parametrize(("seconds", "met"), [(1.0, True), (2.0, False)])
def test_the_share_of_the_machine_is_operations_over_its_own_rate(seconds, met):
    # 1000 operations in 1 or 2 seconds, where 1250 a second are possible
    line = training.used("keypoints", 1000, np.array([seconds] * 3), [1000, 1500, 1000, 1500])
    assert line.met == met and line.ratio == f"{0.8 / seconds:.1%} used"


def test_without_pytorch_its_cell_says_how_to_get_it():
    line = training.beside_twin("keypoints", 50, np.array([2.0]), [None])
    assert line.ours == "25" and "requirements-bench.txt" in line.baseline
    assert asdict(training.beside_twin("keypoints", 50, np.array([2.0]), [4.0])) == {
        "what": "images a second, keypoints",
        "ours": "25",
        "baseline": "12: PyTorch, float32, no augmentation",
        "ratio": "2.00 x",
        "goal": "",
        "met": None,
    }
