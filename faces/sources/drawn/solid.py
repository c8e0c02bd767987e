"""Solids in the head frame, seen along z: depth of unions of ellipsoids under a rotation.

A ray through a picture point (x, y) meets an ellipsoid at the larger root of a quadratic. Rounded
unions of a dozen ellipsoids make a head whose outline, shading and hidden parts follow its pose.
"""

import numpy as np

# centre (3), radii (3), tilt about the x axis in radians
Ellipsoid = tuple[tuple[float, float, float], tuple[float, float, float], float]


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """(3, 3) matrix from head frame to view frame; degrees. Positive yaw looks to larger x."""
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


def depth(ellipsoid: Ellipsoid, turn: np.ndarray, x: np.ndarray, y: np.ndarray):
    """Depth z and inside-ness (1 at the middle, 0 on the outline, below 0 outside) at points."""
    centre, radii, tilt = ellipsoid
    axes = turn @ rotation(0, np.degrees(tilt), 0)
    form = axes @ np.diag(1 / np.square(radii)) @ axes.T
    cx, cy, cz = turn @ np.asarray(centre)
    dx, dy = x - np.float32(cx), y - np.float32(cy)
    f = form.astype(np.float32)
    slope = (f[0, 2] * dx + f[1, 2] * dy) / f[2, 2]
    flat = f[0, 0] * dx * dx + 2 * f[0, 1] * dx * dy + f[1, 1] * dy * dy
    inside = 1 - flat + f[2, 2] * slope * slope
    # A root without its infinite slope at the outline: unions of solids get no creases there.
    root = np.sqrt(0.5 / f[2, 2] * (inside + np.sqrt(inside * inside + np.float32(0.01))))
    return np.float32(cz) - slope + root - 2 * np.maximum(-inside, 0), inside


def smooth_max(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    """The larger of two fields, rounded over where they differ by less than `width`."""
    near = np.maximum(np.float32(width) - np.abs(a - b), 0)
    return np.maximum(a, b) + near * near * np.float32(0.25 / width)


def union(parts: list[tuple[Ellipsoid, float]], turn: np.ndarray, x: np.ndarray, y: np.ndarray):
    """Depth and inside-ness of ellipsoids joined with a rounding width each (face units)."""
    whole, cover = depth(parts[0][0], turn, x, y)
    for ellipsoid, width in parts[1:]:
        near = _neighbourhood(ellipsoid, turn, x, y)
        z, inside = depth(ellipsoid, turn, x[near], y[near])
        whole[near] = smooth_max(whole[near], z, width)
        cover[near] = smooth_max(cover[near], inside, 0.4 * width)
    return whole, cover


def _neighbourhood(ellipsoid: Ellipsoid, turn: np.ndarray, x: np.ndarray, y: np.ndarray):
    """Index of the grid points that an ellipsoid can change: a window, or all of a list."""
    if x.ndim == 1:
        return slice(None)
    centre, radii, _ = ellipsoid
    cx, cy, _ = turn @ np.asarray(centre)
    reach = 1.7 * max(radii)
    rows = np.searchsorted(y[:, 0], [cy - reach, cy + reach])
    columns = np.searchsorted(x[0], [cx - reach, cx + reach])
    return slice(*rows), slice(*columns)


def soft(distance: np.ndarray, width: float) -> np.ndarray:
    """0 to 1 ramp, `width` wide, centred where `distance` is 0: an edge without jags."""
    return np.clip(distance * np.float32(1 / width) + np.float32(0.5), 0, 1)


def bell(distance: np.ndarray, width: float) -> np.ndarray:
    """Gaussian bump of a distance."""
    return np.exp(-0.5 * np.square(distance * np.float32(1 / width)))
