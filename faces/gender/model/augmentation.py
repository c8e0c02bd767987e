"""Augmentation of colour photos and their class, as a Keras layer on the device."""

import keras
from keras import ops

from faces.training import geometric
from faces.training.photometric import Augmentation


@keras.saving.register_keras_serializable("faces")
class Augment(Augmentation):
    """Warp, change of colour, loss of colour, change of look, mix-up; in training only.

    Args:
        settings: those of `geometric.random_matrices` and of `RandomLook`; `colour` (each channel's
            factor, 0.2: from 0.8 to 1.2), `gray` (probability of losing all colour), `mixup`
            (alpha of the Beta distribution by which two photos and their classes are mixed,
            Zhang et al. 2018, "mixup", arXiv:1710.09412; 0: never).
        seed: int.
    """

    def augmented(self, images, targets):
        batch, frame = ops.shape(images)[0], images.shape[1]
        matrices, _ = geometric.random_matrices(self.settings, frame, batch, self.random)
        images = self._colours(geometric.images(images, matrices), batch)
        return self._mixed(self.look(images), targets, batch)

    def _colours(self, images, batch):
        limit = self.settings["colour"]
        low, high = 1 - limit, 1 + limit
        factors = keras.random.uniform((batch, 1, 1, 3), low, high, "float32", self.random)
        images = ops.clip(images * factors, 0.0, 255.0)
        gray = ops.mean(images, axis=-1, keepdims=True)
        coin = keras.random.uniform((batch, 1, 1, 1), dtype="float32", seed=self.random)
        chosen = ops.cast(coin < self.settings["gray"], "float32")
        return images + chosen * (gray - images)

    def _mixed(self, images, targets, batch):
        alpha = self.settings["mixup"]
        if alpha == 0:
            return images, targets
        share = keras.random.beta((batch, 1), alpha, alpha, "float32", self.random)
        # Each photo with its neighbour in the batch, whose order is random already.
        others, other_targets = ops.roll(images, 1, axis=0), ops.roll(targets, 1, axis=0)
        weight = share[:, :, None, None]
        return (
            weight * images + (1 - weight) * others,
            share * targets + (1 - share) * other_targets,
        )
