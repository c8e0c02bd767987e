import numpy as np
import pandas as pd
from PIL import Image

from faces.core.files import save_table
from faces.data import dropped
from faces.data.archives import open_zip
from faces.gender.data import shown as photos_shown
from faces.keypoints.data import shown as rows_shown
from faces.keypoints.data.tables import read_table
from faces.keypoints.points import COLUMNS
from tests.conftest import encoded, keypoint_members, keypoint_zip, open_bytes, photo, zip_of


def test_reasons_are_counted_without_what_differs_from_row_to_row():
    reasons = ["incomplete: 4 of 15 points", "no known point", "incomplete: 7 of 15 points"]
    table = pd.DataFrame({"row": [1, 2, 3], "reason": reasons})
    assert dropped.summary(table) == [("incomplete", 2), ("no known point", 1)]
    assert dropped.some_of_each(table, 2)["row"].tolist() == [1, 2]
    assert dropped.summary(table.iloc[:0]) == []


def test_a_dropped_row_is_shown_with_its_own_image_and_points(monkeypatch):
    monkeypatch.setattr("faces.keypoints.data.tables.CHUNK_ROWS", 2)  # rows of several chunks
    members = keypoint_members(n_train=6)
    archive = open_bytes(keypoint_zip(members))
    cells, images = read_table(archive, "training", COLUMNS, lambda cells, _: cells)
    seen = []
    monkeypatch.setattr(rows_shown, "of_array", lambda *of: seen.append(of))
    table = pd.DataFrame({"row": [6, 1, 4], "reason": ["c", "a", "b"]})
    rows_shown.tiles(archive, table)
    assert [text for _, text, _ in seen] == ["row 6: c", "row 1: a", "row 4: b"]
    for (image, _, points), row in zip(seen, (6, 1, 4), strict=True):
        np.testing.assert_array_equal(image, images[row - 1])
        marked = cells[row - 1]
        assert np.isfinite(points).sum() == sum(cell != "" for cell in marked)
        assert points[0, 0] == np.float32(marked[COLUMNS.index("left_eye_center_x")])


def test_a_name_with_a_carriage_return_is_found_again(tmp_path):
    files = {"Male/Icon\r": b"", "a\r\nb.png": encoded(photo(1), "PNG"), "c.txt": b"no photo"}
    (tmp_path / "photos.zip").write_bytes(zip_of(files))
    table = pd.DataFrame({"file": list(files), "reason": ["empty file", "x", "not an image"]})
    save_table(tmp_path / "dropped.csv", table)
    read = pd.read_csv(tmp_path / "dropped.csv", keep_default_na=False)
    with open_zip(tmp_path / "photos.zip") as archive:
        found = photos_shown.tiles(archive, read)
    assert [tile.text.partition(":")[0] for tile in found] == list(files)
    save_table(tmp_path / "plain.csv", table[2:])
    assert (tmp_path / "plain.csv").read_text() == "file,reason\nc.txt,not an image\n"


def test_a_file_that_is_too_large_for_a_photo_is_not_read(monkeypatch):
    archive = open_bytes(zip_of({"film.mp4": b"0123456789"}))
    monkeypatch.setattr(photos_shown, "LARGEST_FILE", 9)
    monkeypatch.setattr(archive, "read", None)
    table = pd.DataFrame({"file": ["film.mp4"], "reason": ["a file of 500 MB"]})
    assert [tile.source for tile in photos_shown.tiles(archive, table)] == [""]


def test_a_file_without_a_photo_has_no_picture(rng):
    files = {"a/1.jpg": encoded(photo(1, (400, 300))), "a/2.jpg": b"no photo"}
    files["a/3.png"] = encoded(Image.new("RGB", (200, 4)), "PNG")
    table = pd.DataFrame({"file": list(files), "reason": ["x", "not an image", "a strip"]})
    good, bad, strip = photos_shown.tiles(open_bytes(zip_of(files)), table)
    assert good.source.startswith("data:image/jpeg;base64,") and good.size == (96, 72)
    assert bad.source == "" and bad.text == "a/2.jpg: not an image"
    assert strip.size == (96, 2)
