"""What the model for photos says of them."""

import keras
import numpy as np


def outputs(
    model: keras.Model, images: np.ndarray, flip_average: bool, batch_size: int = 128
) -> np.ndarray:
    """The model's probabilities, or the mean of them and of those for the mirror image.

    Args:
        images: uint8 (n, size, size, 3).

    Returns:
        float32 (n, classes), each row sums to 1.
    """
    answer = model.predict(images, batch_size=batch_size, verbose=0)
    if not flip_average:
        return answer
    return (answer + model.predict(images[:, :, ::-1], batch_size=batch_size, verbose=0)) / 2
