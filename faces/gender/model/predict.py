"""Predict the classes of photos, as probabilities."""

import numpy as np

from faces.core.test_time import averaged, in_batches


def outputs(
    model, images: np.ndarray, flip: bool, shifts: int = 1, batch_size: int = 128
) -> np.ndarray:
    """The model's probabilities, averaged over test-time augmentation of each photo.

    Args:
        model: a Keras model from photos to probabilities. images: uint8 (n, size, size, 3).
        flip: whether the mirror image is one of them. shifts: of whole pixels, 1 (none) to 5.

    Returns:
        float32 (n, classes), each row sums to 1.
    """

    def ask(seen, shift, mirrored):
        return in_batches(model.predict_on_batch, seen, batch_size)

    return averaged(images, shifts, flip, ask)
