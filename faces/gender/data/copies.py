"""Photos that show the same picture: copies, and other crops or mirror images of it."""

from functools import cache, partial

import numpy as np
from scipy.sparse import csr_array, vstack

from faces.core.progress import progress_bar
from faces.core.threads import in_order
from faces.data import nearby

SMALL = 32
FEW = 4000  # photos; so many are compared with each other sooner than through an index
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
NEAREST = 8  # cells whose middles a crop is compared with; there are 207 crops to find one
CHUNK = 2048  # photos whose crops are held at once
Found = tuple[np.ndarray, np.ndarray]  # pairs, int (p, 2), and how far they correlate, float32 (p,)


def same_picture(hashes: np.ndarray, small: np.ndarray, bits: int) -> Found:
    """Find pairs that are copies: both their hashes and their small copies agree.

    A hash alone takes any two frontal portraits before a plain wall for one.

    Args:
        hashes: uint64 (n,), perceptual. small: uint8 (n, SMALL * SMALL), gray.
        bits: hashes that differ in at most so many bits agree.
    """
    if len(small) > FEW:
        pairs, likeness = nearby.alike(partial(pictures, small), len(small), SAME_PICTURE, seed=0)
        near = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]]) <= bits
        return pairs[near], likeness[near]
    small, found = unit(small), []
    for i, value in enumerate(hashes[:-1]):
        near = np.flatnonzero(np.bitwise_count(hashes[i + 1 :] ^ value) <= bits) + i + 1
        found.append(pairs_of(i, near, small[near] @ small[i], SAME_PICTURE))
    return joined(found)


@nearby.on_one_thread
def same_scene(small: np.ndarray) -> Found:
    """Find pairs of which one shows the middle of the other, shifted, enlarged or mirrored.

    Of a pair, the middle of each is looked for in the other: both orders may come up.

    Args:
        small: uint8 (n, SMALL * SMALL), gray.
    """
    if len(small) > FEW:
        return same_scene_nearby(small)
    n, found = len(small), []
    sides = [pictures(small, np.arange(start, start + n)) for start in (0, n)]
    others = [(photos, middles(photos)) for photos in sides]
    for i in progress_bar(range(n), desc="compare photos", unit="photo", leave=False):
        near = [np.flatnonzero(photos @ sides[0][i] >= WORTH_A_LOOK) for photos, _ in others]
        near = [rows[rows != i] for rows in near]
        if not any(map(len, near)):
            continue
        cut = crops(sides[0][i])
        for rows, (_, parts) in zip(near, others, strict=True):
            found.append(pairs_of(i, rows, best(parts[rows], cut), SAME_SCENE))
    return joined(found)


def same_scene_nearby(small: np.ndarray) -> Found:
    """Find what `same_scene` finds through an index of all middles, mirrored ones too.

    The index is asked for all crops of each photo. What it finds is compared as ever.
    """
    n, found = len(small), []
    basis = nearby.axes(lambda rows: middles(pictures(small, rows)), 2 * n, nearby.CODE, seed=0)
    codes = nearby.coded(lambda rows: middles(pictures(small, rows)), 2 * n, basis)
    cells = nearby.Cells(codes, nearby.number_of_cells(2 * n), seed=0)

    def cut(row: int) -> np.ndarray:
        return nearby.code(crops(pictures(small, np.array([row]))[0]), basis)

    for start in progress_bar(range(0, n, CHUNK), desc="compare photos", leave=False):
        asking = [*in_order(cut, range(start, min(start + CHUNK, n)))]
        near = [*nearby.candidates(cells, np.concatenate(asking), SAME_SCENE, NEAREST)]
        near = np.unique(np.concatenate(near) // [len(asking[0]), 1] + [start, 0], axis=0)
        near = near[near[:, 0] != near[:, 1] % n]
        each = [(int(near[at[0], 0]), near[at, 1]) for _, at in nearby.by_cell(near[:, 0])]
        found += in_order(lambda both: shown_in(small, *both), each)
    return joined(found)


def shown_in(small: np.ndarray, i: int, others: np.ndarray) -> Found:
    """Find which others photo i shows the middle of, by numbers as `pictures` takes them."""
    picture, photos = pictures(small, np.array([i]))[0], pictures(small, others)
    worth = photos @ picture >= WORTH_A_LOOK
    if not worth.any():
        return joined([])
    likeness = best(middles(photos[worth]), crops(picture))
    return pairs_of(i, others[worth] % len(small), likeness, SAME_SCENE)


def pictures(small: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Give small copies by number, as `unit` makes them; from n on, their mirror images."""
    n = len(small)
    photos = small[rows % n].reshape(-1, SMALL, SMALL)
    photos = np.where((rows >= n)[:, None, None], photos[:, :, ::-1], photos)
    return unit(photos.reshape(-1, SMALL * SMALL))


def middles(photos: np.ndarray) -> np.ndarray:
    """Cut out the middle of each small copy: float32 (n, WINDOW * WINDOW), as `unit` makes them."""
    return unit(photos @ crop(MIDDLE, 0, 0).T)


def best(middles: np.ndarray, crops: np.ndarray) -> np.ndarray:
    """Measure how far each middle correlates with the crop most like it: float32 (n,)."""
    return (middles @ crops.T).max(axis=1, initial=-1)


def pairs_of(i: int, others: np.ndarray, likeness: np.ndarray, least: float) -> Found:
    """Pair i with each of the others that is alike enough."""
    others, likeness = others[likeness >= least], likeness[likeness >= least]
    return np.stack([np.full_like(others, i), others], axis=1), likeness


def joined(found: list[Found]) -> Found:
    """Put all pairs of a list together."""
    none = np.zeros((0, 2), np.int64), np.zeros(0, np.float32)
    return tuple(np.concatenate(parts) for parts in zip(none, *found, strict=True))


def crops(picture: np.ndarray) -> np.ndarray:
    """Cut many crops out of a small copy: float32 (crops, WINDOW * WINDOW), made by `unit`."""
    return unit((all_crops() @ picture).reshape(-1, WINDOW * WINDOW))


def unit(rows: np.ndarray) -> np.ndarray:
    """Bring rows to mean 0 and length 1, float32: their products are correlations."""
    rows = np.asarray(rows, np.float32)
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


@cache
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
