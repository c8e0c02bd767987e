"""Photos that show the same picture: copies, and other crops or mirror images of it."""

from functools import cache

import numpy as np
from scipy.sparse import csr_array, vstack

from stages.progress import progress_bar

SMALL = 32
# Copies of one photo, re-encoded or resized, correlate above this; two photos hardly ever.
SAME_PICTURE = 0.97
# Crops of one photo, laid over each other, do; so do, rarely, two faces in the same hard light.
SAME_SCENE = 0.955
# Pairs below this as they lie are not laid over each other: on 2,000 portraits no two crops of
# one photo were below 0.8.
WORTH_A_LOOK = 0.75
WINDOW = 20  # pixels of a crop that is compared
MIDDLE = 0.8  # side of the crop, of the photo's, that is looked for in the other photo
SIDES = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
SHIFTS = range(-3, 4)  # of SMALL pixels
Pairs = np.ndarray  # int (p, 2)


def same_picture(hashes: np.ndarray, small: np.ndarray, bits: int) -> Pairs:
    """Pairs that are copies: both their hashes and their small copies agree.

    A hash alone takes any two frontal portraits before a plain wall for one.

    Args:
        hashes: uint64 (n,), perceptual. small: float32 (n, SMALL * SMALL), each of mean 0 and
            length 1. bits: hashes that differ in at most so many bits agree.
    """
    pairs = [np.zeros((0, 2), np.int64)]
    for i, value in enumerate(hashes[:-1]):
        near = np.flatnonzero(np.bitwise_count(hashes[i + 1 :] ^ value) <= bits) + i + 1
        near = near[small[near] @ small[i] >= SAME_PICTURE]
        pairs.append(np.stack([np.full_like(near, i), near], axis=1))
    return np.concatenate(pairs)


def same_scene(small: np.ndarray) -> Pairs:
    """Pairs of which one shows the middle of the other, shifted, enlarged or mirrored."""
    n = len(small)
    mirrored = small.reshape(n, SMALL, SMALL)[:, :, ::-1].reshape(n, -1)
    middle = crop(MIDDLE, 0, 0)
    others = [(photos, unit(photos @ middle.T)) for photos in (small, mirrored)]
    pairs = [np.zeros((0, 2), np.int64)]
    for i in progress_bar(range(n), desc="compare photos", unit="photo", leave=False):
        near = [np.flatnonzero(photos @ small[i] >= WORTH_A_LOOK) for photos, _ in others]
        # Of a pair, the middle of each is looked for in the other: both orders come up.
        near = [rows[rows != i] for rows in near]
        if not any(map(len, near)):
            continue
        cut = crops(small[i])
        for rows, (_, middles) in zip(near, others, strict=True):
            rows = rows[(middles[rows] @ cut.T).max(axis=1, initial=-1) >= SAME_SCENE]
            pairs.append(np.stack([np.full_like(rows, i), rows], axis=1))
    return np.concatenate(pairs)


def crops(picture: np.ndarray) -> np.ndarray:
    """Many crops of one small copy: float32 (crops, WINDOW * WINDOW), as `unit` makes them."""
    return unit((all_crops() @ picture).reshape(-1, WINDOW * WINDOW))


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of mean 0 and length 1: their products are correlations."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


@cache
def all_crops() -> csr_array:
    """The matrices of all crops, one below the other."""
    places = [
        (side, right, down)
        for side in SIDES
        for right in SHIFTS
        for down in SHIFTS
        if max(abs(right), abs(down)) <= (1 - side) * SMALL / 2 + 0.5
    ]
    return vstack([crop(*place) for place in places], format="csr")


def crop(side: float, right: float, down: float) -> csr_array:
    """The matrix that cuts a square out of a small copy, bilinearly.

    Args:
        side: of the square, as a share of the copy's. right, down: of its centre from the
            copy's, SMALL pixels; it is kept inside.

    Returns:
        float32 (WINDOW * WINDOW, SMALL * SMALL).
    """
    (left, x), (top, y) = _line(side, right), _line(side, down)
    cell = np.arange(WINDOW * WINDOW).reshape(WINDOW, WINDOW)
    rows, columns, weights = [], [], []
    for row, share_y in ((top, 1 - y), (top + 1, y)):
        for column, share_x in ((left, 1 - x), (left + 1, x)):
            rows.append(cell.ravel())
            columns.append((row[:, None] * SMALL + column).ravel())
            weights.append(np.outer(share_y, share_x).ravel())
    entries = np.concatenate(weights).astype(np.float32)
    place = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((entries, place), shape=(WINDOW * WINDOW, SMALL * SMALL))


def _line(side: float, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel of a crop along one axis: the pixel before it, and how far it is past that."""
    margin = SMALL * (1 - side) / 2
    start = margin + np.clip(shift, -margin, margin)
    at = (np.arange(WINDOW) + 0.5) * SMALL * side / WINDOW - 0.5 + start
    low = np.clip(np.floor(at), 0, SMALL - 2).astype(int)
    return low, np.clip(at - low, 0, 1)
