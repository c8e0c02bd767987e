import pytest

from stages.errors import UserError
from stages.gender.labels import from_folders, from_table, read_labels, spellings

CLASSES = {"Male": ["men", "남성"], "Female": ["women", "여성"]}
MEANINGS = spellings(CLASSES)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("faces/Male/1.jpg", "Male"),
        ("MEN/1.jpg", "Male"),
        ("data/train/Women/a/b/1.jpg", "Female"),
        ("여성/1.jpg", "Female"),
        ("women/men/1.jpg", "Male"),
        ("faces\\Male\\1.jpg", "Male"),
        ("faces/other/Male.jpg", None),
        ("1.jpg", None),
    ],
)
def test_the_innermost_folder_that_names_a_class_decides(path, label):
    assert from_folders(path, MEANINGS) == label


def test_hangul_is_found_however_it_is_composed():
    import unicodedata

    assert from_folders(unicodedata.normalize("NFD", "남성") + "/1.jpg", MEANINGS) == "Male"


def test_a_table_gives_labels_by_the_longest_tail():
    table = read_labels(b"file,label\nb/1.jpg,men\n1.jpg,Female\n", MEANINGS, "labels.csv")
    found = from_table(["a/b/1.jpg", "a/c/1.jpg", "a/2.jpg"], table, "labels.csv")
    assert found == {"a/b/1.jpg": "Male", "a/c/1.jpg": "Female", "a/2.jpg": None}


def test_a_line_means_one_photo():
    """A photo that nobody labelled takes no other's label because their names are alike."""
    table = {"1.jpg": "Female"}
    assert from_table(["b/1.jpg", "1.jpg"], table, "labels.csv")["b/1.jpg"] is None
    with pytest.raises(UserError, match=r"one photo for 1\.jpg in labels\.csv.*a/1.*b/1"):
        from_table(["a/1.jpg", "b/1.jpg"], table, "labels.csv")


def test_a_table_from_a_spreadsheet_is_read():
    content = "﻿label,file\r\n여성,./1.jpg\r\n".encode()
    assert read_labels(content, MEANINGS, "labels.csv") == {"1.jpg": "Female"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name,label\n1.jpg,men\n", "columns file, label"),
        ("file,label\n1.jpg,boy\n", "one of .* in line 2"),
        ("file,label\n1.jpg,men\n1.jpg,women\n", "one label for 1.jpg"),
        ("file,label\n", "lines in"),
        ("file,label\n1.jpg\n", "a file and a label in line 2"),
    ],
)
def test_a_fault_in_the_table_is_named(content, expected):
    with pytest.raises(UserError, match=expected):
        read_labels(content.encode(), MEANINGS, "labels.csv")
