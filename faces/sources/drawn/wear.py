"""Things in front of a face: glasses, ear-rings, a microphone, a hand."""

import numpy as np

from faces.sources.drawn.person import Person, View
from faces.sources.drawn.raster import Raster, lay
from faces.sources.drawn.skin import EVERYWHERE
from faces.sources.drawn.solid import bell, soft


def _plane(frame: Raster, z: float) -> tuple[np.ndarray, np.ndarray]:
    """Head-frame x, y at which each ray meets the plane at depth z of the head frame."""
    back = np.linalg.inv(frame.turn[:2, :2]).astype(np.float32)
    x = frame.x - np.float32(frame.turn[0, 2] * z)
    y = frame.y - np.float32(frame.turn[1, 2] * z)
    return back[0, 0] * x + back[0, 1] * y, back[1, 0] * x + back[1, 1] * y


def glasses(picture: np.ndarray, person: Person, frame: Raster) -> None:
    """Rims, bridge, arms and lenses (clear or dark), in place."""
    if person.glasses == "none":
        return
    x, y = _plane(frame, 2.15)
    size, power, rim = person.glasses_size, person.glasses_round, 0.045 + 0.5 * frame.pixel
    side = np.abs(x)
    across = np.abs(side - 1.02) / size
    around = (across**power + (np.abs(y - 0.1) / (0.78 * size)) ** power) ** (1 / power)
    lens = soft(1 - around, 0.1)
    dark = person.glasses == "dark"
    lay(
        picture,
        EVERYWHERE,
        (0.88 if dark else 0.06) * lens,
        np.array([0.06, 0.07, 0.09]) if dark else np.array([0.85, 0.9, 0.95]),
    )
    sheen = bell(x + 0.9 * y - 0.55, 0.16) + bell(x + 0.9 * y + 1.5, 0.12)
    lay(picture, EVERYWHERE, (0.28 if dark else 0.14) * lens * sheen, np.array([0.95, 0.97, 1.0]))
    line = soft(rim - np.abs(around - 1) * size, rim)
    bridge = soft(rim - np.abs(y + 0.06 - 0.2 * np.square(x)), rim) * soft(1.05 - size - side, 0.05)
    hinge, temple = (1.02 + size, 0.05, 2.15), (person.face_width + 0.06, 0.1, 0.5)
    ears = np.array([[s * p[0], *p[1:]] for s in (-1, 1) for p in (hinge, temple)])
    ends = (ears @ frame.turn.T)[:, :2]
    arms = [
        _segment(frame, ends[2 * i], ends[2 * i + 1], rim)
        for i in range(2)
        if (i == 0) == (frame.turn[0, 2] > 0)
    ]
    lay(picture, EVERYWHERE, np.clip(line + bridge + sum(arms), 0, 1), person.glasses_colour)


def _segment(frame: Raster, start: np.ndarray, end: np.ndarray, width: float) -> np.ndarray:
    """Mask of a stroke between two view-frame points."""
    (ax, ay), (bx, by) = start.astype(np.float32), end.astype(np.float32)
    dx, dy = bx - ax, by - ay
    along = np.clip(((frame.x - ax) * dx + (frame.y - ay) * dy) / (dx * dx + dy * dy + 1e-6), 0, 1)
    away = np.hypot(frame.x - ax - along * dx, frame.y - ay - along * dy)
    return soft(width - away, width)


def earrings(picture: np.ndarray, person: Person, frame: Raster) -> None:
    """A bright drop below each ear that is turned to the viewer, in place."""
    if person.earrings == 0 or person.cover == "scarf":
        return
    for side in (-1, 1):
        if side * frame.turn[0, 2] > 0.12:
            continue
        spot = frame.turn @ np.array([side * (person.face_width + 0.08), 1.4, -0.4])
        x, y = frame.x - np.float32(spot[0]), frame.y - np.float32(spot[1])
        drop = soft(0.11 - np.hypot(x, y * (1.1 - 0.75 * person.earrings)), 0.06)
        lay(picture, EVERYWHERE, drop, np.array([0.95, 0.85, 0.55]))


def occluder(picture: np.ndarray, person: Person, view: View, frame: Raster) -> None:
    """A microphone or a hand before the chin or mouth, in place."""
    if view.occluder == "none":
        return
    x, y = frame.x + 1.5 * np.float32(view.centre_x - 0.5) * 10, frame.y
    if view.occluder == "microphone":
        ball = np.hypot(x, y - 3.3)
        light = 0.18 + 0.25 * bell(np.hypot(x + 0.2, y - 3.1), 0.3)
        stick = soft(0.28 - np.abs(x - 0.1 * (y - 3.3)), 0.08) * soft(y - 3.5, 0.1)
        lay(picture, EVERYWHERE, stick, np.array([0.12, 0.12, 0.13]))
        lay(picture, EVERYWHERE, soft(0.62 - ball, 0.08), light * np.ones((3, 1, 1)))
        return
    for finger in range(4):
        place = 2.75 + 0.42 * finger
        end = np.array([-0.6 + 0.18 * finger, place])
        mask = _segment(frame, np.array([3.0, place + 1.2]), end, 0.24)
        lay(picture, EVERYWHERE, soft(mask - 0.3, 0.5), person.skin * 0.62)
        lay(picture, EVERYWHERE, soft(mask - 0.75, 0.6), person.skin * 0.88)
