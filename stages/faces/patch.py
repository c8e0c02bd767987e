"""The part of a photo around a face: all that is kept of it, so that many photos fit in memory."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

REACH = 1.3  # sides of a box, to each side of its centre: room for a tilted or larger crop
LARGEST = 224  # pixels of a box's side; larger faces are reduced to it: crops have 60 to 96


@dataclass(frozen=True)
class Patch:
    """Attributes:
    image: uint8 (h, w, 3).
    to_photo: scale, x and y: a point of the patch times the scale, plus (x, y), is where it
        lies in the photo. Both in pixels, counted from the centre of the top left one.
    """

    image: np.ndarray
    to_photo: tuple[float, float, float]

    def in_photo(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) of the patch, in pixels of the photo."""
        scale, x, y = self.to_photo
        return np.asarray(points, float) * scale + (x, y)

    def in_patch(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) of the photo, in pixels of the patch."""
        scale, x, y = self.to_photo
        return (np.asarray(points, float) - (x, y)) / scale


def cut_patch(photo: Image.Image, box: np.ndarray) -> Patch:
    """The part of a photo around a box.

    Args:
        photo: RGB. box: centre x and y and side, pixels; some of it lies in the photo.
    """
    x, y, side = (float(value) for value in box)
    reach = REACH * side
    left, right = (int(np.clip(v, 0, photo.width)) for v in (x - reach, x + reach + 1))
    top, bottom = (int(np.clip(v, 0, photo.height)) for v in (y - reach, y + reach + 1))
    left, top = min(left, photo.width - 1), min(top, photo.height - 1)
    part = photo.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
    scale = max(1.0, side / LARGEST)
    if scale > 1:
        # The same scale on both axes, to a fraction of a pixel: the edge is cut, not squeezed.
        size = [max(1, int(length / scale)) for length in part.size]
        seen = (0, 0, min(size[0] * scale, part.width), min(size[1] * scale, part.height))
        part = part.resize(size, Image.Resampling.BILINEAR, box=seen)
    shift = (scale - 1) / 2
    return Patch(np.asarray(part), (scale, left + shift, top + shift))
