"""Photos to 60x60 arrays: stage `split` of gender beside Pillow's loop, and decoding alone.

2,000 drawn JPEGs of 60 to 400 pixels, in memory. Decoding alone is libjpeg's limit: in draft mode
(a large photo at 1/2, 1/4 or 1/8 of its size, but no less than twice the side that is wanted), on
all cores.
"""

import io

import numpy as np
from PIL import Image

from bench import data
from bench.report import Line
from bench.timing import interleaved
from faces.core.threads import in_order
from faces.gender.data.split import TOGETHER, arrays_of

SIDE, NUMBER = 60, 2000


def decode(content: bytes) -> None:
    image = Image.open(io.BytesIO(content))
    image.draft(image.mode, (2 * SIDE, 2 * SIDE))
    image.load()


def measure(share: float = 1) -> list[Line]:
    """Measure photos a second, beside both."""
    contents = data.photos(round(share * NUMBER))

    def loop() -> None:
        for image in (Image.open(io.BytesIO(content)) for content in contents):
            np.asarray(image.convert("RGB").resize((SIDE, SIDE)))

    def decoding() -> None:
        list(in_order(decode, contents, TOGETHER))

    ways = {"ours": lambda: arrays_of(contents, len(contents), SIDE)}
    own, pillow, least = interleaved({**ways, "loop": loop, "decoding": decoding}).values()
    speed = f"{len(contents) / own.median:.0f} photos/s, {own}"
    cells = f"{len(contents):,} photos to {SIDE}x{SIDE}", speed
    faster = f"{pillow.by(own):.1f} x ({pillow.by(own, 'cpu'):.1f} x)"
    longer = f"{own.by(least):.2f} times as long ({own.by(least, 'cpu'):.2f})"
    text = f"{least}: decoding alone, draft mode, all cores"
    return [
        Line(*cells, f"{pillow}: `open().resize()` in a loop", faster),
        Line(*cells, text, longer, "1.3 times", own.by(least) <= 1.3),
    ]
