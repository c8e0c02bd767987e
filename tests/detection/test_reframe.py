import io

import numpy as np
import pytest
from PIL import Image

from faces.detection.alignment import LEFT, LIP, RIGHT
from faces.pseudo_labels import photos
from tests.detection.conftest import FRAMING, Dots, dotted

FACE = (100.0, 80.0, 100.0)


def as_file(photo: Image.Image) -> bytes:
    content = io.BytesIO()
    photo.save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("tilt", [0.0, 0.2])
def test_a_face_that_leans_is_levelled_and_put_where_all_faces_lie(
    models_with_heatmaps, finds, tilt
):
    finds((100, 100, 200))
    content = as_file(dotted((200, 200), (*FACE, tilt)))
    (crop,), whose = photos.realigned([content], 1, models_with_heatmaps)
    assert whose.tolist() == [0]
    side = models_with_heatmaps.size
    large = np.asarray(Image.fromarray(crop).convert("L").resize((96, 96)))[None, ..., None]
    points = (Dots().predict_on_batch(large)[0] + 0.5) * side / 96 - 0.5
    middle = (points[LEFT] + points[RIGHT]) / 2
    np.testing.assert_allclose(middle, np.array([FRAMING.x, FRAMING.y]) * side - 0.5, atol=1)
    assert points[LEFT][1] == pytest.approx(points[RIGHT][1], abs=1)
    assert points[LIP][0] == pytest.approx(middle[0], abs=1)


def test_photos_without_a_face_are_left_out_and_the_rest_keep_their_numbers(
    models_with_heatmaps, finds, monkeypatch
):
    finds((100, 100, 200))
    monkeypatch.setattr(photos, "AT_ONCE", 2)
    portrait, wall = as_file(dotted((200, 200), FACE)), as_file(Image.new("RGB", (200, 200)))
    dark = as_file(dotted((200, 200), FACE).point(lambda value: value // 5))
    contents = iter([wall, portrait, portrait, wall, dark])
    crops, whose = photos.realigned(contents, 5, models_with_heatmaps)
    assert whose.tolist() == [1, 2] and len(crops) == 2
    np.testing.assert_array_equal(crops[0], crops[1])


def test_nothing_found_frames_nothing(models_with_heatmaps):
    crops, whose = photos.realigned(
        [as_file(dotted((200, 200), FACE))] * 3, 3, models_with_heatmaps
    )
    side = models_with_heatmaps.size
    assert crops.shape == (0, side, side, 3) and len(whose) == 0
