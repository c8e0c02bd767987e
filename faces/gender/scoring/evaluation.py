"""Score photos in classes for stage `evaluate`: metrics, tables to plot, pictures."""

import numpy as np
import pandas as pd

from faces.gender.scoring.charts import charts
from faces.gender.scoring.pictures import pictures
from faces.gender.scoring.scores import doubt, reliability, scores

READS = ("test_images", "test_target")
HEADLINE = ("accuracy", "accuracy_interval", "recall_by_class", "n_images")


def evaluate(answer, arrays: dict, classes: list[str], _: int) -> tuple[dict, dict, dict]:
    """Metrics, tables for DVC's plots, and pictures, by name.

    Args:
        answer: (n, classes), the model's probabilities for `test_images`.
        arrays: those named in READS, and `uncalibrated` (n, classes), the probabilities
            without the temperature.
    """
    target = np.asarray(arrays["test_target"])
    label = target.argmax(axis=1)
    names = np.array(classes)
    confusion = pd.DataFrame({"actual": names[label], "predicted": names[answer.argmax(axis=1)]})
    tables = {"confusion": confusion, "reliability": reliability(answer, label)}
    metrics = scores(answer, target, classes)
    metrics["before_temperature"] = doubt(arrays["uncalibrated"], label)
    shown = pictures(arrays["test_images"], answer, target, classes)
    before = reliability(arrays["uncalibrated"], label)
    shown["charts"] = charts(before, tables["reliability"], metrics["confusion"])
    return metrics, tables, shown
