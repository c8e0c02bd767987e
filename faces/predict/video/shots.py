"""Frames and their moments, whatever they come from."""

from dataclasses import dataclass
from fractions import Fraction

from PIL import Image

STEP = Fraction(1, 25)  # seconds a frame is shown, where nothing says so
NEW_CLOCK = 1  # seconds: a step back that is longer is another recording, joined on


@dataclass(frozen=True)
class Shot:
    """A frame, upright, RGB; how far the video has run when it comes, and how long it stays.

    Attributes:
        seconds, lasts: seconds.
    """

    picture: Image.Image
    seconds: Fraction
    lasts: Fraction = STEP


class Clock:
    """Moments of frames in seconds, from the first moment that is shown; they never go back.

    >>> clock = Clock(None, Fraction(1, 2))
    >>> [float(clock.moment(stamp)) for stamp in (7, 8, None, 8, 9, 1, 2)]
    [0.0, 1.0, 1.5, 1.5, 2.0, 2.5, 3.5]

    Args:
        start: the stamp that counts as 0; the first frame's, if that is None or later.
        step: seconds to the next frame, where a frame has no stamp.
    """

    def __init__(self, start: Fraction | None, step: Fraction):
        self.start, self.step = start, step
        self.last: Fraction | None = None

    def moment(self, stamp: Fraction | None) -> Fraction:
        """Seconds at which a frame with this stamp is shown."""
        if self.last is None:
            first = Fraction(0) if stamp is None else stamp
            self.start = first if self.start is None else min(self.start, first)
            self.last = first - self.start
            return self.last
        now = self.last + self.step if stamp is None else stamp - self.start
        if now < self.last - NEW_CLOCK:
            now = self.last + self.step
            self.start = stamp - now
        self.last = max(self.last, now)
        return self.last
