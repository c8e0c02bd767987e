"""Temperature scaling: how sure a classifier may be, learned after its training.

Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599.
"""

import keras
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp

from faces.training.averages import networks

RANGE = (0.1, 10.0)
LOGITS = "logits"  # the name of a network's last Dense layer


def fit_temperature(logits: np.ndarray, label: np.ndarray) -> float:
    """The temperature T that minimises the log loss of mean(softmax(logits / T)).

    The targets are Platt's (1999): of n photos the true class counts (n + 1) / (n + 2). So a
    network that is right on every one of a few photos is not told to be certain.

    Args:
        logits: (answers, n, classes); the probabilities of the answers (shifts of a photo,
            members of an average) are averaged. label: int (n,), the true classes.

    Returns:
        From 0.1 to 10; above 1 the network was too sure of itself.
    """
    n, classes = logits.shape[1:]
    doubt = 1 / (n + 2)
    target = np.full((n, classes), doubt / (classes - 1))
    target[np.arange(n), label] = 1 - doubt

    def loss(log_temperature: float) -> float:
        log_answer = log_mean_softmax(logits / np.exp(log_temperature))
        return -(target * log_answer).sum(axis=1).mean()

    best = minimize_scalar(loss, bounds=np.log(RANGE), method="bounded")
    return round(float(np.exp(best.x)), 4)


def log_mean_softmax(logits: np.ndarray) -> np.ndarray:
    """log of the mean over the first axis of the probabilities: (n, classes)."""
    return logsumexp(log_softmax(logits.astype(np.float64), axis=-1), axis=0) - np.log(len(logits))


def logits_of(model: keras.Model) -> keras.Model:
    """A model from the same input to the logits of each network: (batch, networks, classes)."""
    pixels = keras.Input(model.input_shape[1:], dtype="float32")
    outputs = [
        keras.Model(network.inputs, network.get_layer(LOGITS).output)(pixels)
        for network in networks(model)
    ]
    return keras.Model(pixels, keras.ops.stack(outputs, axis=1))


def divide_logits(model: keras.Model, temperature: float) -> None:
    """Put the temperature into the last layer's own weights, in place.

    Dividing logits is dividing kernel and bias, so that the saved model answers with calibrated
    probabilities and needs no other file. An average's members share one temperature.
    """
    for network in networks(model):
        layer = network.get_layer(LOGITS)
        layer.set_weights([weight / np.float32(temperature) for weight in layer.get_weights()])
