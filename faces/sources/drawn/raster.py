"""The picture's grid of rays, and the few operations that every painter needs."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from faces.sources.drawn.person import View
from faces.sources.drawn.solid import rotation

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Raster:
    """Rays of a picture: x, y are (height, width) view-frame positions in face units."""

    x: np.ndarray
    y: np.ndarray
    pixel: float  # face units per pixel
    origin: tuple[float, float]  # pixels, where the point between the eyes lies
    turn: np.ndarray

    def place(self, points: np.ndarray) -> np.ndarray:
        """(n, 3) head-frame points -> (n, 2) pixels, pixel centres at whole numbers."""
        return (points @ self.turn.T)[:, :2] / self.pixel + self.origin

    def window(self, point: tuple[float, float, float], radius: float) -> Window:
        """The rows and columns within `radius` face units of a head-frame point."""
        (column, row), reach = self.place(np.array([point]))[0], radius / self.pixel
        height, width = self.x.shape

        def clip(centre: float, size: int) -> slice:
            start = int(np.clip(centre - reach, 0, size - 1))
            return slice(start, max(start + 1, int(np.clip(centre + reach + 2, 1, size))))

        return clip(row, height), clip(column, width)


def raster(view: View, width: int, height: int, anchor: np.ndarray) -> Raster:
    """Rays for a picture in which head-frame point `anchor` lands at the view's centre."""
    turn = rotation(view.yaw, view.pitch, view.roll)
    pixel = 1 / (view.unit * width)
    shift = (turn @ anchor)[:2]
    origin = np.array([view.centre_x * width - 0.5, view.centre_y * height - 0.5]) - shift / pixel
    columns = (np.arange(width, dtype=np.float32) - np.float32(origin[0])) * np.float32(pixel)
    rows = (np.arange(height, dtype=np.float32) - np.float32(origin[1])) * np.float32(pixel)
    x, y = np.meshgrid(columns, rows)
    return Raster(x, y, pixel, (float(origin[0]), float(origin[1])), turn)


def lay(picture: np.ndarray, where: Window, mask: np.ndarray, colour: np.ndarray) -> None:
    """Blend a colour (3,) or picture (3, h, w) into `picture` (3, H, W) by a mask, in place."""
    part = picture[(slice(None), *where)]
    paint = np.asarray(colour, np.float32)
    part += mask * ((paint[:, None, None] if paint.ndim == 1 else paint) - part)


def dim(picture: np.ndarray, where: Window, amount: np.ndarray) -> None:
    """Darken (amount > 0) or lighten `picture` by the factor 1 - amount, in place."""
    picture[(slice(None), *where)] *= 1 - amount


def noise_table(seed: int, size: int = 256) -> np.ndarray:
    """(size, size) smooth random values within -1 to 1 that repeat at the edges."""
    rough = np.random.default_rng(seed).integers(-256, 256, (size, size)).astype(np.float32) / 256
    rough = rough + np.roll(rough, 1, 0)
    return 0.4 * (rough + np.roll(rough, 1, 1))


def look_up(table: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Values of a noise table at (u, v) in cells: the nearest along u, blended along v."""
    last = table.shape[0] - 1
    below, column = np.floor(v), np.floor(u).astype(np.int32) & last
    row, share = below.astype(np.int32), v - below
    return table[row & last, column] * (1 - share) + table[(row + 1) & last, column] * share


def cloud(table: np.ndarray, shape: tuple[int, int], cells: int) -> np.ndarray:
    """Smooth noise of `shape`, `cells` bumps across."""
    part = Image.fromarray(np.ascontiguousarray(table[:cells, :cells]))
    return np.asarray(part.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def blur(field: np.ndarray, pixels: float) -> np.ndarray:
    """Smooth a (H, W) float field over about `pixels`: shrink it and stretch it again."""
    height, width = field.shape
    small = (max(2, round(width / pixels)), max(2, round(height / pixels)))
    image = Image.fromarray(np.ascontiguousarray(field, np.float32))
    image = image.resize(small, Image.Resampling.BOX)
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
