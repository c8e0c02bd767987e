"""Do to a picture what cameras and files do: exposure, blur, noise, few pixels, compression."""

import io

import numpy as np
from PIL import Image, ImageFilter


def photograph(
    picture: np.ndarray, size: tuple[int, int], rng: np.random.Generator, rough: float = 1.0
) -> Image.Image:
    """(H, W, 3) within 0 to 1 -> RGB image of `size` (width, height), exposed, blurred, noisy."""
    gain, gamma = float(np.exp(rng.normal(0.08, 0.2))), float(np.exp(rng.normal(0, 0.18)))
    lift = rng.uniform(0, 0.1)
    exposed = lift + (1 - lift) * np.clip(picture * gain, 0, 1) ** gamma
    image = Image.fromarray((exposed * 255 + 0.5).astype(np.uint8))
    width, height = size
    if rng.random() < 0.15 * rough:  # taken from far away
        share = rng.uniform(0.35, 0.7)
        image = image.resize(
            (max(8, int(width * share)), max(8, int(height * share))), Image.Resampling.BOX
        )
    image = image.resize(size, Image.Resampling.BICUBIC)
    if rng.random() < 0.35 * rough:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.3)) * width / 96))
    grain = rng.choice([0.0, rng.uniform(0, 4), rng.uniform(4, 9)], p=[0.35, 0.5, 0.15]) * rough
    noisy = np.asarray(image, np.float32) + rng.normal(0, grain, (height, width, 1))
    return Image.fromarray(np.clip(noisy + 0.5, 0, 255).astype(np.uint8))


def compress(image: Image.Image, quality: int) -> bytes:
    """The bytes of a JPEG file of the image."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def gray_frame(picture: np.ndarray, rng: np.random.Generator, side: int = 96) -> np.ndarray:
    """(H, W, 3) within 0 to 1 -> (side, side) uint8, as in the keypoint archive."""
    image = photograph(picture, (side, side), rng).convert("L")
    quality = int(rng.integers(25, 96))
    return np.asarray(Image.open(io.BytesIO(compress(image, quality))))
