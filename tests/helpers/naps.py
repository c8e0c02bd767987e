"""In place of trainings: sleep. Apart, so that a node imports neither Keras nor TensorFlow."""

import time


def nap(seconds: float, _) -> None:
    """Sleep so long."""
    time.sleep(seconds)
