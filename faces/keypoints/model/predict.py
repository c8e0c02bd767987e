"""Predict the points of images with the keypoint model."""

import numpy as np

from faces.core.test_time import averaged, in_batches
from faces.keypoints.points import mirror


def outputs(
    model, images: np.ndarray, flip: bool, shifts: int = 1, batch_size: int = 128
) -> np.ndarray:
    """The model's answer, averaged over test-time augmentation of each image.

    Args:
        model: a Keras model from images to points. images: uint8 (n, 96, 96, 1).
        flip: whether the mirror image is one of them. shifts: of whole pixels, 1 (none) to 5.

    Returns:
        float32 (n, 19, 2), pixels of the frame.
    """

    def ask(seen, shift, mirrored):
        points = in_batches(model.predict_on_batch, seen, batch_size)
        return (mirror(points) if mirrored else points) - np.array(shift, np.float32)

    return averaged(images, shifts, flip, ask)
