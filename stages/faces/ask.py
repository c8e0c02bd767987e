"""What the networks say of crops, and how sure the keypoint network is of its points."""

import numpy as np

from stages import backend
from stages.keypoints.answer import mirror
from stages.keypoints.labels import FRAME, N_POINTS

LARGEST = 64  # crops at once
HEATMAPS = "heatmaps"  # the layer's name in stages.keypoints.network


class Direct:
    """A model that is asked about few images quickly too, as those of a single video frame.

    Batches are filled up to powers of two, so that the backend compiles the network for a few
    shapes and not for every number of faces.
    """

    def __init__(self, model):
        self.model = model

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
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
    """A model with the same input, from which the points and all heatmaps come.

    Of a mean of several networks, the heatmaps of the first: reading all would cost as much
    again. A network without heatmaps gives its points alone.
    """
    keras = backend.keras()
    from stages.training.averages import networks

    first = networks(model)[0]
    if not any(layer.name == HEATMAPS for layer in first.layers):
        return Direct(model)
    heatmaps = first.get_layer(HEATMAPS).output
    if first is model:
        return Direct(keras.Model(model.inputs, [model.output, heatmaps]))
    pixels = keras.Input(model.input_shape[1:], dtype="float32")
    of_first = keras.Model(first.inputs, heatmaps)
    return Direct(keras.Model(pixels, [model(pixels), of_first(pixels)]))


def points_and_doubt(asker: Direct, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 15 points of each crop, averaged with its mirror image, and how unsure they are.

    Args:
        asker: of `with_heatmaps`. crops: uint8 (n, 96, 96, 1).

    Returns:
        float32 (n, 15, 2), pixels of the crop, and float32 (n, 2): how widely the heatmaps are
        spread, and how far the mirror image's points lie from the crop's, pixels, both the
        median over the points. NaN for the spread of a network without heatmaps.
    """
    first, wide = _read(asker.predict_on_batch(crops))
    second, wide_too = _read(asker.predict_on_batch(crops[:, :, ::-1]))
    second = mirror(second)
    apart = np.linalg.norm(first - second, axis=2)[:, :N_POINTS]
    doubt = np.stack([(wide + wide_too) / 2, np.median(apart, axis=1)], axis=1)
    return ((first + second) / 2)[:, :N_POINTS], doubt


def _read(answer) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(answer, list):
        return answer, np.full(len(answer), np.nan, np.float32)
    points, heatmaps = answer
    return points, np.median(spread(heatmaps)[:, :N_POINTS], axis=1)


def spread(heatmaps: np.ndarray) -> np.ndarray:
    """Standard deviation of each heatmap's softmax about its mean, pixels of the frame.

    Args:
        heatmaps: float (n, cells, cells, points), before the softmax.

    Returns:
        float32 (n, points): 0 if all lies in one cell, about 39 if it is spread evenly.
    """
    n, cells, _, points = heatmaps.shape
    scores = heatmaps.reshape(n, cells * cells, points).astype(np.float32)
    chance = np.exp(scores - scores.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    line = (np.arange(cells, dtype=np.float32) + 0.5) * (FRAME / cells)
    rows, columns = np.meshgrid(line, line, indexing="ij")
    centres = np.stack([columns.ravel(), rows.ravel()], axis=1)
    mean = np.einsum("nkp,kc->npc", chance, centres)
    square = np.einsum("nkp,k->np", chance, (centres**2).sum(axis=1))
    return np.sqrt(np.maximum(square - (mean**2).sum(axis=2), 0))
