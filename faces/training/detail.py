"""Loss of detail as products with matrices: one along each axis, whatever was lost."""

import numpy as np
from keras import ops

FACTORS = (1, 2, 3, 4)  # by which an image may be reduced; 1 leaves it


def reducing(side: int, factor: int) -> np.ndarray:
    """The matrix (side, side) that takes a line of pixels to itself reduced and enlarged again.

    Reduced as average pooling with padding "same" does it, enlarged bilinearly; both leave out
    what lies beyond the border.

    >>> reducing(4, 2)
    array([[0.5  , 0.5  , 0.   , 0.   ],
           [0.375, 0.375, 0.125, 0.125],
           [0.125, 0.125, 0.375, 0.375],
           [0.   , 0.   , 0.5  , 0.5  ]])
    """
    fewer = -(-side // factor)
    start = np.arange(fewer) * factor - (fewer * factor - side) // 2
    pixel = np.arange(side)
    pool = (pixel >= start[:, None]) & (pixel < start[:, None] + factor)
    place = np.clip((pixel + 0.5) * fewer / side - 0.5, 0, fewer - 1)
    enlarge = np.maximum(1 - np.abs(place[:, None] - np.arange(fewer)), 0)
    return enlarge @ (pool / pool.sum(axis=1, keepdims=True))


def blurring(side: int) -> np.ndarray:
    """The matrix (side, side) of two means of three neighbours, one after the other."""
    near = np.abs(np.subtract.outer(np.arange(side), np.arange(side))) <= 1
    mean = near / near.sum(axis=1, keepdims=True)
    return mean @ mean


def lose(images, reduced, blur):
    """Each image with less detail.

    Args:
        images: float tensor (batch, h, w, c).
        reduced: int tensor (batch,), which of FACTORS.
        blur: float tensor (batch,), 0 (none) to 1; the variance along each axis is in proportion.
    """
    batch, height, width, channels = ops.shape(images)
    rows = _matrices(height, reduced, blur)
    x = ops.matmul(rows, ops.reshape(images, (batch, height, width * channels)))
    x = ops.transpose(ops.reshape(x, (batch, height, width, channels)), (0, 2, 1, 3))
    columns = rows if width == height else _matrices(width, reduced, blur)
    x = ops.matmul(columns, ops.reshape(x, (batch, width, height * channels)))
    return ops.transpose(ops.reshape(x, (batch, width, height, channels)), (0, 2, 1, 3))


def _matrices(side, reduced, blur):
    sharp = np.stack([reducing(side, factor) for factor in FACTORS])
    lost = blurring(side) @ sharp - sharp
    sharp, lost = (ops.convert_to_tensor(m.astype("float32")) for m in (sharp, lost))
    return ops.take(sharp, reduced, axis=0) + blur[:, None, None] * ops.take(lost, reduced, axis=0)
