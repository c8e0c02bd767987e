"""The keypoint network's points in crops, and how much it doubts them: what is no face shows so."""

import numpy as np

from faces.keypoints.points import FRAME, N_POINTS, mirror


def points_of(network, crops: np.ndarray) -> np.ndarray:
    """The 15 points of each crop as it is: float32 (n, 15, 2); arguments as below."""
    return _read(network.predict_on_batch(crops))[0][:, :N_POINTS]


def points_and_doubt(network, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 15 points of each crop, averaged with its mirror image, and how unsure they are.

    Args:
        network: with `predict_on_batch`, to points and heatmaps. crops: uint8 (n, 96, 96, 1).

    Returns:
        float32 (n, 15, 2), pixels of the crop, and float32 (n, 2): how widely the heatmaps are
        spread, and how far the mirror image's points lie from the crop's, pixels, both the
        median over the points. NaN for the spread of a network without heatmaps.
    """
    first, wide = _read(network.predict_on_batch(crops))
    second, wide_too = _read(network.predict_on_batch(crops[:, :, ::-1]))
    second = mirror(second)
    apart = np.linalg.norm(first - second, axis=2)[:, :N_POINTS]
    doubt = np.stack([(wide + wide_too) / 2, np.median(apart, axis=1)], axis=1)
    return ((first + second) / 2)[:, :N_POINTS], doubt


def _read(answer) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(answer, np.ndarray):
        return answer, np.full(len(answer), np.nan, np.float32)
    points, heatmaps = sorted(answer, key=lambda output: output.ndim)
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
