"""Small pictures with points on them and a line of text: what the page shows of images."""

import base64
import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

LARGEST = 96  # pixels; a thumbnail


@dataclass
class Tile:
    """A picture and its text.

    Args:
        text: below the picture.
        source: a data URI; "" where there is nothing to be shown.
        size: width and height of the picture, pixels.
        marked, predicted: points [[x, y], ...] in pixels of the picture, from pixel centres.
    """

    text: str
    source: str = ""
    size: tuple[int, int] = (LARGEST, LARGEST)
    marked: list = field(default_factory=list)
    predicted: list = field(default_factory=list)


def of_array(image: np.ndarray, text: str, marked=None, predicted=None) -> Tile:
    """A tile of an image of the arrays.

    Args:
        image: uint8 (h, w), (h, w, 1) or (h, w, 3). marked, predicted: (k, 2), pixels, NaN where
            unknown, or None.
    """
    image = np.ascontiguousarray(image.squeeze())
    size = (image.shape[1], image.shape[0])
    uri = data_uri(Image.fromarray(image))
    return Tile(text, uri, size, known(marked), known(predicted))


def of_photo(photo: Image.Image, text: str) -> Tile:
    """A tile of a photo of any size, made small. A strip stays a strip."""
    small = photo.convert("RGB")
    small.thumbnail((LARGEST, LARGEST))
    return Tile(text, data_uri(small), small.size)


def known(points: np.ndarray | None) -> list:
    """The known points, rounded to what can be seen."""
    if points is None:
        return []
    points = np.asarray(points, float).round(2)
    return points[np.isfinite(points).all(axis=1)].tolist()


def data_uri(image: Image.Image) -> str:
    """The picture itself, as an address."""
    content = io.BytesIO()
    image.save(content, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode("ascii")


def by_rank(order: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """The first, the middle and the last n: `best`, `median`, `worst`, the worst one first.

    Args:
        order: rows, the best first.

    >>> {name: rows.tolist() for name, rows in by_rank(np.arange(9), 3).items()}
    {'best': [0, 1, 2], 'median': [3, 4, 5], 'worst': [8, 7, 6]}
    """
    start = max(0, (len(order) - n) // 2)
    return {"best": order[:n], "median": order[start : start + n], "worst": order[::-1][:n]}
