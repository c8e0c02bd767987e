"""A photo with what was found drawn on it."""

import re
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from faces.core.files import fitting, replacing

LINE, DOT, BACK = "#e4572e", "#17f1a0", "#1f2430"
SPARE = 30  # bytes of a name for what is added to it until it is whole
SHOWN = (640, 1600)  # pixels of the longer side: no smaller, no larger


def path_of(folder: Path, number: int, source: str, suffix: str) -> Path:
    r"""Where the picture of a photo, or the video of a video, goes.

    Numbered, since names may stand twice; shortened where it would be too long; and of UTF-8 also
    where the source's name is not, with %E9 for byte E9.

    >>> path_of(Path("drawn"), 7, "in/caf\udce9.jpg", ".png").as_posix()
    'drawn/0007-caf%E9.png'
    """
    stem = re.sub("[\udc80-\udcff]", lambda c: f"%{ord(c[0]) - 0xDC00:X}", Path(source).stem)
    stem = re.sub("[\ud800-\udfff]", "?", stem)
    return folder / fitting(f"{number:04d}-{stem}", suffix, folder, SPARE)


def draw(photo: Image.Image, faces: list[dict], path: Path) -> None:
    """Save the photo with box, points, label and percent of each face.

    Args:
        faces: as in predict's JSON, pixels of the photo.
    """
    with replacing(path) as unfinished:
        drawn(photo, faces).save(unfinished)


def drawn(photo: Image.Image, faces: list[dict], same_size: bool = False) -> Image.Image:
    """A copy of the photo with box, points, label and percent of each face.

    Args:
        faces: as in predict's JSON, pixels of the photo.
        same_size: keep the photo's size, as frames of a video must.
    """
    scale = 1.0 if same_size else shown_scale(photo.size)
    canvas = photo.resize([max(1, round(side * scale)) for side in photo.size])
    pen = ImageDraw.Draw(canvas)
    for face in faces:
        mark(pen, face, scale)
    return canvas


def shown_scale(size: tuple[int, int]) -> float:
    """Small photos are enlarged, so that points can be told apart, and large ones reduced."""
    longest = max(size)
    return max(SHOWN[0] / longest, 1.0) if longest < SHOWN[1] else SHOWN[1] / longest


def mark(pen: ImageDraw.ImageDraw, face: dict, scale: float) -> None:
    """Draw one face, in sizes that suit its box."""
    x, y, width, height = (value * scale for value in face["box"])
    extent = max(width, height)
    line = max(1, round(extent / 120))
    pen.rectangle([x, y, x + width - 1, y + height - 1], outline=LINE, width=line)
    radius = max(1, extent / 100)
    for px, py in face["keypoints"].values():
        px, py = (px + 0.5) * scale, (py + 0.5) * scale
        pen.ellipse([px - radius, py - radius, px + radius, py + radius], DOT, BACK)
    text = f"{face['gender']['label']} {face['gender']['probability']:.0%}"
    font = ImageFont.load_default(max(11, min(40, extent / 12)))
    corner = (x + 2 * line, y + 2 * line)
    pen.rectangle(pen.textbbox(corner, text, font), fill=BACK)
    pen.text(corner, text, "white", font)
