import numpy as np
import pytest
from PIL import Image

from stages.faces.patch import LARGEST, REACH, cut_patch


@pytest.mark.parametrize(("centre", "side"), [((300, 200), 100), ((5, 8), 60), ((320, 240), 447.3)])
def test_a_spot_of_the_photo_lies_in_the_patch_where_it_says(centre, side):
    photo = np.zeros((480, 640, 3), np.uint8)
    spot = np.array([centre[0] + side // 5, centre[1] + side // 7], int)
    photo[spot[1] - 3 : spot[1] + 4, spot[0] - 3 : spot[0] + 4] = 255
    patch = cut_patch(Image.fromarray(photo), np.array([*centre, side]))
    light = patch.image[..., 0].astype(float)
    rows, columns = np.indices(light.shape)
    seen = np.array([(columns * light).sum(), (rows * light).sum()]) / light.sum()
    np.testing.assert_allclose(patch.in_photo(seen), spot, atol=0.3)
    np.testing.assert_allclose(patch.in_photo(patch.in_patch(spot)), spot)


def test_what_is_kept_of_a_large_photo_is_small():
    patch = cut_patch(Image.new("RGB", (7000, 7000)), np.array([3500, 3500, 5000]))
    assert max(patch.image.shape) <= 2 * REACH * LARGEST + 2


def test_a_box_at_the_edge_keeps_what_there_is():
    patch = cut_patch(Image.new("RGB", (50, 40), "white"), np.array([49, 39, 300]))
    assert patch.image.shape[0] >= 1 and patch.image.min() == 255


@pytest.mark.parametrize("size", [(50000, 1), (1, 50000), (60000, 3), (1, 1)])
def test_a_strip_is_cut_too(size):
    side = 1.1 * np.sqrt(size[0] * size[1])
    patch = cut_patch(Image.new("RGB", size), np.array([size[0] / 2, size[1] / 2, side]))
    assert min(patch.image.shape[:2]) >= 1
