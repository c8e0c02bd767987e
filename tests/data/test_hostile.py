"""Files made to do harm: each refused in one line, in bounded time and memory."""

import contextlib
import io
import json
import pickle
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from faces.core.tasks import ARCHIVES
from faces.data.photos import MOST_SCANS, SCAN, PhotoFault, read_photo
from tests.conftest import csv_of, encoded, image_cell, keypoint_members, photo, zip_of
from tests.helpers.kaggle_server import environment
from tests.helpers.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
POINTS, PHOTOS = ARCHIVES["keypoints"], ARCHIVES["gender"]
MEGABYTE = 2**20
MEMORY = 900 * MEGABYTE  # that may be taken beyond what is imported
# Each file is read as the pipeline does, in a process that may take no more memory than this.
READER = """
import json, re, resource, sys, tracemalloc, zipfile
from pathlib import Path
from faces import submit
from faces.core import files, params
from faces.sources import fetching as download
from faces.training import opening as model_file
from faces.data.archives import open_zip
from faces.core.errors import UserError
from faces.gender.data import clean as gender
from faces.keypoints.data import clean as keypoints

def kilobytes(key):
    return int(re.search(key + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

def read(path):
    if path.suffix == ".npy":
        files.load_arrays(path.parent, path.stem)
    elif path.suffix == ".keras":
        model_file.load(path)
    elif path.suffix == ".csv":
        submit.read(path)
    else:
        name = path.name.split("--")[-1]
        download.check_archive(path, name)
        with open_zip(path) as archive:
            if name.startswith("facial"):
                keypoints.clean(archive, {"incomplete": "mask"})
            else:
                gender.clean(archive, classes)

classes = {"classes": {"a": [], "b": []}, "alike_bits": 8, "min_side": 16}
if sys.platform == "linux":
    limit = 1024 * kilobytes("VmSize") + int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
answers = {}
for name in sys.argv[2:]:
    try:
        read(Path(name))
        answers[name] = "read"
    except UserError as error:
        answers[name] = str(error)
    except Exception as error:
        answers[name] = f"TRACEBACK {error!r}"
print(json.dumps(answers))
"""


def entry(name: str, mode: int = stat.S_IFREG | 0o644, method=zipfile.ZIP_STORED):
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, method
    return info


def zip_entries(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for info, data in entries:
            archive.writestr(info, data)
    return content.getvalue()


def zeros(megabytes: int, name: str, method=zipfile.ZIP_DEFLATED) -> tuple:
    return entry(name, method=method), bytes(megabytes * MEGABYTE)


def overlapping(times: int) -> bytes:
    """Entries in the table of contents that all lead to the same data."""
    data = zip_entries(zeros(60, "a/0.bmp"))
    end = data.rindex(b"PK\5\6")
    start = data.index(b"PK\1\2")
    table = data[start:end] * times
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, times, times, len(table), start, 0)
    return data[:start] + table + tail


def tables(**changed: bytes) -> bytes:
    """Kaggle's archive, unpacked tables inside, with these contents."""
    files = {name: csv_of(*content) for name, content in keypoint_members().items()}
    return zip_of(files | {f"{name}.csv": content for name, content in changed.items()})


def with_cell(table: str, cell: bytes) -> bytes:
    """The table, its first cell replaced."""
    lines = csv_of(*keypoint_members()[f"{table}.csv"]).split(b"\n", 2)
    return b"\n".join([lines[0], cell + b"," + lines[1].partition(b",")[2], lines[2]])


def huge_png(side: int = 50_000) -> bytes:
    """That many pixels each way in the header, and no data behind it."""
    good = encoded(Image.new("1", (8, 8)), "PNG")
    chunk = b"IHDR" + struct.pack(">2I", side, side) + good[24:29]
    return good[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + good[33:]


def objects_npy() -> bytes:
    content = io.BytesIO()
    np.save(content, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return content.getvalue()


def claiming_npy(shape: str) -> bytes:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def keras_file(config, **members: bytes) -> bytes:
    files = {"metadata.json": b"{}", "config.json": json.dumps(config).encode()}
    return zip_of(files | {"model.weights.h5": b""} | members)


def layer(name: str, module: str = "keras.layers", **config) -> dict:
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


class Evil:
    def __reduce__(self):
        return print, ("a pickle was run",)


LABELS = {"a/0.jpg": encoded(photo(0)), "b/1.jpg": encoded(photo(1))}
CELL, SMALLER = 100 * MEGABYTE, 20 * MEGABYTE
# By file name, what makes the content, and words of the refusal.
FILES = {
    f"dots--{PHOTOS}": (lambda: zip_of({**LABELS, "a/../../2.jpg": b""}), "members inside"),
    f"root--{PHOTOS}": (lambda: zip_of({**LABELS, "/etc/2.jpg": b""}), "members inside"),
    f"drive--{PHOTOS}": (lambda: zip_of({**LABELS, "C:/2.jpg": b""}), "members inside"),
    f"unc--{PHOTOS}": (lambda: zip_of({**LABELS, "\\\\host\\2.jpg": b""}), "members inside"),
    f"link--{PHOTOS}": (
        lambda: zip_entries((entry("a/0.jpg", stat.S_IFLNK | 0o777), b"/etc/passwd")),
        "a/0.jpg, a link",
    ),
    f"device--{PHOTOS}": (
        lambda: zip_entries((entry("a/0.jpg", stat.S_IFCHR | 0o666), b"")),
        "a/0.jpg, a link or a device",
    ),
    f"escape--{PHOTOS}": (lambda: zip_of({"/\x1b[2J\n.jpg": b""}), "/?[2J"),
    f"name--{PHOTOS}": (lambda: zip_of({"/" + "x" * 60_000: b""}), "xxx..."),
    f"bomb--{PHOTOS}": (lambda: zip_entries(zeros(80, "a/0.bmp")), "would unpack to 83,886,080"),
    f"bombs--{PHOTOS}": (
        lambda: zip_entries(*(zeros(30, f"a/{i}.bmp") for i in range(4))),
        "would unpack to 125,829,120",
    ),
    f"overlap--{PHOTOS}": (lambda: overlapping(100), "would unpack to 6,291,456,000"),
    f"bzip2--{PHOTOS}": (
        lambda: zip_entries(zeros(10, "a/0.bmp", zipfile.ZIP_BZIP2)),
        "packed by method 12",
    ),
    f"inside--{POINTS}": (
        lambda: zip_of({"training.zip": zip_entries(zeros(80, "training.csv"))}),
        "members of training.zip to unpack to",
    ),
    f"pixels--{PHOTOS}": (
        lambda: zip_of({"a/0.png": huge_png(), "b/1.jpg": LABELS["b/1.jpg"]}),
        "photos of the class a",
    ),
    f"cell--{POINTS}": (lambda: tables(training=with_cell("training", b"1" * CELL)), "rows of at"),
    f"quoted--{POINTS}": (
        lambda: tables(training=with_cell("training", b'"' + b"1\n" * (CELL // 2) + b'"')),
        "rows of at most",
    ),
    f"image--{POINTS}": (
        lambda: tables(test=b"ImageId,Image\n1," + b"1 " * (SMALLER // 2) + b"\n"),
        "rows of at most",
    ),
    f"asked--{POINTS}": (
        lambda: tables(IdLookupTable=with_cell("IdLookupTable", b"1" * SMALLER)),
        "rows of at most",
    ),
    f"header--{POINTS}": (lambda: tables(training=b"x" * SMALLER), "the columns left_eye_center_x"),
    f"labels--{PHOTOS}": (
        lambda: zip_of({**LABELS, "labels.csv": b"file,label\n" + b"x" * SMALLER}),
        "labels.csv in face-detection.zip with at most",
    ),
    f"label--{PHOTOS}": (
        lambda: zip_of({**LABELS, "labels.csv": b"file,label\n" + b"x" * 10 * MEGABYTE + b",a"}),
        "field larger than field limit",
    ),
    "objects.npy": (objects_npy, "Python objects"),
    "pickle.npy": (lambda: pickle.dumps(Evil()), "an array of numbers"),
    "large.npy": (lambda: claiming_npy("(1000000000000, 1000)"), "an array of numbers"),
    "negative.npy": (lambda: claiming_npy("(-1, 5)"), "an array of numbers"),
    "code.npy": (lambda: claiming_npy("(print('run'),)"), "an array of numbers"),
    "deep.npy": (lambda: claiming_npy("(" * 9000 + ")" * 9000), "an array of numbers"),
    "pickle.keras": (lambda: pickle.dumps(Evil()), "a zip archive"),
    "member.keras": (lambda: keras_file({}, **{"model.pkl": pickle.dumps(Evil())}), "model.pkl"),
    "twice.keras": (
        lambda: zip_entries(
            *((entry(n), b"{}") for n in ("metadata.json", "config.json", "model.weights.h5") * 2)
        ),
        "config.json, config.json",
    ),
    "lambda.keras": (
        lambda: keras_file(layer("Functional", "keras", layers=[layer("Lambda")])),
        "Keras' own layers. Received: keras.layers.Lambda",
    ),
    "torch.keras": (
        lambda: keras_file(layer("TorchModuleWrapper", module_="pickle")),
        "keras.layers.TorchModuleWrapper",
    ),
    "system.keras": (lambda: keras_file(layer("system", "os", command="true")), "os.system"),
    "function.keras": (
        lambda: keras_file(layer("Dense", activation=layer("eval", "builtins"))),
        "builtins.eval",
    ),
    "name.keras": (
        lambda: keras_file(layer("Dense") | {"registered_name": "evil>Dense"}),
        "keras.layers.Dense",
    ),
    "list.keras": (lambda: keras_file([1]), "no object"),
    "deep.keras": (
        lambda: keras_file({}, **{"config.json": b'{"a":' + b"[" * 10**6 + b"]" * 10**6 + b"}"}),
        "with a configuration",
    ),
    "weights.keras": (
        lambda: keras_file({}, **{"model.weights.h5": pickle.dumps(Evil())}),
        "with its weights",
    ),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_made_to_do_harm_are_refused_in_a_line_and_in_bounded_memory(tmp_path):
    for name, (content, _) in FILES.items():
        (tmp_path / name).write_bytes(content())
    words = [sys.executable, "-c", READER, str(MEMORY), *(str(tmp_path / name) for name in FILES)]
    variables = environment(tmp_path) | {"OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        words, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=HANG
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    wrong = {}
    for name, (_, words) in FILES.items():
        answer = answers[str(tmp_path / name)]
        if words not in answer or not answer.startswith("Expected ") or len(answer) > 2000:
            wrong[name] = answer[:500]
    assert not wrong
    assert "was run" not in done.stdout + done.stderr


def test_a_huge_photo_is_dropped_and_the_others_stay():
    with pytest.raises(PhotoFault, match="over 50 megapixels"):
        read_photo(huge_png())


def sized(kind: str, size: tuple[int, int]) -> bytes:
    """A photo of 600x600 whose header says another size."""
    data = encoded(photo(0, (600, 600)), kind)
    stated = struct.pack(">II", 600, 600)
    assert data.count(stated) >= 1
    return data.replace(stated, struct.pack(">II", *size))


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "JPEG2000"])
def test_a_photo_is_refused_by_the_size_it_states_and_never_larger_than_that(kind):
    pillow_heif.register_heif_opener()
    with pytest.raises(PhotoFault, match="9000x9000 is over 50 megapixels"):
        read_photo(sized(kind, (9000, 9000)))
    with contextlib.suppress(PhotoFault):
        assert read_photo(sized(kind, (60, 60))).size == (60, 60)


def test_a_photo_that_would_take_hours_to_decode_is_refused():
    good = encoded(photo(0), progressive=True)
    with pytest.raises(PhotoFault, match="over 100 scans"):
        read_photo(good[:-2] + (SCAN + b"\0\x08") * MOST_SCANS + good[-2:])


def test_what_would_start_a_program_is_no_photo():
    with pytest.raises(PhotoFault, match="not an image"):
        read_photo(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/tmp/x) (w) file\n")


def test_rows_of_an_honest_length_are_read_whatever_else():
    """A limit that refuses Kaggle's own rows would be no help."""
    from faces.keypoints.data import clean

    rng = np.random.default_rng(0)
    rows = [[i, "255 " * 9215 + "255"] for i in range(3)] + [[9, image_cell(rng)]]
    content = csv_of(["ImageId", "Image"], rows)
    chunks = list(clean.read_chunks(io.BytesIO(content), "test.csv", ("ImageId", "Image")))
    assert sum(map(len, chunks)) == 4
