"""Draw what surrounds a face: a cluttered background, neck and clothes."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from faces.sources.drawn.hair import Layer
from faces.sources.drawn.person import Person
from faces.sources.drawn.raster import Raster, cloud
from faces.sources.drawn.solid import bell, soft, union


def background(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """(3, height, width) colours within 0 to 1: a gradient with clutter, more or less blurred."""
    image = Image.new("RGB", (64, 64), _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(0, 14)):
        x, y = rng.uniform(-10, 64, 2)
        wide, high = rng.uniform(2, 40, 2)
        box = [x, y, x + wide, y + high]
        kind = rng.integers(4)
        if kind == 0:
            draw.rectangle(box, fill=_colour(rng))
        elif kind == 1:
            draw.ellipse(box, fill=_colour(rng))
        elif kind == 2:
            draw.line(box, fill=_colour(rng), width=int(rng.integers(1, 6)))
        else:
            for step in range(5):  # like a line of writing, or books
                draw.rectangle([x + 4 * step, y, x + 4 * step + 2, y + high / 3], fill=_colour(rng))
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 5))))
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    picture = np.asarray(image, np.float32).transpose(2, 0, 1) / 255
    ramp = np.linspace(rng.uniform(0.6, 1.2), rng.uniform(0.6, 1.2), width, dtype=np.float32)
    return np.clip(picture * ramp, 0, 1)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """A muted colour of any lightness."""
    value = np.clip(rng.uniform(10, 245) + rng.normal(0, 16, 3), 0, 255)
    return tuple(int(v) for v in value)


def neck(person: Person, frame: Raster) -> Layer:
    """The neck below the head; it follows the head's place, not its turn."""
    x, y, _ = frame.turn @ np.array([0, 2.4, -0.8])
    wide = 0.55 + 0.5 * person.jaw_width
    solid = ((x, y + 2.2, -0.9), (wide, 3.6, 1.2), 0.0)
    z, cover = union([(solid, 0.1)], np.eye(3), frame.x, frame.y)
    shade = 0.86 - 0.22 * bell(frame.y - np.float32(y + 1.0), 0.7)
    colour = person.skin.astype(np.float32)[:, None, None] * shade
    return Layer(z, soft(cover, 1.5 * frame.pixel), colour)


def clothes(person: Person, frame: Raster, table: np.ndarray) -> Layer:
    """Shoulders in a plain top, a suit with a tie, a low neckline or stripes."""
    x, y, _ = frame.turn @ np.array([0, 2.4, -0.8])
    solid = ((0.6 * x, y + 5.6, -0.8), (5.0, 3.4, 1.9), 0.0)
    z, cover = union([(solid, 0.1)], np.eye(3), frame.x, frame.y)
    dx, dy = frame.x - np.float32(0.8 * x), frame.y - np.float32(y + 2.1)
    weave = 1 + 0.06 * cloud(table[32:, 32:], dx.shape, 30)
    colour = person.cloth.astype(np.float32)[:, None, None] * weave
    alpha = soft(cover, 1.5 * frame.pixel)
    if person.cloth_kind == 1:
        shirt = soft(1.0 - np.abs(dx) - 0.28 * dy, 0.15)
        tie = soft(0.26 - np.abs(dx) + 0.03 * dy, 0.08) * soft(dy - 0.35, 0.1)
        tint = np.roll(person.cloth, 1)[:, None, None] * 0.7
        colour = colour * 0.45 * (1 - shirt) + shirt * np.float32(0.86)
        colour = colour * (1 - tie) + tie * tint
    elif person.cloth_kind == 2:
        alpha = alpha * (1 - soft(1.9 - np.hypot(dx * 1.1, dy - 0.3), 0.1))
    elif person.cloth_kind == 3:
        colour = colour * (1 - 0.4 * soft(np.sin(dy * 5 + 0.3 * dx), 0.4))
    if person.cloth_kind != 2:
        round_neck = soft(1.15 - np.hypot(dx, 1.1 * dy + 0.5), 0.1)
        alpha = alpha * (1 - round_neck)
    return Layer(z, alpha, colour.astype(np.float32))
