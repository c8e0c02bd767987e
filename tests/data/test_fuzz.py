"""Damaged files at random: the pipeline reads them, or says in a line why not. It never hangs.

Some 40 files of each kind in the test suite, always the same; `make soak` tries others, and more.
"""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faces import submit
from faces.core import files
from faces.core.tasks import ARCHIVES
from faces.data.archives import open_zip, whole
from faces.data.photos import PhotoFault
from faces.gender.data import clean as gender
from faces.gender.data.split import read_one
from faces.keypoints.data import clean as keypoints
from faces.keypoints.scoring.submission import check
from faces.sources import fetching as download
from faces.training import opening as model_file
from tests.conftest import csv_of, encoded, keypoint_members, keypoint_zip, photo, zip_of
from tests.helpers.fuzzing import PICTURES, changes, damaged, often, readable_errors_only

pytestmark = pytest.mark.fuzz
POINTS, PHOTOS = ARCHIVES["keypoints"], ARCHIVES["gender"]
CLASSES = {"classes": {"a": [], "b": []}, "alike_bits": 8, "min_side": 16}

MEMBERS = keypoint_members(2, 2)
KAGGLES = keypoint_zip(MEMBERS)
TABLES = {name: csv_of(*content) for name, content in MEMBERS.items()}
FACES = {
    f"{c}/{i}.{kind.lower()}": encoded(photo(i), kind)
    for i, (c, kind) in enumerate([("a", "JPEG"), ("a", "PNG"), ("b", "GIF"), ("b", "BMP")])
}
LABELS = b"file,label\n" + b"".join(f"{name},{name[0]}\n".encode() for name in FACES)
ALBUM = zip_of(FACES | {"labels.csv": LABELS})


def read_archive(data: bytes, name: str) -> None:
    """As stages download and clean do."""
    with readable_errors_only():
        download.check_archive(io.BytesIO(data), name)
    # A cache may hold what download never saw.
    with readable_errors_only(), open_zip(io.BytesIO(data), name) as archive, whole(name):
        if name == POINTS:
            arrays, *_ = keypoints.clean(archive, {"incomplete": "mask"})
            assert not np.isinf(arrays["points"]).any() and arrays["images"].shape[1:] == (96, 96)
        else:
            (photos, _), *_ = gender.clean(archive, CLASSES)
            assert set(photos["label"]) == {"a", "b"}


@often
@given(changes)
def test_a_damaged_archive_of_tables(changes):
    read_archive(damaged(KAGGLES, changes), POINTS)


@often
@given(changes)
def test_a_damaged_archive_of_photos(changes):
    read_archive(damaged(ALBUM, changes), PHOTOS)


@often
@given(st.sampled_from(sorted(TABLES)), changes)
def test_a_damaged_table_in_a_whole_archive(name, changes):
    read_archive(zip_of(TABLES | {name: damaged(TABLES[name], changes)}), POINTS)


@often
@given(st.sampled_from(["labels.csv", *sorted(FACES)]), changes, st.booleans())
def test_a_damaged_file_in_a_whole_archive(name, changes, labelled):
    files = FACES | ({"labels.csv": LABELS} if labelled or name == "labels.csv" else {})
    read_archive(zip_of(files | {name: damaged(files[name], changes)}), PHOTOS)


@often
@given(st.integers(0, len(PICTURES) - 1), changes)
def test_a_damaged_photo(which, changes):
    data = damaged(PICTURES[which], changes)
    with readable_errors_only():
        try:
            gender.look_at(data, "a", 16)
            assert read_one(data, 60).shape == (60, 60, 3)
        except PhotoFault as fault:
            assert 0 < len(str(fault)) < 300


@often
@given(st.binary(max_size=300))
def test_whatever_is_said_to_be_a_photo(data):
    with readable_errors_only(), pytest.raises(PhotoFault):
        read_one(data, 60)


@often
@given(changes)
def test_a_damaged_submission(tmp_path_factory, changes):
    path = tmp_path_factory.mktemp("submission") / "submission.csv"
    good = b"RowId,Location\n" + b"".join(b"%d,%d.25\n" % (i, 3 * i) for i in range(1, 20))
    path.write_bytes(damaged(good, changes))
    with readable_errors_only():
        table = submit.read(path)
        check(table, np.arange(1, 20))


@often
@given(changes)
def test_a_damaged_array(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("arrays")
    content = io.BytesIO()
    np.save(content, np.arange(12.0).reshape(3, 4))
    (folder / "a.npy").write_bytes(damaged(content.getvalue(), changes))
    with readable_errors_only():
        assert files.load_arrays(folder, "a")["a"].dtype != object


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["class_name", "module", "config", "x"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@often
@given(anything | st.binary(max_size=50))
def test_whatever_is_said_to_be_a_configuration(config):
    content = config if isinstance(config, bytes) else json.dumps(config).encode()
    with readable_errors_only():
        model_file.check_config(content, "a model")
