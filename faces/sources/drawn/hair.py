"""Hair on the head: a mass behind it, a cap with a hairline, curtains beside the face; covers."""

from dataclasses import dataclass

import numpy as np

from faces.sources.drawn.person import Person
from faces.sources.drawn.raster import Raster, look_up
from faces.sources.drawn.solid import Ellipsoid, soft, union


@dataclass(frozen=True)
class Layer:
    """One thing in the scene: depth (H, W), opacity (H, W), colours (3, H, W)."""

    z: np.ndarray
    alpha: np.ndarray
    colour: np.ndarray


def _reach(person: Person) -> float:
    """Head-frame height (face units) down to which hair hangs."""
    return 0.3 + 5.2 * person.hair_length


def back_hair(person: Person, frame: Raster, table: np.ndarray) -> Layer | None:
    """Hair that hangs behind face and neck, or None where it is short."""
    scarf = person.cover == "scarf"
    if person.hair_length < 0.3 and not scarf:
        return None
    low = 5.5 if scarf else _reach(person)
    top = -3.3 - 0.6 * person.hair_volume
    wide = person.face_width + (0.45 if scarf else 0.15 + 0.9 * person.hair_volume)
    mass: Ellipsoid = ((0, 0.5 * (top + low), -1.1), (wide, 0.5 * (low - top), 1.9), 0.0)
    z, cover = union([(mass, 0.1)], frame.turn, frame.x, frame.y)
    head = _head_frame(frame, z)
    return _strands(person, frame, z, cover, head, table)


def front_hair(person: Person, frame: Raster, table: np.ndarray) -> Layer:
    """The cap over the skull, open at the face, and hair hanging before the shoulders."""
    volume = person.hair_volume * min(1.0, 0.25 + 2 * person.hair_length)
    wide = person.face_width + 0.06 + 0.6 * volume
    cap: Ellipsoid = ((0, -0.8, -0.68), (wide, 2.6 + volume, 2.66 + 0.5 * volume), 0.0)
    parts = [(cap, 0.1)]
    covered, long = person.cover != "none", person.hair_length > 0.33
    curtain = long and person.texture % 5 > 1 and person.cover != "scarf"
    if person.cover == "scarf":
        parts.append((((0, 1.0, -0.5), (wide + 0.2, 4.0, 2.2), 0.0), 0.5))
    if curtain:
        low = _reach(person)
        for side in (-1, 1):
            strand = (
                (side * (person.face_width - 0.02), 0.5 * low - 0.9, -0.3),
                (0.42 + 0.5 * volume, 0.5 * low + 1.0, 0.95),
                0.0,
            )
            parts.append((strand, 0.4))
    z, cover = union(parts, frame.turn, frame.x, frame.y)
    head = _head_frame(frame, z)
    layer = _strands(person, frame, z, cover, head, table)
    rough = (0.0 if covered else 0.10) * look_up(table, head[0] * 12 + 200, head[1] * 3 + 200)
    opened = _opening(person, head, curtain) + rough
    alpha = layer.alpha * (1 - soft(opened, max(0.16, frame.pixel)))
    if not curtain and person.cover != "scarf":
        nape = 0.25 + 0.35 * min(person.hair_length, 0.4) + 1.3 * np.clip(-0.3 - head[2], 0, 1.2)
        alpha = alpha * (1 - soft(head[1] - nape + rough, max(0.2, frame.pixel)))
    return Layer(layer.z, alpha * (0.93 if covered or long else 0.9), layer.colour)


def before(hair: Layer, head: Layer) -> Layer:
    """The hair without what lies inside the head."""
    hidden = head.alpha * (1 - soft(hair.z - head.z + 0.35, 0.2))
    return Layer(hair.z, hair.alpha * (1 - hidden), hair.colour)


def _head_frame(frame: Raster, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Head-frame coordinates of the surface points at depth z."""
    t = frame.turn.astype(np.float32)
    return tuple(t[0, i] * frame.x + t[1, i] * frame.y + t[2, i] * z for i in range(3))


def _opening(person: Person, head: tuple, curtain: bool) -> np.ndarray:
    """Field over hair points: above 0 where the face shows through."""
    x, y, z = head
    wide = 1.74 if not curtain else 1.62
    if person.cover == "scarf":
        e = (x / 1.72) ** 4 + ((y - 0.9) / 2.75) ** 4
    elif person.cover == "hat":
        e = np.abs(x / 3) ** 3 + (np.maximum(0.9 - y, 0) / 2.35) ** 3
    else:
        lean = 0.16 * person.parting * x * (1.0 if person.fringe == 0 else 1.6)
        tall = 2.85 + 1.15 * person.hairline - 0.95 * person.fringe + lean
        e = np.abs(x / wide) ** 3.5 + (np.maximum(0.9 - y, 0) / np.maximum(tall, 1)) ** 3.5
    return np.where(z > -0.5, 1 - e, -1)


def _strands(person: Person, frame: Raster, z, cover, head, table: np.ndarray) -> Layer:
    """Colour a hair mass with strands or curls (or cloth) and roughen its outline."""
    x, y, _ = head
    if person.cover != "none":
        weave = 1 + 0.12 * look_up(table, x * 8 + y * 3 + 100, y * 2 + 100)
        colour = person.cover_colour.astype(np.float32)[:, None, None] * weave
        return Layer(z, soft(cover, 1.2 * frame.pixel), colour)
    curl = person.curl
    fan = (x - 0.5 * person.parting) / (1.1 + 0.22 * np.clip(y + 3.4, 0, 4))
    wave = 0.12 * curl * np.sin(y * (3 + 5 * curl) + 4 * x)
    fine = look_up(table, (fan + wave) * 34 + 400, y * (1.2 + 7 * curl) + 400)
    broad = look_up(table, (fan + wave) * 9 + 300, y * (0.8 + 4 * curl) + 300)
    tone = 1 + 0.22 * fine + 0.3 * broad
    colour = person.hair.astype(np.float32)[:, None, None] * tone
    lumps = look_up(table, x * (4 + 6 * curl) + 600, y * (3 + 7 * curl) + 600)
    cover = cover + (0.03 + 0.14 * curl) * lumps * (0.3 + person.hair_volume)
    return Layer(z, soft(cover, max(0.1, 1.5 * frame.pixel)), colour)
