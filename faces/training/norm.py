"""Batch normalisation for training: the same on every backend, and fast with TensorFlow."""

import keras
from keras import ops


class FusedNorm(keras.layers.Layer):
    """Normalise a batch as Keras' layer does in training; with TensorFlow in one operation.

    There Keras takes mean, variance and the rest in a dozen operations, each of which reads all
    values from memory again: on a CPU that takes a third of the convolution before it.

    What is kept for later is the variance that all values are estimated to have, n / (n - 1) times
    that of the batch, as TensorFlow's operation gives it and torch's own layer keeps it. Keras'
    layer keeps the batch's: the same training would be validated by other numbers.

    Args:
        norm: the layer, normalising the last axis of (batch, h, w, c). Its variables are used and
            updated; it stays as it is.
    """

    def __init__(self, norm: keras.layers.BatchNormalization, **kwargs):
        super().__init__(name=f"fused_{norm.name}", dtype=norm.dtype_policy, **kwargs)
        self.norm = norm

    def build(self, _):
        self.built = True

    def call(self, x, training=False, mask=None):
        norm = self.norm
        if not training:
            return norm(x, training=False)
        one = keras.backend.backend() == "tensorflow"
        y, mean, variance = _in_one_operation(x, norm) if one else _in_several(x, norm)
        for kept, new in ((norm.moving_mean, mean), (norm.moving_variance, variance)):
            kept.assign(kept * norm.momentum + ops.cast(new, kept.dtype) * (1 - norm.momentum))
        return y


def _in_one_operation(x, norm):
    import tensorflow as tf

    return tf.raw_ops.FusedBatchNormV3(
        x=x,
        scale=norm.gamma,
        offset=norm.beta,
        mean=[],
        variance=[],
        epsilon=norm.epsilon,
        exponential_avg_factor=1.0,
        is_training=True,
    )[:3]


def _in_several(x, norm):
    """For a compiler that makes one of them by itself, as JAX's; sums are taken in 32 bits."""
    values = ops.cast(x, "float32")
    mean = ops.mean(values, axis=(0, 1, 2))
    # Not as Keras does it with torch, E[x^2] - E[x]^2, which may come out below 0.
    variance = ops.mean(ops.square(values - mean), axis=(0, 1, 2))
    y = ops.batch_normalization(values, mean, variance, -1, norm.beta, norm.gamma, norm.epsilon)
    count = ops.cast(ops.size(values) // values.shape[-1], "float32")
    return ops.cast(y, x.dtype), mean, variance * (count / ops.maximum(count - 1, 1))


def fused(model: keras.Model) -> keras.Model:
    """The same layers, those of batch normalisation computed by `FusedNorm`."""

    def layer(old):
        return FusedNorm(old) if isinstance(old, keras.layers.BatchNormalization) else old

    return keras.models.clone_model(model, clone_function=layer)
