"""The picture at the top of the README: `python -m tools.collage`, after a run."""

from pathlib import Path

from PIL import Image

from faces.core import running
from faces.core.files import replacing
from faces.core.paths import PICTURES

SHOWN = ("keypoints-typical.png", "gender-typical.png")
RESULT = Path("docs/results.png")


def stacked(images: list[Image.Image]) -> Image.Image:
    """The images one below the other, on white, with no more colours than they need."""
    width, height = max(i.width for i in images), sum(i.height for i in images)
    canvas = Image.new("RGB", (width, height), "white")
    top = 0
    for image in images:
        canvas.paste(image, ((width - image.width) // 2, top))
        top += image.height
    return canvas.quantize(255)


def main() -> None:
    pictures = [Image.open(PICTURES / name).convert("RGB") for name in SHOWN]
    with replacing(RESULT) as unfinished:
        stacked(pictures).save(unfinished, optimize=True)
    print(RESULT)


if __name__ == "__main__":
    running.run(main, timed=False, words=False)
