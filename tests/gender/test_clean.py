import numpy as np
import pandas as pd
import pytest
from PIL import Image

from faces.core import engine
from faces.core.errors import UserError
from faces.gender.data import clean as module
from faces.gender.data import store
from faces.gender.data.clean import clean
from faces.gender.data.split import read_all
from tests.conftest import encoded, open_bytes, photo, tiff, zip_of
from tests.helpers import standin

SETTINGS = {
    "classes": {"Male": ["men"], "Female": ["women"]},
    "alike_bits": 8,
    "min_side": 16,
}


def cleaned(members: dict[str, bytes], **changes):
    return clean(open_bytes(zip_of(members)), {**SETTINGS, **changes})


def photos(**extra: bytes) -> dict[str, bytes]:
    members = {f"x/Male/{i}.jpg": encoded(photo(i)) for i in range(3)}
    members |= {f"x/women/{i}.jpg": encoded(photo(10 + i)) for i in range(3)}
    return members | {name.replace("__", "/"): data for name, data in extra.items()}


def test_good_photos_are_kept_and_counted_by_class():
    (table, classes), dropped, counts = cleaned(photos())
    assert classes == ["Male", "Female"] and len(dropped) == 0
    assert table["label"].value_counts().to_dict() == {"Male": 3, "Female": 3}
    assert table["alike"].nunique() == 6 and counts["by_class"] == {"Male": 3, "Female": 3}


def test_everything_dropped_is_listed_with_its_reason():
    bad = {
        "x/Male/empty.jpg": b"",
        "x/Male/.DS_Store": b"\0\0\0\1Bud1",
        "x/Male/cut.jpg": encoded(photo(5, (200, 200)))[:1500],
        "x/Male/dot.png": encoded(photo(5, (1, 1)), "PNG"),
        "x/Male/strip.png": encoded(photo(5, (200, 4)), "PNG"),
        "x/other/1.jpg": encoded(photo(6)),
    }
    (table, _), dropped, counts = cleaned(photos() | bad)
    assert set(dropped["file"]) == set(bad) and len(table) == 6
    reasons = dict(zip(dropped["file"], dropped["reason"], strict=True))
    assert reasons["x/Male/empty.jpg"] == "empty file"
    assert reasons["x/Male/.DS_Store"] == "not an image"
    assert reasons["x/other/1.jpg"].startswith("no label")
    assert counts["dropped"] == 6 and counts["files"] == 12


def test_what_is_hidden_or_of_a_kind_that_is_not_read_is_listed_so():
    odd = {
        "x/Male/.copy.jpg": encoded(photo(7)),
        "__MACOSX/x/Male/._0.jpg": b"\0\5\x16\7" + bytes(40),
        "x/Male/IMG_1.CR2": b"II*\0 no picture",
        "x/women/a.svg": b"<svg/>",
        "x/women/notes.txt": b"hello",
    }
    (table, _), dropped, _ = cleaned(photos() | odd)
    reasons = dict(zip(dropped["file"], dropped["reason"], strict=True))
    assert len(table) == 6 and reasons == {
        "x/Male/.copy.jpg": "a hidden file",
        "__MACOSX/x/Male/._0.jpg": "not an image",
        "x/Male/IMG_1.CR2": "a camera's raw file (CR2): export it as JPEG",
        "x/women/a.svg": "a drawing (SVG): export it as PNG",
        "x/women/notes.txt": "not an image",
    }


def test_photos_of_every_kind_that_is_read_are_kept():
    import pillow_heif

    pillow_heif.register_heif_opener()
    kinds = {"heic": "HEIF", "avif": "AVIF", "jp2": "JPEG2000", "ppm": "PPM", "tif": "TIFF"}
    more = {
        f"x/Male/a.{ending}": encoded(photo(20 + i), kind)
        for i, (ending, kind) in enumerate(kinds.items())
    }
    more["x/Male/motion.jpg"] = encoded(photo(30)) + b"\xff\xda" * 500
    more["x/Male/float.tif"] = tiff(np.float32(photo(31, mode="L")) / 255)
    (table, _), dropped, _ = cleaned(photos() | more)
    assert dropped.empty and set(more) < set(table["file"])


def test_copies_share_a_number_whatever_their_encoding():
    copies = {
        "x/Male/same.jpg": encoded(photo(0)),
        "x/Male/small.jpg": encoded(photo(0).resize((32, 40)), quality=60),
        "x/Male/other.png": encoded(photo(0), "PNG"),
    }
    (table, _), _, counts = cleaned(photos() | copies)
    numbers = table.set_index("file")["alike"]
    assert {numbers[name] for name in copies} == {numbers["x/Male/0.jpg"]}
    assert (numbers == numbers["x/Male/0.jpg"]).sum() == 4 and counts["photos_with_a_copy"] == 4


def test_a_photo_under_both_labels_is_dropped_from_both():
    double = {"x/women/again.jpg": encoded(photo(1), quality=60)}
    (table, _), dropped, counts = cleaned(photos() | double)
    assert set(dropped["file"]) == {"x/Male/1.jpg", "x/women/again.jpg"}
    assert "x/Male/1.jpg" in dropped.set_index("file")["reason"]["x/women/again.jpg"]
    assert len(table) == 5 and counts["under_two_labels"] == 2


def test_a_labels_file_decides_before_folders():
    flat = {f"{i}.jpg": encoded(photo(i)) for i in range(4)}
    flat["labels.csv"] = b"file,label\n0.jpg,Male\n1.jpg,women\n2.jpg,men\n"
    (table, _), dropped, _ = cleaned(flat)
    assert table["label"].tolist() == ["Male", "Female", "Male"]
    assert dropped["file"].tolist() == ["3.jpg"]


def test_lines_without_a_photo_and_photos_without_a_line_are_counted_and_said(capsys):
    flat = {f"{i}.jpg": encoded(photo(i)) for i in range(4)}
    flat["x\\Labels.CSV"] = "Image;Class\n0;Male\n1;women\n7;men\n8;men\n".encode("utf-16")
    (table, _), _, counts = cleaned(flat)
    assert table["file"].tolist() == ["0.jpg", "1.jpg"]
    assert counts["lines_without_a_photo"] == 2 and counts["files_without_a_line"] == 2
    said = capsys.readouterr().out
    assert "2 of 4 lines name no photo (7, 8)" in said
    assert "2 of 4 files have no line there" in said


def test_a_table_that_names_no_photo_is_shown_beside_the_photos():
    flat = {"1.jpg": encoded(photo(1)), "labels.csv": b"file,label\nx.jpg,men\n"}
    with pytest.raises(UserError, match=r"name photos of.*Received: x\.jpg, .*photos are 1\.jpg"):
        cleaned(flat)


@pytest.mark.parametrize("other", [b"file,label\n", b"file,label\n0.jpg,men\n1.jpg,women\n"])
def test_two_tables_that_differ_are_named(other):
    table = b"file,label\n0.jpg,men\n1.jpg,women\n"
    members = {f"{i}.jpg": encoded(photo(i)) for i in range(2)}
    members |= {"a/labels.csv": table, "b/labels.csv": other}
    if other == table:
        assert len(cleaned(members)[0][0]) == 2
        return
    with pytest.raises(UserError, match=r"a/labels\.csv and b/labels\.csv, which differ"):
        cleaned(members)


def test_what_a_mac_adds_to_an_archive_is_no_photo():
    junk = {"__MACOSX/x/Male/._0.jpg": b"\0\5\x16\7", "x/Male/._1.jpg": b"\0\5\x16\7"}
    _, dropped, counts = cleaned(photos() | junk)
    assert set(dropped["file"]) == set(junk) and counts["kept"] == 6
    assert "files_without_a_line" not in counts


def test_a_line_means_no_hidden_file(capsys):
    members = {f"{folder}/{i}.jpg": encoded(photo(i)) for folder in ("a", ".small") for i in (0, 1)}
    members |= {"a/.DS_Store": b"x", "labels.csv": b"file,label\n0.jpg,Male\n1.jpg,Female\n"}
    (table, _), dropped, counts = cleaned(members)
    assert table["file"].tolist() == ["a/0.jpg", "a/1.jpg"] and counts["files_without_a_line"] == 0
    reasons = {"a hidden file", "not an image"}
    assert set(dropped["reason"]) == reasons and not capsys.readouterr().out


def test_without_any_label_the_error_says_how_to_give_them():
    with pytest.raises(UserError, match=r"labels\.csv.*gender\.labels"):
        cleaned({f"{i}.jpg": encoded(photo(i)) for i in range(4)})


def test_a_class_without_photos_is_named():
    with pytest.raises(UserError, match=r"photos of the class Female.*Male: 3"):
        cleaned({f"Male/{i}.jpg": encoded(photo(i)) for i in range(3)})


def test_three_classes_are_as_good_as_two():
    classes = {"smile": [], "neutral": ["none"], "surprise": []}
    members = {
        f"{c}/{i}.jpg": encoded(photo(10 * j + i)) for j, c in enumerate(classes) for i in (0, 1)
    }
    (table, names), _, _ = cleaned(members, classes=classes)
    assert names == list(classes) and table["label"].value_counts().tolist() == [2, 2, 2]


def test_what_is_stored_comes_back_with_the_good_photos_as_they_were(tmp_path):
    members = photos() | {"x/Male/empty.jpg": b""}
    archive = open_bytes(zip_of(members))
    kept, _, _ = clean(archive, SETTINGS)
    store.save_clean(tmp_path / "clean", kept, archive)
    back = store.load_clean(tmp_path / "clean")
    packed = back["archive"]
    assert packed.namelist() == sorted(photos()) and back["classes"] == ["Male", "Female"]
    assert all(packed.read(name) == members[name] for name in packed.namelist())
    assert back["photos"].equals(kept[0].astype({"alike": "int64"}))


def test_class_names_that_look_like_numbers_stay_names(tmp_path):
    members = {f"{c}/{i}.jpg": encoded(photo(ord(c) + i)) for c in "01" for i in (0, 2)}
    archive = open_bytes(zip_of(members))
    settings = {**SETTINGS, "classes": {"0": [], "1": []}}
    kept, _, _ = clean(archive, settings)
    store.save_clean(tmp_path / "clean", kept, archive)
    assert store.load_clean(tmp_path / "clean")["photos"]["label"].tolist() == ["0", "0", "1", "1"]


def test_different_photos_are_no_copies():
    many = {f"Male/{i}.jpg": encoded(photo(i)) for i in range(60)}
    many |= {f"Female/{i}.jpg": encoded(photo(100 + i)) for i in range(60)}
    (table, _), _, _ = cleaned(many)
    assert len(table) == 120 and len(np.unique(table["alike"])) == 120


def face_like(seed: int) -> Image.Image:
    """A picture with detail in every part, as a photo of a face has."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((160, 200), Image.Resampling.BICUBIC)


def test_another_crop_and_a_mirror_image_stay_with_their_photo_and_are_kept():
    members = {f"Male/{i}.jpg": encoded(face_like(i)) for i in range(4)}
    members |= {f"Female/{i}.jpg": encoded(face_like(10 + i)) for i in range(4)}
    members["Male/cut.jpg"] = encoded(face_like(1).crop((8, 12, 150, 190)), quality=70)
    mirrored = face_like(2).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    members["Male/mirrored.jpg"] = encoded(mirrored.crop((10, 6, 158, 195)))
    members["Female/cut.jpg"] = encoded(face_like(3).crop((12, 8, 152, 192)))
    (table, _), dropped, counts = cleaned(members)
    alike = table.set_index("file")["alike"]
    assert alike["Male/cut.jpg"] == alike["Male/1.jpg"]
    assert alike["Male/mirrored.jpg"] == alike["Male/2.jpg"]
    assert alike["Female/cut.jpg"] == alike["Male/3.jpg"]  # seems so: kept together, not dropped
    assert alike.nunique() == 8 and len(dropped) == 0 and counts["photos_with_a_copy"] == 6


def test_an_error_that_nobody_foresaw_names_its_photo(monkeypatch):
    def fails(data, label, min_side, name):
        raise RuntimeError("no such thing")

    monkeypatch.setattr(module, "look_at", fails)
    with pytest.raises(UserError, match=r"a photo that can be read in x/Male/0\.jpg.*no such"):
        cleaned(photos())


def test_a_cluster_cleans_and_resizes_as_this_machine_does(monkeypatch, tmp_path):
    members = photos(x__Male__empty=b"", x__Male__cut=encoded(photo(5, (200, 200)))[:1500])
    members |= {f"x/Male/more {i}.jpg": encoded(photo(20 + i)) for i in range(engine.CHUNK)}
    here = cleaned(members)
    files, archive = here[0][0]["file"].tolist(), open_bytes(zip_of(members))
    images = read_all(archive, files, 24)
    node = standin.chosen(monkeypatch, tmp_path / "node")
    there = cleaned(members)
    for one, other in ((here[0][0], there[0][0]), (here[1], there[1])):
        pd.testing.assert_frame_equal(one, other)
    assert here[2] == there[2] and len(node.sent) == 2
    np.testing.assert_array_equal(images, read_all(archive, files, 24))
    assert len(node.sent) == 4
