"""After training: how sure the model may be."""

import numpy as np
from sklearn.metrics import log_loss

from faces.core.test_time import in_batches, views
from faces.training.temperature import divide_logits, fit_temperature, log_mean_softmax, logits_of


def calibrate(model, validation: dict, averaging: dict) -> dict:
    """Divide the model's logits by the temperature that suits the validation split, in place.

    That split has chosen the epoch too, so the temperature is fitted on photos on which the
    network does a little better than on new ones: what it is worth is measured on the test split.

    Args:
        model: from photos to probabilities, one network or an average of some.
        validation: `image` uint8 (n, size, size, 3), `target` (n, classes).
        averaging: `flip` and `shifts`: the temperature is that of the answers as they are given,
            averaged over test-time augmentation.

    Returns:
        `temperature`, `validation_log_loss_before`, `validation_log_loss`.
    """
    label = np.asarray(validation["target"]).argmax(axis=1)
    ask = logits_of(model)
    seen = views(validation["image"], averaging["shifts"], averaging["flip"])
    logits = [in_batches(ask.predict_on_batch, view, 128) for view, _, _ in seen]
    logits = np.moveaxis(np.concatenate(logits, axis=1), 1, 0)
    temperature = fit_temperature(logits, label)
    divide_logits(model, temperature)
    classes = np.arange(logits.shape[-1])
    before, after = (np.exp(log_mean_softmax(logits / t)) for t in (1, temperature))
    return {
        "temperature": temperature,
        "validation_log_loss_before": round(float(log_loss(label, before, labels=classes)), 4),
        "validation_log_loss": round(float(log_loss(label, after, labels=classes)), 4),
    }


def undo(model, said: dict) -> bool:
    """Take the temperature out of the model again, in place, to show what it changed.

    Args:
        said: what `calibrate` returned.

    Returns:
        True: there was one.
    """
    divide_logits(model, 1 / said["temperature"])
    return True
