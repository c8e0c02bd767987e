"""What the model for photos says of them."""

import numpy as np

from stages.views import averaged, in_batches


def outputs(
    model, images: np.ndarray, flip_average: bool, views: int = 1, batch_size: int = 128
) -> np.ndarray:
    """The model's probabilities, averaged over views of each photo.

    Args:
        model: a Keras model from photos to probabilities. images: uint8 (n, size, size, 3).
        flip_average: whether the mirror image is a view too. views: shifts, 1 (none) to 5.

    Returns:
        float32 (n, classes), each row sums to 1.
    """

    def ask(seen, shift, mirrored):
        return in_batches(model.predict_on_batch, seen, batch_size)

    return averaged(images, views, flip_average, ask)
