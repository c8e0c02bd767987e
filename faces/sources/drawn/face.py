"""Draw one face: a person in a view -> an RGB picture and its 15 true points."""

import numpy as np

from faces.sources.drawn import hair, openings, scene, skin, wear
from faces.sources.drawn.anatomy import Features, features, head_solids, true_points
from faces.sources.drawn.hair import Layer
from faces.sources.drawn.person import Person, View
from faces.sources.drawn.raster import Raster, Window, blur, lay, noise_table, raster
from faces.sources.drawn.solid import soft, union

KNEE = 0.55  # brightness from which a picture's lights are held back


def draw_face(person: Person, view: View, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Picture (height, width, 3) float32 within 0 to 1, and points (15, 2) in its pixels.

    Pixel centres lie at whole numbers. Points of hidden parts lie where they would be seen.
    """
    parts = features(person, view)
    solids = head_solids(person, parts)
    points = true_points(person, parts, solids)
    frame = raster(view, width, height, points[:2].mean(0))
    table = noise_table(person.texture)
    picture = scene.background(np.random.default_rng(view.texture), width, height)
    behind = hair.back_hair(person, frame, table)
    for layer in (behind, scene.neck(person, frame), scene.clothes(person, frame, table)):
        if layer is not None:
            _add(picture, layer, view, frame, shine=0.0)
    head, glow = _head(person, view, parts, solids, frame, table)
    _shadow(picture, head.alpha, view, frame)
    _add(picture, head, view, frame, shine=0.16, glow=glow)
    top = hair.before(hair.front_hair(person, frame, table), head)
    _shadow(picture, top.alpha, view, frame, amount=0.3)
    wear.earrings(picture, person, frame)
    _add(picture, top, view, frame, shine=0.1)
    wear.glasses(picture, person, frame)
    wear.occluder(picture, person, view, frame)
    picture *= view.tint.astype(np.float32)[:, None, None]
    return _film(picture).transpose(1, 2, 0), frame.place(points)


def _head(
    person: Person, view: View, parts: Features, solids: list, frame: Raster, table: np.ndarray
) -> tuple[Layer, np.ndarray]:
    """The head with all that is painted on it, and (H, W) what shines."""
    ears = [
        (
            ((side * (person.face_width + 0.03), 0.55, -0.55), (0.2, person.ear_size, 0.36), 0.0),
            0.15,
        )
        for side in (-1, 1)
    ]
    z, cover = union(solids + ears, frame.turn, frame.x, frame.y)
    t = frame.turn.astype(np.float32)
    hx = t[0, 0] * frame.x + t[1, 0] * frame.y + t[2, 0] * z
    hy = t[0, 1] * frame.x + t[1, 1] * frame.y + t[2, 1] * z
    colour = skin.complexion(person, hx, hy, table)
    glow = np.zeros_like(z)
    skin.wrinkles(colour, person, view, parts, hx, hy, frame.pixel)
    skin.beard(colour, person, parts, hx, hy, table, frame.pixel)
    skin.nostrils(colour, person, parts, frame, hx, hy)
    openings.mouth(colour, glow, person, view, parts, frame, hx, hy)
    openings.eyes(colour, glow, person, view, parts, frame, hx, hy)
    skin.brows(colour, person, parts, frame, hx, hy, table)
    z = z + skin.relief(person, parts, hx, hy)
    return Layer(z, soft(cover, 1.5 * frame.pixel), colour), glow


def _shadow(
    picture: np.ndarray, alpha: np.ndarray, view: View, frame: Raster, amount: float = 0.45
) -> None:
    """Darken what lies behind a layer, away from the light, in place."""
    reach = 0.35 / frame.pixel
    shade = blur(alpha, max(2.0, 0.35 / frame.pixel))
    down, right = (-view.light[1::-1] * reach).astype(int)
    edge = max(abs(down), abs(right)) + 1
    (height, width), wide = shade.shape, np.pad(shade, edge, mode="edge")
    cast = wide[edge - down : edge - down + height, edge - right : edge - right + width]
    picture *= 1 - amount * np.clip(cast, 0, 1)


def _add(
    picture: np.ndarray,
    layer: Layer,
    view: View,
    frame: Raster,
    shine: float,
    glow: np.ndarray | float = 0.0,
) -> None:
    """Shade a layer by the light and blend it into the picture, in place."""
    part = _extent(layer.alpha)
    z = layer.z[part]
    dy, dx = np.gradient(z, np.float32(frame.pixel))
    length = 1 / np.sqrt(dx * dx + dy * dy + 1)
    lx, ly, lz = view.light.astype(np.float32)
    facing = (lz - lx * dx - ly * dy) * length
    bright = view.ambient + (1.1 - view.ambient) * np.maximum(0.18 + 0.9 * facing, 0)
    hollow = np.clip(z, -3, 4)
    hollow = hollow - blur(hollow, max(2.0, 0.55 / frame.pixel))
    bright *= np.clip(1 + 0.35 * hollow, 0.62, 1.12)
    hx, hy, hz = _half(view.light)
    gleam = np.clip((hz - hx * dx - hy * dy) * length, 0, 1)
    gleam = np.square(np.square(gleam * gleam * gleam))  # to the power 12 ...
    gleam *= gleam  # ... and 24
    shone = glow if np.isscalar(glow) else glow[part]
    lit = layer.colour[(slice(None), *part)] * bright
    lit += 1.6 * shine * (1 - view.ambient) * gleam + shone
    lay(picture, part, layer.alpha[part], lit)


def _extent(alpha: np.ndarray) -> Window:
    """The smallest window with all that can be seen of a layer, at least 2 pixels a side."""
    bounds = []
    for axis in (1, 0):
        seen = np.flatnonzero(alpha.max(axis) > 0.002)
        start, stop = (seen[0], seen[-1] + 1) if seen.size else (0, 1)
        start = min(start, alpha.shape[1 - axis] - 2)
        bounds.append(slice(int(start), int(max(stop, start + 2))))
    return bounds[0], bounds[1]


def _film(picture: np.ndarray) -> np.ndarray:
    """Values from 0 on -> 0 to 1: as they are up to KNEE, then flatter; light skin keeps form."""
    over = np.maximum(picture - KNEE, 0) / (1 - KNEE)
    return np.clip(np.minimum(picture, KNEE) + (1 - KNEE) * over / (1 + over), 0, 1)


def _half(light: np.ndarray) -> np.ndarray:
    """The direction between the light and the viewer, where surfaces gleam."""
    half = light + [0, 0, 1]
    return (half / np.linalg.norm(half)).astype(np.float32)
