import numpy as np
from PIL import Image

from bench import belief


def seen() -> belief.Seen:
    """A row with its face, one whose face has no candidate, a photo with two, and a turned one."""
    kinds = ["row", "row", "photo", "turned"]
    face = np.array([True, False, True, True, False])
    owner = np.array([0, 1, 2, 2, 3])
    found = np.array([[50, 50, 30, 0.0], *[[x, 90, 30, 0] for x in (20, 20, 200, 50)]])
    return belief.Seen(np.zeros((5, 6)), np.zeros(5), found, face, owner, kinds)


def test_faces_found_and_false_are_counted_for_each_kind():
    everyone = belief.judged(seen(), np.array([2.0, 2, 2, 1, 2]), 0)
    # Of two faces in a frame with one the second is a mistake.
    assert everyone == ["1 of 2 found, 1 false", "1 of 1 found, 1 false", "1 false", "0 false"]
    surer = belief.judged(seen(), np.array([2.0, 0, 2, 0, 0]), 1)
    assert surer == ["1 of 2 found, 0 false", "1 of 1 found, 0 false", "0 false", "0 false"]


def test_the_table_has_a_line_for_each_way_and_limit():
    table = belief.as_markdown(seen(), {"old": np.zeros(5), "new": np.full(5, 0.7)})
    lines = table.splitlines()
    assert (
        len(lines) == 2 + 2 * len(belief.LIMITS) and len({line.count("|") for line in lines}) == 1
    )
    assert "| new | 0.5 | 1 of 2 found" in table and "| old | 0.5 | 0 of 2 found" in table


def test_a_turned_photo_stands_on_its_head_or_lies():
    photo = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4))
    rng = np.random.default_rng(0)
    made = {belief.turned(photo, rng).tobytes() for _ in range(20)}
    assert made == {photo.rotate(180).tobytes(), photo.rotate(90, expand=True).tobytes()}
