import os
import zipfile
from pathlib import Path

import pytest

from faces.core.errors import UserError
from faces.core.tasks import ARCHIVES
from faces.data.nested import unwrap
from faces.gender.data.clean import clean as clean_photos
from faces.keypoints.data.clean import clean as clean_points
from faces.sources import folder as folder_source
from tests.conftest import (
    csv_of,
    encoded,
    keypoint_members,
    keypoint_zip,
    open_bytes,
    photo,
    zip_of,
)

POINTS, PHOTOS = ARCHIVES["keypoints"], ARCHIVES["gender"]
SETTINGS = {"classes": {"Male": [], "Female": ["women"]}, "alike_bits": 8, "min_side": 16}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def tables(packed: bool) -> dict[str, bytes]:
    """Kaggle's files of the competition: training.zip, test.zip or the CSV files themselves."""
    if packed:
        with open_bytes(keypoint_zip(keypoint_members())) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return {name: csv_of(*content) for name, content in keypoint_members().items()}


def faces(prefix="faces/") -> dict[str, bytes]:
    names = {"Male": 0, "Female": 10}
    return {f"{prefix}{c}/{i}.jpg": encoded(photo(n + i)) for c, n in names.items() for i in (0, 1)}


def below(prefix: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{prefix}/{name}": data for name, data in files.items()}


@pytest.fixture
def source(tmp_path):
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


@pytest.fixture
def arrived(tmp_path):
    (tmp_path / "arrived").mkdir()
    return tmp_path / "arrived"


def test_archives_are_copied_byte_for_byte(source, arrived):
    whole = {POINTS: keypoint_zip(keypoint_members()), PHOTOS: zip_of(faces())}
    used = folder_source.collect(write(source, whole), arrived)
    assert {p.name: p.read_bytes() for p in arrived.iterdir()} == whole
    assert used == {name: source / name for name in whole}


LAYOUTS = {
    "zips in a folder of their own": {
        **below("facial-keypoints-detection", tables(True)),
        **below("face-detection", faces()),
    },
    "tables in a folder of their own": {
        **below("facial-keypoints-detection", tables(False)),
        **below("face-detection", faces("")),
    },
    "everything loose": {**tables(True), **faces()},
    "loose tables, classes at the top": {**tables(False), **faces("")},
    "tables unpacked into folders of their names": {
        **{
            f"{n.removesuffix('.csv')}/{n}" if n != "IdLookupTable.csv" else n: data
            for n, data in tables(False).items()
        },
        **faces(),
    },
    "tables in a folder, photos loose": {
        **below("facial-keypoints-detection", tables(True) | {"notes/1.jpg": b"not a face"}),
        **faces(),
        ".git/objects/1": b"hidden",
        "faces/.DS_Store": b"hidden",
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_unpacked_files_become_archives_that_the_next_stage_reads(source, arrived, layout):
    used = folder_source.collect(write(source, LAYOUTS[layout]), arrived)
    with zipfile.ZipFile(arrived / POINTS) as archive:
        arrays, dropped, _ = clean_points(archive, {"incomplete": "mask"})
    assert len(arrays["images"]) == 6 and len(arrays["test_images"]) == 3 and dropped.empty
    with zipfile.ZipFile(arrived / PHOTOS) as archive:
        (table, _), dropped, _ = clean_photos(archive, SETTINGS)
    assert table["label"].value_counts().to_dict() == {"Male": 2, "Female": 2}
    assert dropped.empty
    assert all(path.is_file() and source in path.parents for path in used.values())
    assert len(used) == 3 + 4


def test_the_same_files_give_the_same_bytes_whatever_their_times(source, tmp_path):
    write(source, {**tables(False), **faces()})
    archives = []
    for i, name in enumerate(("one", "two")):
        for path in source.rglob("*"):
            os.utime(path, (1e9 + i, 1e9 + i))
        (tmp_path / name).mkdir()
        folder_source.collect(source, tmp_path / name)
        archives.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    assert archives[0] == archives[1] and set(archives[0]) == {POINTS, PHOTOS}


INCOMPLETE = [
    ({}, [POINTS, "training.zip or training.csv", "IdLookupTable.csv", "an empty folder"]),
    ({PHOTOS: b"", "x.txt": b""}, [POINTS, f"Received: {PHOTOS} (an empty file), x.txt"]),
    ({**faces(), "test.zip": b"", "training.csv": b""}, ["or IdLookupTable.csv, in"]),
    (tables(True), [PHOTOS, "folders of photos", "Received: IdLookupTable.csv, test.zip"]),
]


@pytest.mark.parametrize(("files", "words"), INCOMPLETE)
def test_what_is_missing_is_named_with_what_is_there(source, arrived, files, words):
    with pytest.raises(UserError) as caught:
        folder_source.collect(write(source, files), arrived)
    assert all(word in str(caught.value) for word in [*words, str(source)])


def test_links_to_folders_are_followed_and_loops_end(source, arrived, tmp_path):
    photos = write(tmp_path / "elsewhere", faces(""))
    write(source, tables(True))
    (source / "faces").mkdir()
    (source / "faces/linked").symlink_to(photos)
    (photos / "Male/back").symlink_to(source)
    (photos / "Male/nowhere.jpg").symlink_to(tmp_path / "gone.jpg")
    folder_source.collect(source, arrived)
    with zipfile.ZipFile(arrived / PHOTOS) as archive:
        assert archive.namelist() == sorted(below("faces/linked", faces("")))


def test_a_folder_counts_once_by_its_own_path(source, arrived):
    write(source, {**tables(True), **below("photos", faces(""))})
    (source / "a link").symlink_to(source / "photos/Male")
    folder_source.collect(source, arrived)
    with zipfile.ZipFile(arrived / PHOTOS) as archive:
        assert archive.namelist() == sorted(below("photos", faces("")))


def test_pictures_beside_the_tables_are_packed_whatever_their_ending(source, arrived):
    endings = ["jpg", "JPG", "jfif", "jpe", "heic", "avif", "jp2", "ppm", "CR2", "svg"]
    loose = [f"p{i}.{e}" for i, e in enumerate(endings)]
    write(
        source, {**tables(True), **dict.fromkeys(loose, b"x"), "notes.txt": b"x", "Thumbs.db": b"x"}
    )
    folder_source.collect(source, arrived)
    with zipfile.ZipFile(arrived / PHOTOS) as archive:
        assert archive.namelist() == sorted(loose)


def test_photos_without_folders_are_packed_with_their_labels(source, arrived):
    flat = {f"{i}.jpg": encoded(photo(i)) for i in range(4)}
    table = b"file,label\n0.jpg,Male\n1.jpg,Male\n2.jpg,Female\n3.jpg,Female\n"
    for base in (source, source / "face-detection"):
        write(base, flat)
    write(source, tables(True) | {"face-detection/labels.csv": table, "notes.txt": b"no photo"})
    folder_source.collect(source, arrived)
    with zipfile.ZipFile(arrived / PHOTOS) as archive:
        assert sorted(archive.namelist()) == sorted([*flat, "labels.csv"])
    loose = write(source.parent / "loose", {**flat, **tables(True), "notes.txt": b"no photo"})
    folder_source.collect(loose, arrived)
    folder_source.add_labels(arrived / PHOTOS, write(loose, {"labels.csv": table}) / "labels.csv")
    with zipfile.ZipFile(arrived / PHOTOS) as archive:
        (photos, _), dropped, _ = clean_photos(archive, SETTINGS)
    assert photos["label"].tolist() == ["Male", "Male", "Female", "Female"] and dropped.empty


@pytest.mark.parametrize("old", ["labels.csv", "zz/labels.csv", "남성/labels.csv"])
def test_labels_that_are_given_replace_those_in_the_archive(tmp_path, old):
    members = {**faces(""), old: b"file,label\n0.jpg,Female\n1.jpg,Female\n"}
    archive = write(tmp_path, {PHOTOS: zip_of(members)}) / PHOTOS
    given = b"file,label\nMale/0.jpg,Male\nMale/1.jpg,Male\nFemale/0.jpg,women\n"
    labels = write(tmp_path, {"mine.csv": given}) / "mine.csv"
    folder_source.add_labels(archive, labels)
    with zipfile.ZipFile(archive) as opened:
        (table, _), dropped, _ = clean_photos(opened, SETTINGS)
        assert opened.testzip() is None and opened.read("labels.csv") == given
    assert table.set_index("file")["label"].to_dict() == {
        "Male/0.jpg": "Male",
        "Male/1.jpg": "Male",
        "Female/0.jpg": "Female",
    }
    assert dropped["file"].tolist() == ["Female/1.jpg"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "columns file, label.*an empty file"),
        (b"name,label\n", "columns file, label.*Received: name,label"),
        (b"file,label\n1.jpg,\x81\xff\n", "UTF-8"),
    ],
)
def test_a_table_without_the_columns_is_refused(tmp_path, content, words):
    write(tmp_path, {PHOTOS: zip_of(faces()), "mine.csv": content})
    with pytest.raises(UserError, match=words):
        folder_source.add_labels(tmp_path / PHOTOS, tmp_path / "mine.csv")


def test_paths_count_from_the_repository_in_queued_experiments_too(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    copy = tmp_path / ".dvc/tmp/exps/tmpabc/sub"
    copy.mkdir(parents=True)
    for place in (tmp_path, copy):
        monkeypatch.chdir(place)
        assert folder_source.locate("mine") == tmp_path / "mine"
        assert folder_source.locate(str(tmp_path / "mine")) == tmp_path / "mine"


@pytest.mark.parametrize("path", ["gone", "~nobody-has-this-name/x", "a file"])
def test_a_folder_that_is_not_there_is_named(tmp_path, monkeypatch, path):
    monkeypatch.chdir(write(tmp_path, {"a file": b""}))
    with pytest.raises(UserError, match=f"existing folder as source.*{path}"):
        folder_source.locate(path)


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path, monkeypatch):
    (tmp_path / "faces").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folder_source.locate("~/faces") == tmp_path / "faces"


WHOLE = {POINTS: keypoint_zip(keypoint_members()), PHOTOS: zip_of(faces())}


def gathered(source, arrived, files: dict[str, bytes]) -> dict[str, bytes]:
    """The archives that come of these files in a folder, by their names."""
    folder_source.collect(write(source, files), arrived)
    for task, name in ARCHIVES.items():
        unwrap(arrived / name, task, name)
    return {p.name: p.read_bytes() for p in arrived.iterdir()}


OTHER_NAMES = {
    "as Kaggle's page names data sets": ("archive.zip", "archive (1).zip"),
    "downloaded twice": ("facial-keypoints-detection (1).zip", "face-detection (2).zip"),
    "in capitals": ("Facial-Keypoints-Detection.ZIP", "FACE-DETECTION.zip"),
    "of somebody's own": ("points.zip", "my faces.zip"),
    "deeper": ("a/facial-keypoints-detection.zip", "b/c/archive.zip"),
    "in folders of their names": ("facial-keypoints-detection/archive.zip", "face-detection/x.zip"),
}


@pytest.mark.parametrize("how", OTHER_NAMES)
@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_of_another_name_is_known_by_what_is_in_it(source, arrived, how, packed):
    files = dict(zip(OTHER_NAMES[how], WHOLE.values(), strict=True))
    if packed:
        files = {name: zip_of({"inner.zip": data}) for name, data in files.items()}
    assert gathered(source, arrived, files) == WHOLE


def test_one_zip_may_hold_both_archives(source, arrived):
    assert gathered(source, arrived, {"all.zip": zip_of(WHOLE)}) == WHOLE


def test_the_archive_named_as_it_should_be_is_taken_before_others(source, arrived):
    others = {"archive.zip": zip_of(below("x", {"Male/9.jpg": encoded(photo(9))}))}
    assert gathered(source, arrived, WHOLE | others) == WHOLE


@pytest.mark.parametrize(
    "copies",
    [
        {"face-detection (1).zip": WHOLE[PHOTOS]},
        below("face-detection", faces("")),
        {"training.csv": tables(False)["training.csv"]},
        {"notes/read me.txt": b"of something else", "face-detection/notes.txt": b"no photo"},
    ],
)
def test_a_second_copy_of_the_same_is_no_matter(source, arrived, copies):
    assert gathered(source, arrived, WHOLE | copies) == WHOLE


def test_a_hidden_folder_counts_neither_in_an_archive_nor_unpacked_from_it(source, arrived):
    photos = faces("") | {".small/Male/0.jpg": b"x"}
    files = {POINTS: WHOLE[POINTS], PHOTOS: zip_of(photos), **below("face-detection", photos)}
    assert gathered(source, arrived, files) == {POINTS: WHOLE[POINTS], PHOTOS: zip_of(photos)}


FEWER = dict(list(faces("").items())[:3])
TWO = {
    "two archives": ({**WHOLE, "face-detection (1).zip": zip_of(FEWER)}, "(1).zip, which differ"),
    "two of other names": (
        {POINTS: WHOLE[POINTS], "a.zip": zip_of(FEWER), "b.zip": zip_of(faces(""))},
        "a.zip and b.zip, which differ",
    ),
    "an archive and fewer photos": (
        {**WHOLE, **below("face-detection", FEWER)},
        "4 in face-detection.zip and 3 in face-detection/",
    ),
    "an archive and labels for it": (
        {
            **WHOLE,
            **below("face-detection", faces("")),
            "face-detection/labels.csv": b"file,label",
        },
        "4 in face-detection.zip and 5 in face-detection/",
    ),
    "an archive of another name and fewer photos": (
        {POINTS: WHOLE[POINTS], "archive.zip": zip_of(faces("")), **FEWER},
        "4 in archive.zip and 3 in the folders beside it",
    ),
    "other photos of the same sizes": (
        {
            POINTS: WHOLE[POINTS],
            PHOTOS: zip_of({"Male/1.jpg": b"one"}),
            "face-detection/Male/1.jpg": b"two",
        },
        "1 in face-detection/, not the same",
    ),
    "an archive and a table": ({**WHOLE, "training.csv": b"x"}, f"{POINTS} and training.csv"),
    "a table and its zip": (
        {**tables(True), "test.csv": b"x", PHOTOS: WHOLE[PHOTOS]},
        "test.zip and test.csv, which differ",
    ),
    "an older table deeper": (
        {**tables(False), "old/training.csv": b"x", PHOTOS: WHOLE[PHOTOS]},
        "training.csv and old/training.csv, which differ",
    ),
    "two folders": (
        {POINTS: b"", "face-detection/a/1.jpg": b"", "face-detection (1)/a/1.jpg": b""},
        "face-detection and face-detection (1)",
    ),
}


@pytest.mark.parametrize("case", TWO)
def test_of_two_that_differ_none_is_taken(source, arrived, case):
    files, words = TWO[case]
    with pytest.raises(UserError, match="Take away the one not meant") as caught:
        folder_source.collect(write(source, files), arrived)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("face-detection.zip.crdownload", b"PK", "face-detection.zip.crdownload (half a download)"),
        ("face-detection.zip.part", b"PK", "face-detection.zip.part (half a download)"),
        ("archive.zip", b"", "archive.zip (an empty file)"),
        ("archive.zip", WHOLE[PHOTOS][:-40], "archive.zip (a file without the end of a zip"),
        ("archive.zip", b"<html>Sign in</html>", "archive.zip (a web page)"),
        ("archive.zip", b"Rar!\x1a\x07", "archive.zip (a RAR archive)"),
    ],
)
def test_what_is_no_whole_archive_is_named_as_what_it_is(source, arrived, name, content, words):
    with pytest.raises(UserError) as caught:
        folder_source.collect(write(source, {POINTS: WHOLE[POINTS], name: content}), arrived)
    assert words in str(caught.value) and PHOTOS in str(caught.value)


def test_tables_are_found_in_any_case(source, arrived):
    files = {name.upper(): data for name, data in tables(False).items()}
    gathered(source, arrived, {**files, PHOTOS: WHOLE[PHOTOS]})
    with zipfile.ZipFile(arrived / POINTS) as archive:
        assert set(archive.namelist()) == set(tables(False))


def test_labels_beside_are_found_in_any_case_and_two_are_named(source):
    write(source, {"Labels.CSV": b"file,label\n"})
    assert folder_source.labels_beside(source) == str(source / "Labels.CSV")
    write(source, {"labels (1).csv": b"file,label\n"})
    assert folder_source.labels_beside(source)
    write(source, {"labels (1).csv": b"file,label\n1.jpg,Male\n"})
    with pytest.raises(UserError, match=r"one labels\.csv in .*which differ"):
        folder_source.labels_beside(source)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("x.zip", "a file.*Name the folder that it lies in"),
        ("C:\\faces", "not there.*WSL has it in /mnt/c/"),
        ("2024", "not there.*in quotes"),
    ],
)
def test_a_source_that_is_no_folder_says_what_to_write(tmp_path, monkeypatch, path, words):
    monkeypatch.chdir(write(tmp_path, {"x.zip": zip_of({})}))
    with pytest.raises(UserError, match=words):
        folder_source.locate(path)
