import pytest

from faces.core.errors import UserError
from faces.data.members import spelled
from faces.gender.data.labels import check_labels, from_folders, from_table, read_labels, spellings

CLASSES = {"Male": ["men", "남성"], "Female": ["women", "여성"]}
MEANINGS = spellings(CLASSES)


def named(*paths: str) -> dict[str, tuple[str]]:
    return {path: (path,) for path in paths}


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
    assert from_folders([spelled(path)], MEANINGS) == label


def test_hangul_is_found_however_it_is_composed():
    import unicodedata

    assert from_folders([unicodedata.normalize("NFD", "남성") + "/1.jpg"], MEANINGS) == "Male"


def test_a_table_gives_labels_by_the_longest_tail():
    table = read_labels(b"file,label\nb/1.jpg,men\n1.jpg,Female\n", MEANINGS, "labels.csv")
    found, lines = from_table(named("a/b/1.jpg", "a/c/1.jpg", "a/2.jpg"), table, "labels.csv")
    assert lines == [] and found == {"a/b/1.jpg": "Male", "a/c/1.jpg": "Female", "a/2.jpg": None}


def test_a_line_means_one_photo():
    """A photo that nobody labelled takes no other's label because their names are alike."""
    table = {"1.jpg": "Female"}
    assert from_table(named("b/1.jpg", "1.jpg"), table, "labels.csv")[0]["b/1.jpg"] is None
    with pytest.raises(UserError, match=r"one photo for 1\.jpg in labels\.csv.*a/1.*b/1"):
        from_table(named("a/1.jpg", "b/1.jpg"), table, "labels.csv")


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


ROWS = [("1.jpg", "men"), ("2.jpg", "women")]


def table(rows=ROWS, header=("file", "label"), sep=",", quote="") -> str:
    return "".join(f"{quote}{sep.join(row)}{quote}\n" for row in [header, *rows])


FORMS = {
    "semicolons": table(sep=";").encode(),
    "tabs": table(sep="\t").encode(),
    "a note of Excel's": b"sep=;\n" + table(sep=";").encode(),
    "a byte order mark": table().encode("utf-8-sig"),
    "UTF-16": table(sep="\t").encode("utf-16"),
    "UTF-16 without a mark": table().encode("utf-16-le"),
    "Windows": table().replace("\n", "\r\n").encode(),
    "an old Mac": table().replace("\n", "\r").encode(),
    "quotation marks": table(sep='","', quote='"').encode(),
    "empty lines": table().replace("\n", "\n\n").encode() + b"\n , \n",
    "spaces": table(sep=" , ").encode(),
    "other names": table(header=("Image", "GENDER")).encode(),
    "an index": b",filename,class\n0,1.jpg,men\n1,2.jpg,women\n",
    "an id beside": b"id,path,label\n7,1.jpg,men\n8,2.jpg,women\n",
    "more columns": b"image,age,sex,file\nx,3,men,1.jpg\ny,4,women,2.jpg\n",
    "a photo that has no label yet": table([*ROWS, ("3.jpg", "")]).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_table_of_another_program_is_read(form):
    expected = {"1.jpg": "Male", "2.jpg": "Female"}
    assert read_labels(FORMS[form], MEANINGS, "labels.csv") == expected
    check_labels(FORMS[form], "labels.csv")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"image,path,label\n", "one column that is the file.*image, path.*meant file"),
        (b"file,gender,class\n", "one column that is the label.*gender, class.*meant label"),
        (b"1.jpg,men\n2.jpg,women\n", "Received: 1.jpg,men.*as good as file: filename"),
        (b"PK\3\4\x14\0", "a workbook, as Excel saves it.*Save it as CSV"),
        (b"file,label\n1.jpg,\x81\xff\n", "as CSV in UTF-8.*Save it as UTF-8"),
    ],
)
def test_a_table_that_is_not_understood_says_what_to_write(content, words):
    with pytest.raises(UserError, match=words):
        check_labels(content, "labels.csv")


CODE_PAGES = [
    ("cp949", [("가.jpg", "남성"), ("나.jpg", "women")]),
    ("cp949", [("가.jpg", "men"), ("나.jpg", "women")]),
    ("cp1252", [("ä.jpg", "men"), ("ü.jpg", "women")]),
    ("cp1252", [("1.jpg", "Männer"), ("2.jpg", "women")]),
]


@pytest.mark.parametrize(("page", "rows"), CODE_PAGES)
def test_the_code_page_is_the_one_whose_labels_and_names_are_known(page, rows):
    meanings = spellings({"Male": ["men", "남성", "Männer"], "Female": ["women"]})
    paths = named(*(file for file, _ in rows))
    labels = read_labels(table(rows).encode(page), meanings, "labels.csv", paths)
    assert from_table(paths, labels, "labels.csv") == (
        dict(zip(paths, ["Male", "Female"], strict=True)),
        [],
    )


@pytest.mark.parametrize(
    ("lines", "photos"),
    [
        (["1", "2"], ["1.jpg", "2.png"]),
        (["1.0", "2.0"], ["1.jpg", "2.jpg"]),
        (["7", "10"], ["x/0007.jpg", "0010.jpg"]),
        (["7", "007"], ["7.jpg", "007.jpg"]),
        (["IMG_1.JPG", "img_2.jpg"], ["img_1.jpg", "IMG_2.jpg"]),
        (["/home/me/set/1.jpg", "/home/me/set/2.jpg"], ["x/1.jpg", "x/2.jpg"]),
        (["C:\\set\\a\\1.jpg", "C:\\set\\b\\1.jpg"], ["faces/a/1.jpg", "faces/b/1.jpg"]),
        (["set/a/1.jpg", "set/b/1"], ["a/1.jpg", "b/1.jpg"]),
        (["./1.jpg", ".\\x\\2.jpg"], ["1.jpg", "x/2.jpg"]),
        (["1.jpg", "1.jpg.png"], ["1.jpg", "1.jpg.png"]),
        (["a.jpg", "A.jpg"], ["a.jpg", "A.jpg"]),
    ],
)
def test_a_line_names_a_photo_in_many_ways(lines, photos):
    content = table(list(zip(lines, ["men", "women"], strict=True))).encode()
    labels = read_labels(content, MEANINGS, "labels.csv")
    found, unmatched = from_table(named(*photos), labels, "labels.csv")
    assert list(found.values()) == ["Male", "Female"] and unmatched == []


@pytest.mark.parametrize(
    ("labels", "photos", "words"),
    [
        ({"1": "Male"}, ["1.jpg", "1.png"], "one photo for 1 in.*1.jpg, 1.png.*ending"),
        ({"A.jpg": "Male", "a.JPG": "Female"}, ["a.jpg"], "one label for a.jpg.*A.jpg .Male."),
        ({"m/1.jpg": "Male", "f/1.jpg": "Female"}, ["1.jpg"], "one label for 1.jpg"),
    ],
)
def test_a_line_that_may_mean_two_things_is_refused(labels, photos, words):
    with pytest.raises(UserError, match=words):
        from_table(named(*photos), labels, "labels.csv")


def test_a_line_of_another_folder_is_not_this_photos():
    found, lines = from_table(named("test/1.jpg"), {"train/1.jpg": "Male"}, "labels.csv")
    assert found == {"test/1.jpg": None} and lines == ["train/1.jpg"]
