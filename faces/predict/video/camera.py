"""Frames of a camera, through OpenCV."""

import os
import time
from collections.abc import Iterator
from fractions import Fraction

# Before OpenCV is loaded: what goes wrong is said in our words, not in its own.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")

import cv2
import numpy as np
from PIL import Image

from faces.data.photos import PhotoFault
from faces.predict.video.shots import Shot


class Camera:
    """A camera, open.

    Attributes:
        time_base: seconds that the moments of its frames are counted in.

    Raises:
        PhotoFault: there is none of this number, or it cannot be opened.
    """

    announced = None
    time_base = Fraction(1, 1000)

    def __init__(self, number: int):
        self.capture = cv2.VideoCapture(number)
        if not self.capture.isOpened():
            self.close()
            raise PhotoFault(f"no camera {number} that can be opened")

    def shots(self) -> Iterator[Shot]:
        """Each frame as it comes; its moment is when it came.

        Raises:
            PhotoFault: no more come.
        """
        count, began = 0, 0.0
        while True:
            there, frame = self.capture.read()
            now = time.monotonic()
            if not there:
                raise PhotoFault(f"the camera gave no more frames after {count}")
            began = began or now
            passed = round((now - began) / self.time_base) * self.time_base
            yield Shot(Image.fromarray(np.ascontiguousarray(frame[..., ::-1])), passed)
            count += 1

    def close(self) -> None:
        self.capture.release()
