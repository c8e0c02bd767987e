"""What the keypoint model says of images."""

import keras
import numpy as np

from stages.keypoints.labels import FRAME, MIRROR_OUTPUTS


def outputs(
    model: keras.Model, images: np.ndarray, flip_average: bool, batch_size: int = 128
) -> np.ndarray:
    """The model's answer, or the mean of it and of that for the mirror image.

    Args:
        images: uint8 (n, 96, 96, 1).

    Returns:
        float32 (n, 19, 2), pixels of the frame.
    """
    answer = model.predict(images, batch_size=batch_size, verbose=0)
    if not flip_average:
        return answer
    mirrored = model.predict(images[:, :, ::-1], batch_size=batch_size, verbose=0)
    return (answer + mirror(mirrored)) / 2


def mirror(points: np.ndarray) -> np.ndarray:
    """Outputs (n, 19, 2) as they are in the mirror image, under their names there."""
    swapped = points[:, MIRROR_OUTPUTS].copy()
    swapped[..., 0] = FRAME - 1 - swapped[..., 0]
    return swapped
