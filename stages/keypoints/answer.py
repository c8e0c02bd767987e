"""What the keypoint model says of images."""

import numpy as np

from stages.keypoints.labels import FRAME, MIRROR_OUTPUTS
from stages.views import averaged, in_batches


def outputs(
    model, images: np.ndarray, flip_average: bool, views: int = 1, batch_size: int = 128
) -> np.ndarray:
    """The model's answer, averaged over views of each image.

    Args:
        model: a Keras model from images to points. images: uint8 (n, 96, 96, 1).
        flip_average: whether the mirror image is a view too. views: shifts, 1 (none) to 5.

    Returns:
        float32 (n, 19, 2), pixels of the frame.
    """

    def ask(seen, shift, mirrored):
        points = in_batches(model.predict_on_batch, seen, batch_size)
        return (mirror(points) if mirrored else points) - np.array(shift, np.float32)

    return averaged(images, views, flip_average, ask)


def mirror(points: np.ndarray) -> np.ndarray:
    """Outputs (n, 19, 2) as they are in the mirror image, under their names there."""
    swapped = points[:, MIRROR_OUTPUTS].copy()
    swapped[..., 0] = FRAME - 1 - swapped[..., 0]
    return swapped
