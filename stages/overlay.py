"""A photo with what was found drawn on it."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from stages.files import replacing

LINE, DOT, BACK = "#e4572e", "#17f1a0", "#1f2430"
SHOWN = 640  # pixels; a smaller photo is enlarged, so that the points can be told apart


def draw(photo: Image.Image, faces: list[dict], path: Path) -> None:
    """Save the photo with box, points, label and percent of each face.

    Args:
        faces: as in predict's JSON, pixels of the photo.
    """
    scale = max(1.0, SHOWN / max(photo.size))
    canvas = photo.resize([round(side * scale) for side in photo.size])
    pen = ImageDraw.Draw(canvas)
    radius = max(2, max(canvas.size) // 160)
    font = ImageFont.load_default(max(12, max(canvas.size) // 28))
    for face in faces:
        x, y, width, height = (value * scale for value in face["box"])
        pen.rectangle([x, y, x + width - 1, y + height - 1], outline=LINE, width=radius)
        for px, py in face["keypoints"].values():
            px, py = (px + 0.5) * scale, (py + 0.5) * scale
            pen.ellipse([px - radius, py - radius, px + radius, py + radius], DOT, BACK)
        text = f"{face['gender']['label']} {face['gender']['probability']:.0%}"
        corner = (x + 2 * radius, y + 2 * radius)
        pen.rectangle(pen.textbbox(corner, text, font), fill=BACK)
        pen.text(corner, text, "white", font)
    with replacing(path) as unfinished:
        canvas.save(unfinished)
