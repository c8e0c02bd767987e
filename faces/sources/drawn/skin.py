"""Skin: its relief, mottling, age, beard; brows and nostrils. All in head-frame coordinates."""

import numpy as np

from faces.sources.drawn.anatomy import Features
from faces.sources.drawn.person import Person, View
from faces.sources.drawn.raster import Raster, Window, cloud, dim, lay, look_up
from faces.sources.drawn.solid import bell, soft

EVERYWHERE: Window = (slice(None), slice(None))


def relief(person: Person, parts: Features, hx: np.ndarray, hy: np.ndarray) -> np.ndarray:
    """Depth added for shading alone: cheeks, brow, eye sockets, lids, lips (face units)."""
    side = np.abs(hx)
    socket = bell(side - 0.95, 0.42) * bell(hy + 0.02, 0.3)
    ball = bell(side - 1.0, 0.36) * bell(hy, 0.22)
    lips = bell(hx, 0.55 * parts.mouth_half) * (
        0.10 * bell(hy - parts.mouth_y + 0.6 * parts.upper_lip + parts.gap_top, 0.1)
        + 0.14 * bell(hy - parts.mouth_y - 0.6 * parts.lower_lip - parts.gap_bottom, 0.12)
    )
    groove = bell(hx, 0.09) * bell(hy - 0.5 * (parts.nose_tip[1] + parts.mouth_y) - 0.08, 0.2)
    cheek = (0.12 + 0.2 * person.cheek) * bell(side - 1.2, 0.42) * bell(hy - 1.0, 0.42)
    ridge = bell(hy - person.brow_height, 0.2) * soft(1.4 - side, 0.8)
    ridge *= 0.06 + 0.14 * person.brow_ridge
    return -0.26 * socket + 0.2 * ball + lips - 0.05 * groove + cheek + ridge


def complexion(person: Person, hx: np.ndarray, hy: np.ndarray, table: np.ndarray) -> np.ndarray:
    """(3, H, W) skin colours: mottled, redder at cheeks and nose, dark about the eyes."""
    skin = person.skin.astype(np.float32)[:, None, None] * np.ones((1, *hx.shape), np.float32)
    skin *= 1 + 0.05 * cloud(table, hx.shape, 12) + 0.03 * cloud(table[64:, 64:], hx.shape, 40)
    side = np.abs(hx)
    red = bell(side - 1.2, 0.45) * bell(hy - 1.15, 0.4) * (0.3 + 0.7 * person.blush)
    red = red + 0.35 * bell(hx, 0.35) * bell(hy - 1.15, 0.3)
    skin[0] *= 1 + 0.07 * red
    skin[1:] *= 1 - 0.13 * red
    around = bell(side - 0.98, 0.4) * bell(hy - 0.02, 0.24)
    skin *= 1 - (0.14 + 0.14 * person.age) * around
    if person.freckles > 0.05:
        spots = soft(cloud(table[:, 96:], hx.shape, 120) - 0.45, 0.3)
        skin[1:] *= 1 - 0.14 * person.freckles * spots * bell(hx, 1.2) * bell(hy - 0.9, 0.5)
    return skin


def wrinkles(
    skin: np.ndarray,
    person: Person,
    view: View,
    parts: Features,
    hx: np.ndarray,
    hy: np.ndarray,
    pixel: float,
) -> None:
    """Folds beside the mouth, bags below the eyes, lines on the forehead, in place."""
    side, smile = np.abs(hx), max(view.smile, 0)
    line = max(0.035, 0.9 * pixel)
    t = np.clip((hy - 1.1) / 1.1, 0, 1)
    fold = bell(side - (0.55 + 0.42 * t), line * 1.7)
    fold *= soft(hy - 1.15, 0.3) * soft(2.25 - hy, 0.3)
    amount = (0.06 + 0.2 * person.age + 0.16 * smile) * fold
    bag = bell(hy - 0.36 + 0.16 * np.square(side - 1), line * 1.3)
    bag *= soft(0.42 - np.abs(side - 1), 0.3)
    amount = amount + 0.22 * person.age * bag
    worry = max(0.0, person.age - 0.35) * 0.4 + 0.2 * max(view.surprise - 0.3, 0)
    if worry > 0.02:
        for y in (-1.25, -1.55, -1.85):
            crease = bell(hy - y - 0.07 * np.cos(3 * hx), line)
            amount = amount + worry * crease * soft(1 - side, 0.6)
    dim(skin, EVERYWHERE, amount)


def beard(
    skin: np.ndarray,
    person: Person,
    parts: Features,
    hx: np.ndarray,
    hy: np.ndarray,
    table: np.ndarray,
    pixel: float,
) -> None:
    """Stubble, moustache, goatee or full beard, in place."""
    if person.beard == "none":
        return
    side, lip = np.abs(hx), parts.mouth_y - parts.upper_lip - parts.gap_top
    tache = soft(hy - parts.nose_tip[1] - 0.28 - 0.1 * side, 0.15)
    tache *= soft(lip + 0.1 + 0.35 * np.square(side) - hy, 0.15)
    tache *= soft(parts.mouth_half + 0.1 - side, 0.2)
    ring = soft(
        1
        - np.square(hx / (parts.mouth_half + 0.18))
        - np.square((hy - parts.mouth_y - 0.4) / 1.05),
        0.3,
    ) * soft(hy - lip + 0.1, 0.2)
    cheek_line = 1.95 - 0.75 * np.square(np.maximum(side - 0.6, 0))
    jaw = soft(hy - cheek_line, 0.35)
    whole = np.maximum(jaw, tache)
    mask = {"moustache": tache, "goatee": np.maximum(tache, ring)}.get(person.beard, whole)
    hairs = look_up(table, hx * 26 + 500, hy * 9 + 500)
    dense = person.beard_density
    if person.beard == "stubble":
        shade = 0.25 + 0.35 * dense
        lay(
            skin,
            EVERYWHERE,
            mask * shade * np.clip(0.75 + 0.5 * hairs, 0, 1),
            0.35 * person.skin + 0.5 * person.brow_colour * [0.9, 1, 1.1],
        )
        return
    mask = mask * np.clip(0.55 + 0.45 * dense + 0.35 * hairs, 0, 1)
    tone = person.brow_colour[:, None, None] * (1 + 0.5 * hairs)
    lay(skin, EVERYWHERE, mask, tone)


def brows(
    skin: np.ndarray,
    person: Person,
    parts: Features,
    frame: Raster,
    hx: np.ndarray,
    hy: np.ndarray,
    table: np.ndarray,
) -> None:
    """Two arched strokes of short hairs, in place."""
    (x0, y0), (x1, y1) = parts.brow_inner, parts.brow_outer
    for side in (-1, 1):
        where = frame.window((side * 0.5 * (x0 + x1), y0, 1.7), 1.0)
        x, y = side * hx[where], hy[where]
        t = (x - x0) / (x1 - x0)
        inside = np.clip(t, 0, 1)
        arch = 4 * person.brow_arch * inside**2 * (1 - inside) ** 0.7
        middle = y0 + (y1 - y0) * inside - arch
        thick = 0.5 * person.brow_thickness * (1 - 0.7 * inside**1.5) + 0.3 * frame.pixel
        mask = soft(thick - np.abs(y - middle), max(0.07, frame.pixel))
        mask *= soft(t + 0.04, 0.12) * soft(1.06 - t, 0.12)
        hairs = look_up(table, x * 22 + y * 14 + 300, y * 6 + 300)
        lay(skin, where, mask * np.clip(0.82 + 0.35 * hairs, 0, 1), person.brow_colour)


def nostrils(
    skin: np.ndarray, person: Person, parts: Features, frame: Raster, hx: np.ndarray, hy: np.ndarray
) -> None:
    """Dark nostrils and a shade below the nose and beside its wings, in place."""
    _, y0, z0 = parts.nose_tip
    where = frame.window((0, y0, z0 - 0.4), 0.9)
    side, y = np.abs(hx[where]), hy[where] - y0
    hole = bell(side - 0.46 * person.nose_width, 0.085) * bell(y - 0.24 + 0.1 * side, 0.05)
    crease = bell(side - 1.08 * person.nose_width, 0.05) * bell(y - 0.1, 0.16)
    below = bell(side, 0.9 * person.nose_width) * bell(y - 0.34, 0.09)
    dim(skin, where, np.clip(0.62 * hole + 0.2 * crease + 0.2 * below, 0, 0.75))
