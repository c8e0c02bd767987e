import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench import framing


def test_each_framing_shows_the_photo_elsewhere():
    photo = Image.new("RGB", (100, 80), "red")
    found = framing.framings(photo)
    wide, less, aside, shifted, turned = list(found.values())[1:]
    assert wide.size == (200, 160) and wide.getpixel((49, 39)) == framing.GROUND
    assert wide.getpixel((50, 40)) == (255, 0, 0) == wide.getpixel((149, 119))
    assert less.size == (84, 68) and aside.size == wide.size
    assert aside.getpixel((199, 20)) == (255, 0, 0) and aside.getpixel((99, 20)) == framing.GROUND
    assert shifted.size == photo.size and shifted.getpixel((14, 40)) == framing.GROUND
    assert shifted.getpixel((15, 40)) == (255, 0, 0)
    assert turned.width > 100 and turned.getpixel((0, 0)) == framing.GROUND


def test_flips_are_counted_where_both_have_a_face():
    rows = [(0, "as it is", "a", 0.9), (0, "x", "b", 0.6), (1, "as it is", "a", 0.8)]
    rows += [(1, "x", "a", 0.7), (2, "as it is", "b", 0.9), (2, "x", "", np.nan)]
    table = pd.DataFrame(rows, columns=["photo", "framing", "label", "probability"])
    same, other = framing.counted(table, ["a", "a", "a"]).to_dict("records")
    assert same | {"apart": 0} == {
        "framing": "as it is",
        "found": 3,
        "right": 2,
        "flips": 0,
        "apart": 0,
    }
    assert (other["found"], other["right"], other["flips"]) == (2, 1, 1)
    assert other["apart"] == pytest.approx((abs(0.4 - 0.9) + abs(0.7 - 0.8)) / 2)
    assert "| x | 2 | 1 | 1 | 0.300 |" in framing.as_markdown(pd.DataFrame([other]), 3)
