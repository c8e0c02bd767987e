"""Augmentation that moves the keypoints with the image, as a Keras layer on the device."""

import keras
from keras import ops

from faces.keypoints.points import FRAME, MIRROR_OUTPUTS
from faces.training import geometric
from faces.training.photometric import Augmentation


def move(images, targets, matrices, mirror):
    """Images and what they show, moved alike; a mirror image swaps left and right names too.

    Args:
        images: (batch, 96, 96, 1). targets: (batch, 19, 2), pixels, NaN where unknown.
        matrices: (batch, 3, 3) from `geometric.matrices`. mirror: (batch,), -1 where it mirrors.
    """
    swapped = ops.take(targets, ops.convert_to_tensor(MIRROR_OUTPUTS), axis=1)
    named = ops.where(mirror[:, None, None] < 0, swapped, targets)
    return geometric.images(images, matrices), geometric.points(named, matrices)


@keras.saving.register_keras_serializable("faces")
class Augment(Augmentation):
    """Mirror, turn, stretch and tilt, then change the look, in training; otherwise nothing.

    Args:
        settings: those of `geometric.random_matrices` and of `RandomLook`.
        seed: int.
    """

    def augmented(self, images, targets):
        matrices, mirror = geometric.random_matrices(
            self.settings, FRAME, ops.shape(images)[0], self.random
        )
        images, targets = move(images, targets, matrices, mirror)
        return self.look(images), targets
