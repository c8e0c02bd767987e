"""The two archives: members, formats, planted faults, and identical bytes for a seed."""

import csv
import hashlib
import io
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageOps, UnidentifiedImageError

from faces.sources.drawn import keypoints
from faces.sources.drawn.annotators import FOUR_INDEX, habit, mark
from faces.sources.drawn.archives import write_archives
from faces.sources.drawn.keypoints import COLUMNS, FOUR_COLUMNS, keypoints_archive, plan_rows
from faces.sources.drawn.photos import photos_archive
from faces.sources.drawn.settings import CLASSES

SMALL = {"train_rows": 40, "test_images": 10, "photos": 16, "label": "gender"}


def rows_of(archive: bytes, name: str) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as outer:
        data = outer.read(name)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as inner:
            data = inner.read(name.replace(".zip", ".csv"))
    return list(csv.reader(io.StringIO(data.decode())))


@pytest.fixture(scope="module")
def points_zip() -> bytes:
    return keypoints_archive(SMALL, 3, progress=False)


@pytest.fixture(scope="module")
def photos_zip() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(photos_archive(SMALL, 3, progress=False))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    tiny = {**SMALL, "train_rows": 20, "test_images": 4, "photos": 10}

    def digests(folder, seed):
        return [
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in write_archives(tmp_path / folder, tiny, seed, progress=False)
        ]

    first, again, other = digests("a", 1), digests("b", 1), digests("c", 2)
    assert first == again
    assert not set(first) & set(other)
    names = ["face-detection.zip", "facial-keypoints-detection.zip"]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == names


def test_the_number_of_processes_changes_nothing(points_zip):
    assert keypoints_archive(SMALL, 3, progress=False, processes=2) == points_zip


def test_the_keypoint_archive_has_kaggles_members_and_columns(points_zip):
    with zipfile.ZipFile(io.BytesIO(points_zip)) as archive:
        assert archive.namelist() == [
            "IdLookupTable.csv",
            "SampleSubmission.csv",
            "test.zip",
            "training.zip",
        ]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    training, test = rows_of(points_zip, "training.zip"), rows_of(points_zip, "test.zip")
    assert training[0] == [*COLUMNS, "Image"] and training[0][0] == "left_eye_center_x"
    assert test[0] == ["ImageId", "Image"]
    assert len(training) == 41 and [row[0] for row in test[1:]] == [str(i) for i in range(1, 11)]
    for row in training[1:] + test[1:]:
        pixels = np.array(row[-1].split(" "), int)
        assert pixels.shape == (96 * 96,)
        assert pixels.min() >= 0 and pixels.max() <= 255 and pixels.std() > 5


def test_the_lookup_table_asks_thirty_values_then_eight_and_holds_no_answer(points_zip):
    lookup = rows_of(points_zip, "IdLookupTable.csv")
    submission = rows_of(points_zip, "SampleSubmission.csv")
    assert lookup[0] == ["RowId", "ImageId", "FeatureName", "Location"]
    assert submission[0] == ["RowId", "Location"]
    assert [row[0] for row in lookup[1:]] == [row[0] for row in submission[1:]]
    assert {row[3] for row in lookup[1:]} == {""} and {row[1] for row in submission[1:]} == {"0"}
    asked = {i: [row[2] for row in lookup[1:] if row[1] == str(i)] for i in range(1, 11)}
    assert all(len(asked[i]) in (28, 30) for i in (1, 2, 3))
    assert all(asked[i] == list(FOUR_COLUMNS) for i in range(4, 11))


def test_training_rows_carry_fifteen_points_then_four_with_few_exceptions(points_zip):
    rows = rows_of(points_zip, "training.zip")[1:]
    known = np.array([sum(cell != "" for cell in row[:30]) for row in rows])
    assert np.mean(known[:13] == 30) > 0.8 and known[:13].min() > 20
    assert np.mean(known[13:] == 8) > 0.8 and known[13:].max() == 8
    assert ((known != 30) & (known != 8)).sum() >= 1
    values = np.array([float(cell) for row in rows for cell in row[:30] if cell])
    assert values.min() >= 0 and values.max() <= 96


def test_rows_are_planned_with_copies_holes_and_wrong_labels():
    rows = plan_rows(1000, np.random.default_rng(0))
    first = {}
    copies = [row for i, row in enumerate(rows) if first.setdefault(row.picture, i) != i]
    assert len(copies) == 40
    markings = [rows[first[row.picture]].marking == row.marking for row in copies]
    assert 5 < sum(markings) < 35  # some labelled alike, some marked anew
    wrong = {row.picture for row in rows if row.picture != row.labels}
    assert len(wrong) == 5
    assert sum(row.holes for row in rows) >= 15
    assert [row.group for row in rows] == ["A"] * 330 + ["B"] * 670
    assert sorted({row.picture for row in rows}) == list(range(960))


def test_copied_rows_have_equal_pictures(points_zip):
    images = [row[-1] for row in rows_of(points_zip, "training.zip")[1:]]
    assert len(images) - len(set(images)) == 2


def test_no_person_of_the_test_images_is_in_a_training_row(points_zip):
    rng = np.random.default_rng(0)
    train = keypoints.frames_of_people(200, keypoints.TRAIN, rng)
    test = keypoints.frames_of_people(80, keypoints.TEST, rng)
    assert not {frame[:2] for frame in train} & {frame[:2] for frame in test}
    assert len({frame[:2] for frame in train}) < 180 and len(set(train)) == 200
    images = {row[-1] for row in rows_of(points_zip, "training.zip")[1:]}
    assert not images & {row[-1] for row in rows_of(points_zip, "test.zip")[1:]}


def test_the_second_group_marks_the_nose_lower_and_the_lip_higher():
    _, points = keypoints.draw_frame((0, 1, 0, 0))
    shift = habit(points, "B") - points
    assert 4 < shift[10, 1] < 7
    assert -6 < shift[14, 1] < -3
    assert np.array_equal(habit(points, "A"), points)
    rng = np.random.default_rng(0)
    marks = np.array([mark(points, "A", rng) for _ in range(300)])
    assert 0.5 < np.sqrt(np.mean(np.square(marks - points))) < 1.2
    unmarked = np.setdiff1d(np.arange(15), FOUR_INDEX)
    assert np.isnan(mark(points, "B", rng)[unmarked]).all()


def test_photos_stand_in_a_folder_for_each_class_in_many_sizes(photos_zip):
    assert list(photos_zip) == sorted(photos_zip)
    for name in CLASSES["gender"]:
        assert [f"faces/{name}/face_{i}.jpg" in photos_zip for i in range(8)] == [True] * 8
    images = [Image.open(io.BytesIO(data)) for name, data in photos_zip.items() if "/face_" in name]
    assert len(images) == 16 and {image.format for image in images} == {"JPEG"}
    sides = [side for image in images for side in image.size]
    assert min(sides) >= 40 and max(sides) <= 400
    assert len({image.size for image in images}) > 10


def read(photos: dict[str, bytes], file: str) -> Image.Image:
    (data,) = (data for name, data in photos.items() if name.rsplit("/", 1)[1] == file)
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    "file, kind, mode",
    [
        ("cmyk.jpg", "JPEG", "CMYK"),
        ("palette.png", "PNG", "P"),
        ("alpha.png", "PNG", "RGBA"),
        ("gray16.png", "PNG", "I;16"),
        ("still.gif", "GIF", "P"),
        ("photo.webp", "WEBP", "RGB"),
    ],
)
def test_odd_encodings_hold_readable_photos(photos_zip, file, kind, mode):
    image = read(photos_zip, file)
    assert (image.format, image.mode) == (kind, mode)
    assert np.asarray(image.convert("RGB") if mode != "I;16" else image).std() > 5


def test_the_rotated_photo_stands_upright_once_its_exif_is_heeded(photos_zip):
    image = read(photos_zip, "rotated.jpg")
    assert image.getexif()[0x0112] == 6
    assert ImageOps.exif_transpose(image).size == image.size[::-1]


@pytest.mark.parametrize(
    "file", ["empty.jpg", "truncated.jpg", "not_an_image.jpg", ".DS_Store", "Thumbs.db"]
)
def test_broken_files_cannot_be_read(photos_zip, file):
    with pytest.raises((UnidentifiedImageError, OSError)):
        read(photos_zip, file)


@pytest.mark.parametrize(
    "file, size", [("dot.png", (1, 1)), ("strip.png", (200, 4)), ("blank.jpg", (120, 140))]
)
def test_files_without_a_face_can_be_read_but_show_nothing(photos_zip, file, size):
    image = read(photos_zip, file)
    assert image.size == size
    assert np.asarray(image).std(axis=(0, 1)).max() == 0


def test_some_photos_are_there_twice(photos_zip):
    for name in CLASSES["gender"]:
        copies = [path for path in photos_zip if path.startswith(f"faces/{name}/copy_of_")]
        assert copies
        for path in copies:
            assert photos_zip[path] == photos_zip[path.replace("copy_of_", "")]
        near = [path for path in photos_zip if path.startswith(f"faces/{name}/again_")]
        assert near
        for path in near:
            assert photos_zip[path] != photos_zip[path.replace("again_", "")]
    (both,) = (path for path in photos_zip if "/also_" in path)
    assert photos_zip[both] == photos_zip["faces/Female/" + both.split("also_")[1]]


@pytest.mark.parametrize("label", ["glasses", "expression"])
def test_other_labels_name_other_folders(label):
    data = photos_archive({**SMALL, "photos": 12, "label": label}, 3, progress=False)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        folders = {name.split("/")[1] for name in archive.namelist()}
    assert folders == set(CLASSES[label])
