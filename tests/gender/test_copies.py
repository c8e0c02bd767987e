import numpy as np
import pytest
from PIL import Image

from faces.gender.data import copies
from faces.gender.data.copies import SMALL, same_picture, same_scene


@pytest.fixture
def small(rng):
    """400 small copies; then 30 copies, 30 other crops and 30 mirrored crops of some of them."""
    coarse = rng.integers(0, 256, (400, 6, 6), dtype=np.uint8)
    photos = [Image.fromarray(one).resize((80, 80), Image.Resampling.BICUBIC) for one in coarse]
    boxes = [(x, y, x + 72, y + 72) for x in (2, 4, 6) for y in (2, 4, 6)]
    cut = [photos[30 + i].crop(boxes[i % 9]) for i in range(60)]
    cut[30:] = [photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for photo in cut[30:]]
    sized = [
        np.asarray(photo.resize((SMALL, SMALL), Image.Resampling.BOX)).ravel()
        for photo in [*photos, *photos[:30], *cut]
    ]
    return np.clip(np.stack(sized) + rng.normal(0, 3, (490, SMALL**2)), 0, 255).astype(np.uint8)


def pairs(found):
    return {tuple(sorted(pair)) for pair in found[0].tolist()}


def test_an_index_finds_the_same_scenes(small, monkeypatch):
    expected = same_scene(small)
    planted = {(i, 400 + i) for i in range(90)}
    assert len(planted & pairs(expected)) > 80
    monkeypatch.setattr(copies, "FEW", 0)
    monkeypatch.setattr(copies, "CHUNK", 100)
    found = same_scene(small)
    assert {*map(tuple, found[0].tolist())} == {*map(tuple, expected[0].tolist())}
    assert found[1].min() >= copies.SAME_SCENE


def test_an_index_finds_the_same_copies(small, monkeypatch):
    hashes = np.arange(490, dtype=np.uint64) % 400
    hashes[405] = ~hashes[405]
    expected = same_picture(hashes, small, bits=8)
    assert pairs(expected) == {(i, 400 + i) for i in range(30) if i != 5}
    monkeypatch.setattr(copies, "FEW", 0)
    found = same_picture(hashes, small, bits=8)
    assert pairs(found) == pairs(expected) and len(found[1]) == 29


@pytest.mark.parametrize("few", [0, 4000])
def test_one_photo_alone_is_like_no_other(small, few, monkeypatch):
    monkeypatch.setattr(copies, "FEW", few)
    assert len(same_scene(small[:1])[0]) == 0
    assert len(same_picture(np.zeros(1, np.uint64), small[:1], 8)[0]) == 0
