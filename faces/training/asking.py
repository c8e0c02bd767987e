"""Keras networks, asked about few images as quickly as about many."""

import numpy as np

from faces.core import backend

LARGEST = 64  # images at once
HEATMAPS = "heatmaps"  # the layer's name in faces.keypoints.model.network


class Direct:
    """A model that is asked about few images quickly too.

    Batches are filled up to powers of two, so that the backend compiles the network for a few
    shapes and not for every number of faces.
    """

    def __init__(self, model):
        self.model = model

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray | list[np.ndarray]:
        """The model's output or outputs for uint8 (n, ...), n at least 1."""
        parts = [self._ask(images[i : i + LARGEST]) for i in range(0, len(images), LARGEST)]
        if isinstance(parts[0], list):
            return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]
        return np.concatenate(parts)

    def _ask(self, images):
        size = 1 << (len(images) - 1).bit_length()
        filled = np.concatenate([images, np.repeat(images[-1:], size - len(images), axis=0)])
        answer = self.model.predict_on_batch(filled)
        if isinstance(answer, (list, tuple)):
            return [np.asarray(part)[: len(images)] for part in answer]
        return np.asarray(answer)[: len(images)]


def with_heatmaps(model):
    """A keypoint model with the same input, from which the points and all heatmaps come.

    Of a mean of several networks, the heatmaps of the first: reading all would cost as much
    again. A network without heatmaps stays as it is.
    """
    keras = backend.keras()
    from faces.training.averages import networks

    first = networks(model)[0]
    if not any(layer.name == HEATMAPS for layer in first.layers):
        return model
    heatmaps = first.get_layer(HEATMAPS).output
    if first is model:
        return keras.Model(model.input, [model.output, heatmaps])
    pixels = keras.Input(model.input_shape[1:], dtype="float32")
    of_first = keras.Model(first.input, heatmaps)
    return keras.Model(pixels, [model(pixels), of_first(pixels)])
