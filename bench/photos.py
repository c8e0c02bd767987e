"""Photos to 60x60 arrays: stage `split` of gender beside Pillow's loop, and beside decoding alone.

2,000 drawn JPEGs of 60 to 400 pixels, in memory. Decoding alone is libjpeg's limit: in draft mode
(a large photo at 1/2, 1/4 or 1/8 of its size, but no less than twice the side that is wanted), on
all cores. The pixels must be the same in each run.
"""

import io

import numpy as np
from PIL import Image

from bench import data
from bench.report import Line
from bench.timing import Times, cpu_ratio, interleaved, ratio
from stages.gender.split import TOGETHER, arrays_of
from stages.threads import in_order

SIDE = 60
NUMBER = 2000


def pillow_loop(contents: list[bytes]) -> list[np.ndarray]:
    """As notebooks do."""
    opened = (Image.open(io.BytesIO(content)) for content in contents)
    return [np.asarray(image.convert("RGB").resize((SIDE, SIDE))) for image in opened]


def decode(content: bytes) -> None:
    image = Image.open(io.BytesIO(content))
    image.draft(image.mode, (2 * SIDE, 2 * SIDE))
    image.load()


def decode_all(contents: list[bytes]) -> None:
    for _ in in_order(decode, contents, TOGETHER):
        pass


def measure(share: float = 1) -> list[Line]:
    contents = data.photos(round(share * NUMBER))
    first = arrays_of(contents, len(contents), SIDE)

    def ours() -> None:
        if not np.array_equal(arrays_of(contents, len(contents), SIDE), first):
            raise SystemExit("another run gives other pixels")

    times = interleaved(
        {
            "ours": ours,
            "pillow": lambda: pillow_loop(contents),
            "decode": lambda: decode_all(contents),
        }
    )
    own, what = times["ours"], f"{len(contents):,} photos to {SIDE}x{SIDE}"
    per_second = f"{len(contents) / own.median:.0f} photos/s, {own}"
    return [
        line(what, per_second, times["pillow"], own, "`open().resize()` in a loop"),
        limit(what, per_second, times["decode"], own),
    ]


def line(what: str, per_second: str, baseline: Times, own: Times, text: str) -> Line:
    both = f"{ratio(baseline, own):.1f} x ({cpu_ratio(baseline, own):.1f} x)"
    return Line(what, per_second, f"{baseline}: {text}", both)


def limit(what: str, per_second: str, baseline: Times, own: Times) -> Line:
    longer = 1 / ratio(baseline, own)
    both = f"{longer:.2f} times as long ({1 / cpu_ratio(baseline, own):.2f})"
    text = f"{baseline}: decoding alone, draft mode, all cores"
    return Line(what, per_second, text, both, "1.3 times", longer <= 1.3)
