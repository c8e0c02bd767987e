"""Eyes and mouth, painted on the head's surface in head-frame coordinates."""

import numpy as np

from faces.sources.drawn.anatomy import Features
from faces.sources.drawn.person import Person, View
from faces.sources.drawn.raster import Raster, dim, lay
from faces.sources.drawn.solid import bell, soft


def eyes(
    skin: np.ndarray,
    glow: np.ndarray,
    person: Person,
    view: View,
    parts: Features,
    frame: Raster,
    hx: np.ndarray,
    hy: np.ndarray,
) -> None:
    """Both eyes with lids, lashes, glance and make-up; `glow` (H, W) gets what shines."""
    for side in (-1, 1):
        where = frame.window((side * 1.0, 0, 1.6), 0.95)
        x = side * hx[where] - 1
        y = hy[where] + person.eye_tilt * x
        t = x / person.eye_width
        bow = np.maximum(1 - t * t, 0)
        gap = parts.eye_open
        upper = -gap * bow**0.75 * (1 + 0.12 * t) + 0.03 + 0.1 * view.blink
        lower = 0.55 * gap * bow**0.9 + 0.03 + 0.12 * view.blink
        edge = max(0.05, frame.pixel)
        within = soft(1.03 - np.abs(t), 0.08)
        shadow = bell(x, 0.5) * bell(y + 0.3, 0.16) * person.eye_makeup
        lay(skin, where, 0.5 * shadow, person.skin * [0.5, 0.38, 0.45])
        open_eye = soft(y - upper, edge) * soft(lower - y, edge) * within
        _eyeball(skin, glow, person, view, where, x * side, y, open_eye, edge)
        lash = 0.035 + 0.035 * person.eye_makeup + 0.35 * frame.pixel
        liner = bell(y - upper, lash) * soft(1.05 + 0.12 * person.eye_makeup - np.abs(t), 0.15)
        lay(skin, where, np.clip(0.7 + 0.3 * person.eye_makeup, 0, 1) * liner, person.skin * 0.12)
        rim = bell(y - lower, 0.03 + 0.3 * frame.pixel) * within
        dim(skin, where, (0.22 + 0.3 * person.eye_makeup) * rim)
        crease = bell(y - upper + 0.13 + 0.05 * gap, 0.035 + 0.2 * frame.pixel)
        dim(skin, where, 0.32 * crease * within)


def _eyeball(skin, glow, person: Person, view: View, where, x, y, mask, edge: float) -> None:
    """White, iris, pupil and glint under the mask of the open lids, in place."""
    white = np.array([0.86, 0.84, 0.82]) * (0.75 + 0.25 * person.skin.mean())
    lay(skin, where, mask, white)
    dx, dy = x - 0.2 * view.gaze_x, y - 0.12 * view.gaze_y + 0.03
    radius = np.sqrt(dx * dx + dy * dy)
    lay(skin, where, mask * soft(0.225 - radius, edge), person.iris * 0.9)
    lay(skin, where, 0.6 * mask * bell(radius - 0.225, 0.03), person.iris * 0.35)
    lay(skin, where, mask * soft(0.1 - radius, edge), np.array([0.03, 0.03, 0.03]))
    dim(skin, where, 0.35 * mask * bell(y + 0.22, 0.1))
    glint = np.square(dx - float(0.09 * np.sign(view.light[0]))) + np.square(dy + 0.09)
    glow[where] += 0.75 * mask * soft(0.055 - np.sqrt(glint), 0.05)


def mouth(
    skin: np.ndarray,
    glow: np.ndarray,
    person: Person,
    view: View,
    parts: Features,
    frame: Raster,
    hx: np.ndarray,
    hy: np.ndarray,
) -> None:
    """Lips, and between them teeth and tongue or a dark line, in place."""
    where = frame.window((0, parts.mouth_y + 0.5 * parts.gap_bottom, 1.9), 1.5)
    x, y = hx[where], hy[where]
    t = x / parts.mouth_half
    flat = np.clip(np.abs(t), 0, 1)
    bow = 1 - flat * flat
    line = parts.mouth_y + (parts.corner_y - parts.mouth_y) * flat**1.8
    top, bottom = line - parts.gap_top * bow, line + parts.gap_bottom * bow
    cupid = bow * (1 - 0.25 * bell(flat, 0.12) + 0.12 * bell(flat - 0.25, 0.15))
    lip_top = top - parts.upper_lip * (cupid + 0.13 * bell(flat, 0.12))
    lip_bottom = bottom + parts.lower_lip * bow**0.7
    edge, within = max(0.06, frame.pixel), soft(1.02 - np.abs(t), 0.08)
    lips = soft(y - lip_top, edge) * soft(lip_bottom - y, edge) * within
    rose = person.skin * [0.86, 0.62, 0.6]
    paint = np.array([0.66, 0.1, 0.16]) * (0.55 + 0.45 * person.skin.mean())
    lay(skin, where, 0.85 * lips, (1 - person.lipstick) * rose + person.lipstick * paint)
    dim(skin, where, 0.16 * lips * soft(line - y, 0.1))
    wet = lips * bell(y - bottom - 0.5 * parts.lower_lip, 0.05)
    glow[where] += (0.05 + 0.15 * person.lipstick) * wet
    hole = soft(y - top, edge) * soft(bottom - y, edge) * within
    gape = parts.gap_bottom + parts.gap_top
    if gape > 0.1:
        lay(skin, where, hole, np.array([0.2, 0.05, 0.05]))
        tongue = bell(x, 0.4) * soft(y - bottom + 0.25 * gape, 0.1)
        lay(skin, where, hole * 0.7 * tongue, np.array([0.55, 0.22, 0.22]))
        show = 0.25 + 0.45 * max(view.smile, 0)
        teeth = soft(top + min(0.3, show * gape + 0.04) - y, 0.05) * soft(0.94 - np.abs(t), 0.15)
        gaps = 1 - 0.12 * bell(np.mod(x + 5.0, 0.17) - 0.085, 0.02)
        lay(skin, where, hole * teeth, np.array([0.88, 0.86, 0.8])[:, None, None] * gaps)
    dim(skin, where, 0.6 * bell(y - line, 0.028 + 0.25 * frame.pixel) * within * (gape <= 0.1))
    dim(skin, where, 0.12 * bell(y - lip_bottom - 0.1, 0.07) * bell(t, 0.5))
