"""Geometry of augmentation: one 3x3 matrix for each image, one resampling."""

import math

import keras
import numpy as np
from keras import ops


def matrices(frame, angle, scale_x, scale_y, shear, shift_x, shift_y, mirror, tilt_x, tilt_y):
    """3x3 matrices that take a pixel of the new image to the pixel of the old one it shows.

    Args:
        frame: side of the images, pixels.
        angle: radians. scale_*: factors, above 1 enlarges. shear: a slope. shift_*: pixels.
        mirror: +1, or -1 for a left-right mirror image. tilt_*: perspective, 1 / pixels.
            Each a float tensor (batch,).

    Returns:
        float tensor (batch, 3, 3), in coordinates that count from the top left pixel centre.
    """
    centre = (frame - 1) / 2
    cos, sin = ops.cos(angle), ops.sin(angle)
    zero, one = ops.zeros_like(angle), ops.ones_like(angle)

    def matrix(*rows):
        return ops.stack([ops.stack(row, axis=-1) for row in rows], axis=1)

    to_centre = matrix(
        (one, zero, -centre - shift_x), (zero, one, -centre - shift_y), (zero, zero, one)
    )
    turn = matrix((cos, sin, zero), (-sin, cos, zero), (zero, zero, one))
    stretch = matrix(
        (mirror / scale_x, shear, zero), (zero, 1 / scale_y, zero), (tilt_x, tilt_y, one)
    )
    back = matrix((one, zero, one * centre), (zero, one, one * centre), (zero, zero, one))
    return ops.matmul(back, ops.matmul(stretch, ops.matmul(turn, to_centre)))


def random_matrices(settings: dict, frame: int, batch, random):
    """Matrices (batch, 3, 3) at random, and which images they mirror: -1 or +1, (batch,).

    Args:
        settings: `flip` (probability), `degrees`, `scale` (0.1 is up to 10%), `stretch` (the
            same, one axis against the other), `shear` (slope), `shift` (pixels), `tilt`
            (perspective: change of scale from the centre to the border).
        random: a `keras.random.SeedGenerator`.
    """

    def between(limit):
        return keras.random.uniform((batch,), -limit, limit, "float32", seed=random)

    zoom, stretch = between(settings["scale"]), between(settings["stretch"])
    coin = keras.random.uniform((batch,), dtype="float32", seed=random)
    mirror = 1.0 - 2.0 * ops.cast(coin < settings["flip"], "float32")
    half = frame / 2
    chosen = matrices(
        frame,
        angle=between(math.radians(settings["degrees"])),
        scale_x=ops.exp(zoom + stretch),
        scale_y=ops.exp(zoom - stretch),
        shear=between(settings["shear"]),
        shift_x=between(settings["shift"]),
        shift_y=between(settings["shift"]),
        mirror=mirror,
        tilt_x=between(settings["tilt"] / half),
        tilt_y=between(settings["tilt"] / half),
    )
    return chosen, mirror


def images(pixels, chosen):
    """Images (batch, h, w, c) resampled bilinearly; what lies outside repeats the edge.

    TensorFlow has one operation for it, and Keras calls that. Keras' `affine_transform` of JAX
    and torch is another: it leaves the perspective out, and the points would not.
    """
    if keras.backend.backend() != "tensorflow":
        return gathered(pixels, chosen)
    flat = ops.reshape(chosen / chosen[:, 2:, 2:], (-1, 9))[:, :8]
    return ops.image.affine_transform(
        pixels, flat, interpolation="bilinear", fill_mode="nearest", data_format="channels_last"
    )


def gathered(pixels, chosen):
    """Resample as `images` does, in operations that are the same on every backend.

    On a CPU it takes up to twice as long as TensorFlow's one operation.
    """
    batch, height, width, channels = ops.shape(pixels)
    grid = np.mgrid[:height, :width].reshape(2, 1, -1).astype("float32")
    y, x = (ops.convert_to_tensor(line) for line in grid)
    # Sums of products, not a product of matrices: GPUs may round the factors of those.
    x, y, depth = (
        chosen[:, i, :1] * x + chosen[:, i, 1:2] * y + chosen[:, i, 2:] for i in range(3)
    )
    depth = ops.where(depth == 0, 1e-9, depth)
    left, right, x_share = _neighbours(x / depth, width)
    above, below, y_share = _neighbours(y / depth, height)
    flat = ops.reshape(pixels, (-1, channels))
    first = ops.cast(ops.arange(batch) * (height * width), "int32")[:, None]

    def line(row):
        at_left, at_right = (
            ops.take(flat, first + row * width + column, axis=0) for column in (left, right)
        )
        return at_left + x_share * (at_right - at_left)

    upper = line(above)
    return ops.reshape(upper + y_share * (line(below) - upper), (-1, height, width, channels))


def _neighbours(position, side: int):
    """The pixels before and after positions on a line, int32, and the share of the second."""
    position = ops.clip(position, 0.0, side - 1.0)
    before = ops.floor(position)
    after = ops.minimum(before + 1, side - 1.0)
    share = (position - before)[..., None]
    return ops.cast(before, "int32"), ops.cast(after, "int32"), share


def points(positions, chosen):
    """Points (batch, k, 2), pixels, moved as `images` moves what they mark; NaN stays NaN."""
    forward = ops.linalg.inv(chosen)
    homogeneous = ops.concatenate([positions, ops.ones_like(positions[..., :1])], axis=-1)
    moved = ops.einsum("bij,bkj->bki", forward, homogeneous)
    return moved[..., :2] / moved[..., 2:]
