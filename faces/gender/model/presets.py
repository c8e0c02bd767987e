"""A blog author's network for this data set, with its batch size and epochs: to compare with."""

import keras
from keras import layers

from faces.training.photometric import STILL

TRAINING = {"blog": {"batch_size": 32, "epochs": 30, "patience": 30, "lr": 0.01}}
NO_AUGMENTATION = {**STILL, "colour": 0, "gray": 0, "mixup": 0}
DROPOUT = 0.5  # not said in the blog
SAME = {"padding": "same", "data_format": "channels_last", "activation": "relu"}


def is_preset(model: str) -> bool:
    """Whether it is a network to compare with, which learns as its authors let it learn."""
    return model in TRAINING


def with_preset(settings: dict) -> dict:
    """The settings, with what the preset named by `model` says of training in place of them.

    The blog trained by plain gradient descent, without augmentation, on its photos alone.
    `residual`, our own network, changes nothing.
    """
    if not is_preset(settings["model"]):
        return settings
    plain = {"augment": NO_AUGMENTATION, "weight_decay": 0, "ema": 0, "optimizer": "sgd"}
    return {**settings, **plain, **TRAINING[settings["model"]]}


def build(shape: tuple, outputs: int) -> keras.Model:
    """The blog's network: (batch, size, size, 3), 0 to 255, to (batch, classes).

    9.4 million parameters for 60x60 pixels and two classes.
    """
    pixels = keras.Input(shape, dtype="float32", name="image")
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Conv2D(64, 10, **SAME)(x)
    for filters in (128, 256):
        x = layers.MaxPooling2D(2, data_format="channels_last")(x)
        x = layers.Conv2D(filters, 4, **SAME)(x)
        x = layers.Conv2D(filters, 4, **SAME)(x)
    x = layers.Flatten("channels_last")(x)
    for units in (128, 64):
        x = layers.Dropout(DROPOUT)(layers.Dense(units, activation="relu")(x))
    logits = layers.Dense(outputs, dtype="float32", name="logits")(x)
    return keras.Model(pixels, layers.Softmax(dtype="float32", name="probabilities")(logits))
