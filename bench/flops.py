"""Floating point operations of a network, counted from the shapes of its layers.

Multiplications and additions of convolutions and dense layers, which are all but a hundredth of
the work; normalisation, activations and sums are not counted. A training step counts three times
its forward pass, as is usual: backward multiplies by the weights once and by the inputs once.
"""

import math

import keras
from keras import layers

BACKWARD = 2  # times forward


def training(model: keras.Model) -> int:
    """Of one image, forward and backward."""
    return (1 + BACKWARD) * forward(model)


def forward(model: keras.Model) -> int:
    """Of one image.

    Raises:
        ValueError: a layer with a kernel that is not known here, so that the count would be short.
    """
    return sum(of_layer(layer) for layer in model.layers)


def of_layer(layer) -> int:
    """Operations of one layer for one image; a model inside a model counts its own."""
    if isinstance(layer, keras.Model):
        return forward(layer)
    if isinstance(layer, layers.Conv2D):
        return 2 * math.prod(layer.kernel.shape) * math.prod(places(layer, (1, 2)))
    if isinstance(layer, layers.Dense):
        return 2 * math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])
    if any(len(weight.shape) > 1 for weight in layer.weights):
        raise ValueError(f"Expected Conv2D and Dense layers. Received: {type(layer).__name__}")
    return 0


def places(layer, axes: tuple[int, ...]) -> list[int]:
    """Sides of the layer's output."""
    channels_first = layer.data_format == "channels_first"
    return [layer.output.shape[axis + channels_first] for axis in axes]
