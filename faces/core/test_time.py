"""Average answers over shifted and mirrored copies of an image: test-time augmentation."""

from collections.abc import Callable, Iterator

import numpy as np

from faces.core.errors import UserError

# Pixels, right and down. Whole pixels need no resampling; a cell of a heatmap has four.
SHIFTS = ((0, 0), (2, 1), (-2, -1), (1, -2), (-1, 2))


def shifted(images: np.ndarray, right: int, down: int) -> np.ndarray:
    """Images (n, h, w, c) moved by whole pixels; what comes in repeats the edge."""
    height, width = images.shape[1:3]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return images[:, rows][:, :, columns]


def views(images: np.ndarray, number: int, flip: bool) -> Iterator[tuple]:
    """The images as they are, then shifted, each also mirrored if `flip`.

    Args:
        images: (n, h, w, c). number: of shifts, 1 (none) to 5.

    Yields:
        The images of a view, its shift (right, down) in pixels, and whether it is mirrored; a
        mirrored view is shifted first.
    """
    for shift in SHIFTS[:number]:
        moved = shifted(images, *shift) if any(shift) else images
        yield moved, shift, False
        if flip:
            yield moved[:, :, ::-1], shift, True


def finite(answers: np.ndarray, model: str) -> np.ndarray:
    """The same answers, or a `UserError` where some are NaN or infinite."""
    if not np.isfinite(answers).all():
        todo = "Lower lr and train again."
        raise UserError(f"finite answers of {model}", "NaN or infinity", todo)
    return answers


def in_batches(ask: Callable[[np.ndarray], np.ndarray], images: np.ndarray, size: int):
    """Ask for the answers to images (n, ...), n at least 1, `size` of them at a time.

    Keras' `predict` sets up an input pipeline first and waits long for its end.
    """
    parts = [ask(images[i : i + size]) for i in range(0, len(images), size)]
    return np.concatenate([np.asarray(part) for part in parts])


def averaged(
    images: np.ndarray,
    number: int,
    flip: bool,
    ask: Callable[[np.ndarray, tuple, bool], np.ndarray],
) -> np.ndarray:
    """The mean over all views of what `ask(images, shift, mirrored)` answers."""
    total, count = 0.0, 0
    for seen, shift, mirrored in views(images, number, flip):
        total, count = total + ask(seen, shift, mirrored), count + 1
    return (total / count).astype(np.float32)
