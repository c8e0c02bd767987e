import numpy as np
import pandas as pd
from PIL import Image

from stages.keypoints.labels import COLUMNS
from stages.keypoints.tables import read_table
from stages.reporting import dropped
from tests.conftest import encoded, keypoint_members, keypoint_zip, open_bytes, photo, zip_of


def test_reasons_are_counted_without_what_differs_from_row_to_row():
    reasons = ["incomplete: 4 of 15 points", "no known point", "incomplete: 7 of 15 points"]
    table = pd.DataFrame({"row": [1, 2, 3], "reason": reasons})
    assert dropped.summary(table) == [("incomplete", 2), ("no known point", 1)]
    assert dropped.some_of_each(table, 2)["row"].tolist() == [1, 2]
    assert dropped.summary(table.iloc[:0]) == []


def test_a_dropped_row_is_shown_with_its_own_image_and_points(monkeypatch):
    monkeypatch.setattr("stages.keypoints.tables.CHUNK_ROWS", 2)  # rows of several chunks
    members = keypoint_members(n_train=6)
    archive = open_bytes(keypoint_zip(members))
    cells, images = read_table(archive, "training", COLUMNS, lambda cells, _: cells)
    seen = []
    monkeypatch.setattr(dropped, "of_array", lambda *of: seen.append(of))
    table = pd.DataFrame({"row": [6, 1, 4], "reason": ["c", "a", "b"]})
    dropped.rows(archive, table)
    assert [text for _, text, _ in seen] == ["row 6: c", "row 1: a", "row 4: b"]
    for (image, _, points), row in zip(seen, (6, 1, 4), strict=True):
        np.testing.assert_array_equal(image, images[row - 1])
        marked = cells[row - 1]
        assert np.isfinite(points).sum() == sum(cell != "" for cell in marked)
        assert points[0, 0] == np.float32(marked[COLUMNS.index("left_eye_center_x")])


def test_a_file_without_a_photo_has_no_picture(rng):
    files = {"a/1.jpg": encoded(photo(1, (400, 300))), "a/2.jpg": b"no photo"}
    files["a/3.png"] = encoded(Image.new("RGB", (200, 4)), "PNG")
    table = pd.DataFrame({"file": list(files), "reason": ["x", "not an image", "a strip"]})
    good, bad, strip = dropped.photos(open_bytes(zip_of(files)), table)
    assert good.source.startswith("data:image/jpeg;base64,") and good.size == (96, 72)
    assert bad.source == "" and bad.text == "a/2.jpg: not an image"
    assert strip.size == (96, 2)
