"""Several networks as one model that answers with their mean."""

import keras
from keras import layers


def average(models: list[keras.Model]) -> keras.Model:
    """One model from the same input to the mean of the answers; of one model, itself."""
    if len(models) == 1:
        return models[0]
    pixels = keras.Input(models[0].input_shape[1:], dtype="float32", name="image")
    name = models[0].name
    for number, model in enumerate(models, 1):
        model.name = f"{name}_{number}"
    answers = [model(pixels) for model in models]
    return keras.Model(pixels, layers.Average(dtype="float32")(answers), name=name)


def networks(model: keras.Model) -> list[keras.Model]:
    """The networks whose mean a model answers with; of a single network, itself."""
    return [layer for layer in model.layers if isinstance(layer, keras.Model)] or [model]
