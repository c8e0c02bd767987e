"""Damaged files at random: the pipeline reads them, or says in a line why not. It never hangs.

Some 40 files of each kind in the test suite, always the same; `make soak` tries others, and more.
"""

import io
import json
import os
import signal
import warnings
from contextlib import contextmanager

import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from stages import download, files, model_file, submit
from stages.archives import open_zip, whole
from stages.errors import UserError
from stages.gender import clean as gender
from stages.gender.split import read_one
from stages.keypoints import clean as keypoints
from stages.keypoints.submission import check
from stages.photos import PhotoFault
from stages.tasks import ARCHIVES
from tests.conftest import csv_of, encoded, keypoint_members, keypoint_zip, photo, tiff, zip_of

pytestmark = pytest.mark.fuzz
CASES = int(os.environ.get("FUZZ_CASES", "40"))
often = settings(
    max_examples=CASES,
    deadline=None,
    derandomize="FUZZ_CASES" not in os.environ,
    database=None,
    phases=[
        Phase.generate
    ],  # the first case that fails is shown at once; a smaller one takes minutes
    suppress_health_check=list(HealthCheck),
)
SECONDS = 20  # of work, not of waiting for a core, for one file of a few kB
POINTS, PHOTOS = ARCHIVES["keypoints"], ARCHIVES["gender"]
CLASSES = {"clean": {"classes": {"a": [], "b": []}, "alike_bits": 8, "min_side": 16}}

MEMBERS = keypoint_members(2, 2)
KAGGLES = keypoint_zip(MEMBERS)
TABLES = {name: csv_of(*content) for name, content in MEMBERS.items()}
FACES = {
    f"{c}/{i}.{kind.lower()}": encoded(photo(i), kind)
    for i, (c, kind) in enumerate([("a", "JPEG"), ("a", "PNG"), ("b", "GIF"), ("b", "BMP")])
}
LABELS = b"file,label\n" + b"".join(f"{name},{name[0]}\n".encode() for name in FACES)
ALBUM = zip_of(FACES | {"labels.csv": LABELS})


def pictures() -> list[bytes]:
    """A photo in many encodings."""
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = Image.fromarray(np.asarray(photo(0, mode="L")).astype(np.uint16) * 257)
    film = {"save_all": True, "append_images": [photo(1), photo(2)]}
    blank = Image.new("RGB", photo(0).size, "white")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    colours, levels = np.asarray(photo(0)), np.asarray(photo(0, mode="L"))
    lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    pillow_heif.register_heif_opener()
    return [
        encoded(photo(0), exif=exif),
        encoded(photo(0), progressive=True),
        encoded(photo(0, mode="CMYK")),
        encoded(photo(0), "PNG"),
        encoded(photo(0, mode="RGBA"), "PNG"),
        encoded(photo(0).convert("P"), "PNG"),
        encoded(deep, "PNG"),
        encoded(photo(0), "GIF", **film),
        encoded(photo(0), "WEBP"),
        encoded(photo(0), "WEBP", lossless=True),
        encoded(photo(0), "BMP"),
        encoded(photo(0), "TIFF"),
        encoded(photo(0), "TIFF", compression="tiff_lzw"),
        encoded(photo(0), "TIFF", compression="jpeg"),
        encoded(photo(0), "MPO", save_all=True, append_images=[photo(1)]),
        encoded(photo(0), "HEIF", exif=exif.tobytes(), quality=90),
        encoded(photo(0, mode="RGBA"), "HEIF"),
        encoded(photo(0), "AVIF", exif=exif.tobytes()),
        encoded(photo(0, mode="RGBA"), "AVIF"),
        encoded(photo(0), "JPEG2000"),
        encoded(photo(0), "JPEG2000", no_jp2=True),
        encoded(photo(0), "PPM"),
        b"P3\n# digits\n40 50\n255\n" + b" ".join(b"%d" % v for v in colours.ravel()),
        b"P5 40 50 1000\n" + levels.astype(">u2").tobytes(),
        encoded(Image.fromarray(np.float32(levels)), "PPM"),
        tiff(np.float32(levels / 255)),
        tiff(np.float32(colours / 255), 2),
        tiff(colours.astype(np.uint16) * 16, 2, ">"),
        encoded(ImageCms.applyTransform(photo(0), lab), "TIFF"),
        encoded(photo(0), "PNG", icc_profile=profile[:60] + b"\xff" + profile[61:], exif=exif),
        encoded(photo(0), icc_profile=profile, exif=exif) + b"\xff\xda" * 300,
        encoded(blank, "PNG", **film),
        encoded(blank, "WEBP", **film),
        encoded(blank, "AVIF", **film),
        encoded(blank, "TIFF", **film),
    ]


PICTURES = pictures()
change = st.tuples(
    st.sampled_from(["flip", "flip", "flip", "set", "cut", "drop", "insert", "repeat"]),
    st.integers(0, 2**24),
    st.integers(0, 255),
    st.integers(1, 40),
)
changes = st.lists(change, min_size=1, max_size=6)


def damaged(data: bytes, changes: list[tuple]) -> bytes:
    """The data with bits flipped, and bytes replaced, cut off, left out, added or repeated."""
    data = bytearray(data)
    for kind, place, value, length in changes:
        at = place % max(len(data), 1)
        if kind == "flip" and data:
            data[at] ^= 1 << value % 8
        elif kind == "set" and data:
            data[at] = value
        elif kind == "cut":
            del data[at:]
        elif kind == "drop":
            del data[at : at + length]
        elif kind == "insert":
            data[at:at] = bytes([value]) * length
        elif kind == "repeat":
            data[at:at] = data[at : at + length]
    return bytes(data)


@contextmanager
def readable_errors_only():
    """What the user may see: a line, for what is wrong with a file. And soon."""

    def stop(*_):
        raise AssertionError(f"it takes more than {SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UserError as error:
        assert str(error).startswith("Expected ") and len(str(error)) < 3000
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


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
