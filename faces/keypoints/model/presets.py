"""The four networks of a 2018 report on this competition, with its batch sizes and epochs.

They are here to be compared with: two of the four did worse than the mean face.
"""

import keras
from keras import layers

from faces.keypoints.points import FOUR_POINTS, FRAME, N_POINTS
from faces.training.photometric import STILL

CONVOLUTIONS = {  # filters and size of each convolution; a 2x2 pooling follows each
    "report-1": ((32, 3), (64, 3)),
    "report-2": ((64, 3), (128, 3)),
    "report-3": ((64, 4),),
    "report-4": ((64, 5), (32, 4)),
}
TRAINING = {
    "report-1": {"batch_size": 20, "epochs": 263, "lr": 0.001},
    "report-2": {"batch_size": 100, "epochs": 500, "lr": 0.001},
    "report-3": {"batch_size": 100, "epochs": 100, "lr": 0.001},
    "report-4": {"batch_size": 100, "epochs": 100, "lr": 0.001},
}
SAME = {"padding": "same", "data_format": "channels_last", "activation": "relu"}


def is_preset(model: str) -> bool:
    """Whether it is a network to compare with, which learns as its authors let it learn."""
    return model in TRAINING


def with_preset(settings: dict) -> dict:
    """The settings, with what the preset named by `model` says of training in place of them.

    No augmentation, no weight decay, no average of weights, a learning rate that stays: the report
    had none of these. Its fourth network was stopped early, at epoch 68; so are all here.
    `heatmaps`, our own network, changes nothing.
    """
    if not is_preset(settings["model"]):
        return settings
    plain = {"augment": STILL, "weight_decay": 0, "ema": 0}
    said = {"optimizer": "adam", "loss": "squared", "patience": 30}
    return {**settings, **plain, **said, **TRAINING[settings["model"]]}


def build(model: str, shape: tuple) -> keras.Model:
    """One of the report's networks: (batch, 96, 96, 1), 0 to 255, to (batch, 19, 2), pixels.

    It knows one kind of annotators only: the last four points are copies of four of the first 15.
    """
    pixels = keras.Input(shape, dtype="float32", name="image")
    x = layers.Rescaling(1 / 255)(pixels)
    for filters, size in CONVOLUTIONS[model]:
        x = layers.Conv2D(filters, size, **SAME)(x)
        x = layers.MaxPooling2D(2, data_format="channels_last")(x)
    x = layers.Dense(2 * N_POINTS, dtype="float32")(layers.Flatten("channels_last")(x))
    # From about -1 to 1 to pixels: the report did not say how it scaled its targets.
    x = layers.Rescaling(FRAME / 2, offset=FRAME / 2, dtype="float32")(x)
    points = layers.Reshape((N_POINTS, 2))(x)
    copies = [points[:, i : i + 1] for i in FOUR_POINTS]
    return keras.Model(pixels, layers.Concatenate(axis=1)([points, *copies]), name="keypoints")
