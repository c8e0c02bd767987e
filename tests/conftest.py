"""Small archives, made in the test that reads them, and a small run, made once for all tests."""

import io
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from faces.keypoints.points import COLUMNS, FOUR_POINTS
from tests.helpers.clone import Clone, make_finished
from tests.helpers.once import made_once, shared_room


def csv_of(header, rows) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in [header, *rows]).encode() + b"\n"


def image_cell(rng) -> str:
    return " ".join(map(str, rng.integers(0, 256, 96 * 96)))


def training_rows(n: int, rng) -> list[list]:
    """Rows of training.csv as text cells: the even ones complete, the odd ones with 4 points."""
    rows = []
    for i in range(n):
        cells = [f"{v:.4f}" for v in rng.uniform(5, 90, 30)]
        if i % 2:
            four = {2 * p + axis for p in FOUR_POINTS for axis in (0, 1)}
            cells = [c if j in four else "" for j, c in enumerate(cells)]
        rows.append([*cells, image_cell(rng)])
    return rows


def zip_of(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


class _InACodePage(zipfile.ZipInfo):
    """A member whose name is not marked as UTF-8, whatever it is."""

    def _encodeFilenameFlags(self):  # noqa: N802
        return self.filename.encode("cp437"), 0


def named_in(members: dict[bytes, bytes]) -> bytes:
    """A zip whose members' names are these bytes, as packers on Windows write them."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(_InACodePage(name.decode("cp437")), data)
    return content.getvalue()


def keypoint_members(n_train=6, n_test=3, seed=0) -> dict:
    """Rows by file; a test changes them before `keypoint_zip` packs them."""
    rng = np.random.default_rng(seed)
    lookup, row_id = [], 0
    for image in range(1, n_test + 1):
        asked = COLUMNS if image == 1 else [COLUMNS[2 * p + a] for p in FOUR_POINTS for a in (0, 1)]
        for name in asked:
            row_id += 1
            lookup.append([row_id, image, name, ""])
    return {
        "training.csv": ([*COLUMNS, "Image"], training_rows(n_train, rng)),
        "test.csv": (["ImageId", "Image"], [[i + 1, image_cell(rng)] for i in range(n_test)]),
        "IdLookupTable.csv": (["RowId", "ImageId", "FeatureName", "Location"], lookup),
    }


def keypoint_zip(members: dict) -> bytes:
    """As Kaggle packs it: training.csv and test.csv in a zip of their own."""
    files = {name: csv_of(*content) for name, content in members.items()}
    inner = {
        f"{stem}.zip": zip_of({f"{stem}.csv": files.pop(f"{stem}.csv")})
        for stem in ("training", "test")
        if f"{stem}.csv" in files
    }
    return zip_of({**files, **inner})


def open_bytes(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def photo(seed: int, size=(40, 50), mode="RGB") -> Image.Image:
    """A smooth random picture: noise would change too much when it is encoded anew."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).convert(mode)


def tiff(levels: np.ndarray, colours=1, order="<", orientation=1) -> bytes:
    """A TIFF of levels (height, width) or (height, width, 3), as Pillow cannot write all of them.

    Args:
        colours: 0: gray whose 0 is white, 1: gray, 2: RGB. order: "<" or ">", of bytes.
    """
    depth = 1 if levels.ndim == 2 else levels.shape[2]
    data = levels.astype(levels.dtype.newbyteorder(order)).tobytes()
    kind, bits = {"u": 1, "i": 2, "f": 3}[levels.dtype.kind], 8 * levels.dtype.itemsize
    first, behind = 8 + 2 + 12 * 11 + 4, b""
    tags = [(256, [levels.shape[1]]), (257, [levels.shape[0]]), (258, [bits] * depth), (259, [1])]
    tags += [(262, [colours]), (273, [first + 100]), (274, [orientation]), (277, [depth])]
    tags += [(278, [levels.shape[0]]), (279, [len(data)]), (339, [kind] * depth)]
    table = struct.pack(order + "H", len(tags))
    for tag, values in tags:
        letter, number = ("I", 4) if tag in (273, 279) else ("H", 3)
        content = struct.pack(f"{order}{len(values)}{letter}", *values).ljust(4, b"\0")
        if len(content) > 4:
            behind += content
            content = struct.pack(order + "I", first + len(behind) - len(content))
        table += struct.pack(order + "HHI", tag, number, len(values)) + content
    start = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 8)
    return start + table + struct.pack(order + "I", 0) + behind.ljust(100, b"\0") + data


def encoded(image: Image.Image, kind="JPEG", **options) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Clone:
    """A clone in which the whole pipeline has run, the same one for all workers.

    Nothing may change it: `clone` is a copy of it.
    """
    room = shared_room(tmp_path_factory.getbasetemp()) / "finished"
    return Clone(made_once(room, make_finished))


@pytest.fixture
def clone(finished, tmp_path) -> Clone:
    """A clone in which the whole pipeline has run, the test's own."""
    return finished.copy(tmp_path / "room")
