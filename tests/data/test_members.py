"""A member of an archive is found however its name is spelled, and two that differ are named."""

import unicodedata
import zipfile

import numpy as np
import pytest

from faces.core.errors import UserError
from faces.core.tasks import ARCHIVES
from faces.data.members import called, find_member, is_litter, plain_name, readings
from faces.data.nested import held_in, unwrap
from faces.gender.data.clean import clean as clean_photos
from faces.keypoints.data.clean import check_header
from faces.keypoints.data.clean import clean as clean_points
from faces.sources import fetching as download
from tests.conftest import (
    csv_of,
    encoded,
    keypoint_members,
    keypoint_zip,
    named_in,
    open_bytes,
    photo,
    zip_of,
)

POINTS, PHOTOS = ARCHIVES["keypoints"], ARCHIVES["gender"]
CLASSES = {"Male": ["남성", "Männer"], "Female": ["여성", "Frauen"]}
SETTINGS = {"classes": CLASSES, "alike_bits": 8, "min_side": 16}


def tables() -> dict[str, bytes]:
    return {name: csv_of(*content) for name, content in keypoint_members().items()}


def arrays(archive: bytes) -> dict[str, np.ndarray]:
    with open_bytes(archive) as opened:
        check_header(opened)
        return clean_points(opened, {"incomplete": "mask"})[0]


def test_a_path_is_compared_with_slashes_and_composed_letters():
    name = unicodedata.normalize("NFD", "폴더\\Männer.jpg")
    assert readings(zipfile.ZipInfo(name))[0] == "폴더/Männer.jpg"


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("a/Training.CSV", "training.csv"),
        ("a\\training.csv", "training.csv"),
        ("archive (1).zip", "archive.zip"),
        ("archive(12).zip", "archive.zip"),
        ("face-detection-2.zip", "face-detection.zip"),
        ("training.csv (3).zip", "training.csv.zip"),
        ("old training.csv", "old training.csv"),
        ("training.csv.bak", "training.csv.bak"),
    ],
)
def test_a_name_is_known_in_any_case_and_with_what_a_browser_adds(path, plain):
    assert plain_name(path) == plain


def test_what_a_mac_leaves_beside_a_file_is_not_that_file():
    assert is_litter("__MACOSX/d/._training.csv") and not is_litter("d/training.csv")
    archive = open_bytes(zip_of({"d/training.csv": b"a", "__MACOSX/d/training.csv": b"junk"}))
    assert [m.filename for m in called(archive, "training.csv")] == ["d/training.csv"]


@pytest.mark.parametrize(
    "spell",
    [
        lambda name: f"a\\b\\{name}",
        lambda name: f"A/{name.upper()}",
        lambda name: name.replace(".", " (1)."),
        lambda name: unicodedata.normalize("NFD", f"얼굴/{name}"),
    ],
)
def test_tables_are_read_however_their_names_are_spelled(spell):
    expected = arrays(zip_of(tables()))
    members = {spell(name): data for name, data in tables().items()}
    litter = {f"__MACOSX/{name}": b"junk" for name in tables()} | {"a\\": b""}
    for name, found in arrays(zip_of({**litter, **members})).items():
        np.testing.assert_array_equal(found, expected[name])


@pytest.mark.parametrize("ending", [".zip", ".csv.zip"])
def test_every_table_may_come_in_a_zip_of_its_own(ending):
    packed = {f"{n[:-4]}{ending}": zip_of({n: data}) for n, data in tables().items()}
    np.testing.assert_array_equal(
        arrays(zip_of(packed))["lookup"], arrays(zip_of(tables()))["lookup"]
    )


TWO = {
    "in two folders": lambda t: {**t, "old/training.csv": t["training.csv"] + b"\n"},
    "packed and not": lambda t: {
        **t,
        "training.zip": zip_of({"training.csv": t["training.csv"][:-1]}),
    },
    "in two zips": lambda t: {
        **{n: d for n, d in t.items() if n != "training.csv"},
        "a/training.zip": zip_of({"training.csv": t["training.csv"]}),
        "b/training.zip": zip_of({"training.csv": t["training.csv"] + b"\n"}),
    },
    "twice in its zip": lambda t: {
        **{n: d for n, d in t.items() if n != "training.csv"},
        "training.zip": zip_of({"training.csv": t["training.csv"], "x/Training.csv": b"a"}),
    },
}


@pytest.mark.parametrize("case", TWO)
def test_two_tables_that_differ_are_named_and_neither_is_taken(case):
    with pytest.raises(UserError, match=r"one training\.(csv|zip) in .* and .*, which differ"):
        arrays(zip_of(TWO[case](tables())))


def test_two_copies_of_one_table_are_one():
    members = tables()
    members["old/training.csv"] = members["training.csv"]
    members["training.zip"] = zip_of({"training.csv": members["training.csv"]})
    with open_bytes(zip_of(members)) as archive, held_in(archive, "training") as (_, member):
        assert member.filename == "training.csv"
    assert len(arrays(zip_of(members))["images"]) == 6


def test_a_missing_member_is_named_with_the_first_of_what_is_there():
    archive = open_bytes(zip_of({f"{i:02}.csv": b"" for i in range(12)}))
    with pytest.raises(UserError, match=r"Received: 00\.csv, .*07\.csv, and 4 more\."):
        find_member(archive, "training.csv", "a.zip")


@pytest.mark.parametrize("page", ["cp949", "utf-8"])
def test_folders_in_hangul_are_known_in_the_code_pages_of_windows(page):
    members = {
        f"{c}\\{i}.jpg".encode(page): encoded(photo(i)) for i, c in enumerate(["남성", "여성"])
    }
    with open_bytes(named_in(members)) as archive:
        (table, _), _, _ = clean_photos(archive, SETTINGS)
    assert sorted(table["label"]) == ["Female", "Male"]


@pytest.mark.parametrize("page", ["cp437", "cp850", "cp1252", "utf-8"])
def test_folders_with_umlauts_are_known_in_the_code_pages_of_windows(page):
    names = ["Männer", "Frauen"]
    members = {f"{c}/{i}.jpg".encode(page): encoded(photo(i)) for i, c in enumerate(names)}
    with open_bytes(named_in(members)) as archive:
        (table, _), _, _ = clean_photos(archive, SETTINGS)
    assert sorted(table["label"]) == ["Female", "Male"]


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("inner", [PHOTOS, "archive.zip"])
def test_an_archive_that_was_packed_once_more_is_unpacked(tmp_path, inner, depth):
    photos = zip_of({"Male/1.jpg": encoded(photo(1))})
    wrapped = photos
    for _ in range(depth):
        wrapped = zip_of({f"x/{inner}": wrapped, f"__MACOSX/x/._{inner}": b"junk"})
    path = tmp_path / PHOTOS
    path.write_bytes(wrapped)
    unwrap(path, "gender", PHOTOS)
    assert path.read_bytes() == photos and len(list(tmp_path.iterdir())) == 1
    download.check_archive(path, PHOTOS)


def test_an_archive_as_kaggle_gives_it_stays_as_it_is(tmp_path):
    for task, content in (
        ("keypoints", keypoint_zip(keypoint_members())),
        ("gender", zip_of({"Male/1.jpg": encoded(photo(1)), "more.zip": zip_of({})})),
    ):
        path = tmp_path / ARCHIVES[task]
        path.write_bytes(content)
        unwrap(path, task, path.name)
        assert path.read_bytes() == content
