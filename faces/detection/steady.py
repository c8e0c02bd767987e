"""Points that do not tremble, and do not lag: a One-Euro filter.

Casiez, Roussel and Vogel 2012, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input
in Interactive Systems", CHI. A point at rest is smoothed much, one that moves little.
"""

import numpy as np

REST = 1.0  # Hz: cutoff for a point at rest
# Hz for each face size a second that a point moves. It then lags by less than 1 / (2 pi 16) = 1% of
# the face's size, however fast it is.
MOVING = 16.0
SPEED = 2.0  # Hz: cutoff for the speed itself
JUMP = 0.5  # of the face's size: who moves further between two frames is shown where he is
LONGEST = 1.0  # seconds: after a longer gap it starts anew


class Steady:
    """A filter for the points of one face."""

    def __init__(self):
        self.raw = self.shown = self.speed = None
        self.last = 0.0

    def __call__(self, points: np.ndarray, size: float, seconds: float) -> np.ndarray:
        """The points (15, 2), steadied; size is the face's, in their pixels."""
        passed = seconds - self.last
        self.last = seconds
        if self.shown is None or passed > LONGEST or jumped(points, self.raw, size):
            self.shown, self.speed = points, np.zeros_like(points)
        elif passed > 0:
            self.speed = self.speed + share(SPEED, passed) * (
                (points - self.raw) / passed - self.speed
            )
            pace = np.linalg.norm(self.speed, axis=1, keepdims=True) / max(size, 1e-6)
            self.shown = self.shown + share(REST + MOVING * pace, passed) * (points - self.shown)
        self.raw = points
        return self.shown


def jumped(points: np.ndarray, before: np.ndarray, size: float) -> bool:
    """Whether a face of this size is no longer where it was."""
    return bool(np.linalg.norm((points - before).mean(axis=0)) > JUMP * size)


def share(cutoff, passed: float):
    """The share of the new value in a low-pass filter of a cutoff, Hz, after so many seconds."""
    return 1 / (1 + 1 / (2 * np.pi * cutoff * passed))
