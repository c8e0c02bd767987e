"""The fast way to read the CSV files must give what the careful one gives, or leave it alone."""

import io

import numpy as np
import pandas as pd
import pytest

from faces.core.errors import UserError
from faces.keypoints.data import tables
from faces.keypoints.data.clean import UNKNOWN, as_points, check_header, clean, only
from faces.keypoints.data.pixels import PIXELS, any_pixels, plain_pixels
from faces.keypoints.points import COLUMNS
from tests.conftest import csv_of, keypoint_members, open_bytes, zip_of


def texts(rng, n):
    return [" ".join(map(str, rng.integers(0, 256, PIXELS))).encode() for _ in range(n)]


def replaced(text: bytes, at: int, word: bytes) -> bytes:
    words = text.split(b" ")
    words[at] = word
    return b" ".join(words)


def read(content: bytes):
    archive = open_bytes(zip_of({"training.csv": content}))
    return tables.read_table(archive, "training", COLUMNS, as_points)


@pytest.fixture
def content():
    return csv_of(*keypoint_members(n_train=9)["training.csv"])


def test_pixels_are_those_that_python_reads(rng):
    cells = texts(rng, 5)
    expected = [[int(word) for word in cell.split()] for cell in cells]
    np.testing.assert_array_equal(plain_pixels(cells), expected)


def test_every_value_is_read_whatever_stands_beside_it():
    beside = np.resize([9, 99, 255, 0, 100], PIXELS)
    images = np.tile(beside, (256, 1))
    images[:, 1::2] = np.arange(256)[:, None]
    cells = [" ".join(map(str, image)).encode() for image in images]
    np.testing.assert_array_equal(plain_pixels(cells), images)


@pytest.mark.parametrize("at", [0, 1, 4000, PIXELS - 1])
@pytest.mark.parametrize(
    "word",
    [
        b"256",
        b"299",
        b"300",
        b"999",
        b"1000",
        b"0007",
        b"",
        b"-1",
        b"+1",
        b"1.",
        b"\t1",
        b"x",
        b"/",
        b":",
    ],
)
def test_what_is_not_plain_is_left_alone(rng, at, word):
    cells = texts(rng, 3)
    cells[1] = replaced(cells[1], at, word)
    assert plain_pixels(cells) is None


def test_a_pixel_that_moved_to_the_next_image_is_noticed(rng):
    first, second = texts(rng, 2)
    moved, _, rest = second.partition(b" ")
    assert plain_pixels([first + b" " + moved, rest]) is None


def test_white_space_and_zeros_before_a_number_do_no_harm(rng):
    text = texts(rng, 1)[0]
    expected = plain_pixels([text])[0]
    odd = "\t " + text.decode().replace(" ", " 000", 1).replace(" ", "\n\n", 7) + " "
    np.testing.assert_array_equal(any_pixels(odd, 1, "x.csv"), expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.replace(b"\n", b"\r\n"),
        lambda c: c.replace(b"\n", b"\n\n"),
        lambda c: c.removesuffix(b"\n"),
        lambda c: b"\xef\xbb\xbf" + c,
        lambda c: c.replace(b",Image", b',"Image"'),
        lambda c: c.replace(b"\n", b'"\n').replace(b",Image", b',"Image'),
    ],
)
def test_every_form_of_the_file_gives_the_same(content, change):
    changed = change(content)
    if b'"\n' in changed:  # each image in quotation marks
        changed = b"\n".join(
            line.rpartition(b",")[0] + b',"' + line.rpartition(b",")[2] + b'"'
            for line in content.splitlines()
        )
    for found, expected in zip(read(changed), read(content), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_plain_file_is_not_read_by_pandas(content, monkeypatch):
    monkeypatch.setattr(tables, "any_chunks", None)
    assert len(read(content)[1]) == 9


@pytest.mark.parametrize("at", [0, 2, 4])
def test_the_image_may_stand_anywhere(at):
    cells = [b"1.5", b"", b"3", b"4"]
    line = b",".join([*cells[:at], b"7 8 9", *cells[at:]])
    assert tables.cells_of(line, at, 5) == (cells, b"7 8 9")


def test_a_line_of_more_or_fewer_cells_is_unusual(content):
    header, row = content.split(b"\n")[:2]
    names = header.decode().split(",")
    assert len(tables.plain_block(row, names, COLUMNS)[0]) == 1
    for wrong in (b"1," + row, row.partition(b",")[2], row + b",1", row.replace(b" ", b",", 1)):
        with pytest.raises(tables.Unusual):
            tables.plain_block(wrong, names, COLUMNS)


def test_blocks_end_where_lines_end():
    pieces = [b"ab", b"c\nde\nf", b"", b"g", b"\nh"]
    assert list(tables.blocks_of_lines(pieces)) == [b"abc\nde\n", b"fg\n", b"h"]


def test_a_fault_far_down_is_named_with_its_row():
    members = keypoint_members(n_train=70)
    members["training.csv"][1][65][4] = "left"
    with pytest.raises(UserError, match=rf"{COLUMNS[4]}, row 66 of training\.csv"):
        read(csv_of(*members["training.csv"]))


def test_rows_that_are_kept_move_up_in_place():
    images = np.arange(2500, dtype=np.int64).reshape(-1, 1, 1).repeat(2, axis=2)
    kept = np.arange(2500) % 7 != 0
    expected = images[kept]
    np.testing.assert_array_equal(only(images, kept), expected)


def test_a_damaged_archive_is_one_error(content):
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("training.csv", content)
        archive.writestr("test.csv", content)
    data = bytearray(packed.getvalue())
    data[len(data) // 4] ^= 0xFF
    with pytest.raises(UserError, match=r"damaged training\.csv"):
        clean(open_bytes(bytes(data)), {"incomplete": "mask"})


def changed(name: str, change) -> dict[str, bytes]:
    """The three tables, one of them changed, or all where `name` is "all"."""
    files = {n: csv_of(*c) for n, c in keypoint_members().items()}
    return {n: change(data) if name in (n, "all") else data for n, data in files.items()}


def header_changed(change):
    def whole(content: bytes) -> bytes:
        first, _, rest = content.partition(b"\n")
        return change(first) + b"\n" + rest

    return whole


def with_semicolons(content: bytes) -> bytes:
    """As spreadsheets write in countries where a comma stands before decimals."""
    rows = (row.split(b",") for row in content.split(b"\n"))
    return b"\n".join(b";".join(c.replace(b".", b",") for c in cells) for cells in rows)


def images(change):
    """Each image, the last cell of each row, written another way."""

    def whole(content: bytes) -> bytes:
        first, *rows = content.decode().splitlines()
        cells = (row.rpartition(",") for row in rows)
        return "\n".join([first, *(f"{a},{change(image)}" for a, _, image in cells)]).encode()

    return whole


def by_pandas(change):
    def whole(content: bytes) -> bytes:
        frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, index_col=False)
        return change(frame).encode()

    return whole


def unknown(word: str):
    """Every empty cell of a point filled with this word, in capitals in each second."""
    cells = f",{word},".encode()
    return lambda content: content.replace(b",,", cells.upper()).replace(b",,", cells)


OTHER_HANDS = {
    "UTF-16": ("all", lambda c: c.decode().encode("utf-16")),
    "UTF-16 without a mark": ("all", lambda c: c.decode().encode("utf-16-be")),
    "UTF-32": ("training.csv", lambda c: c.decode().encode("utf-32")),
    "a byte order mark": ("all", lambda c: b"\xef\xbb\xbf" + c),
    "semicolons, commas before decimals": ("all", with_semicolons),
    "tabs": ("all", lambda c: c.replace(b",", b"\t")),
    "capitals": ("all", header_changed(bytes.upper)),
    "small letters": ("all", header_changed(bytes.lower)),
    "spaces between names": ("all", header_changed(lambda line: line.replace(b",", b" , "))),
    "an index": ("all", by_pandas(lambda frame: frame.to_csv())),
    "another order": (
        "all",
        by_pandas(lambda frame: frame[frame.columns[::-1]].to_csv(index=False)),
    ),
    "two columns of one name": (
        "training.csv",
        by_pandas(lambda f: f.assign(a=1, b=2).to_csv(index=False).replace(",a,b\n", ",a,a\n", 1)),
    ),
    "a column in a code page": (
        "test.csv",
        lambda c: c.replace(b"\n", b",\xb8\xde\xb8\xf0\n"),
    ),
    "lists": ("all", images(lambda image: f'"[{image.replace(" ", ", ")}]"')),
    "arrays of NumPy": (
        "all",
        images(lambda image: f'"[{image.replace(" ", chr(10) + " ", 99)}]"'),
    ),
    "pixels with a point": ("all", images(lambda image: image.replace(" ", ".0 ") + ".")),
    "features in capitals": (
        "IdLookupTable.csv",
        lambda c: c.replace(b"nose_tip_x", b" NOSE_tip_x "),
    ),
    **{
        f"{word} in place of nothing": ("training.csv", unknown(word))
        for word in sorted(UNKNOWN)
        if word
    },
}


@pytest.mark.parametrize("hand", OTHER_HANDS)
def test_tables_of_another_hand_give_the_same_arrays(hand):
    expected = cleaned(changed("none", None))
    for name, found in cleaned(changed(*OTHER_HANDS[hand])).items():
        np.testing.assert_array_equal(found, expected[name])


def cleaned(files: dict[str, bytes]) -> dict[str, np.ndarray]:
    with open_bytes(zip_of(files)) as archive:
        check_header(archive)
        return clean(archive, {"incomplete": "mask"})[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (images(lambda _: "[1 2 ... 3]"), r"shortened \(\.\.\.\).*not str\(pixels\)"),
        (images(lambda i: i.replace(" ", ".5 ")), r"row 1 of training\.csv.*gray levels, 0 .black"),
        (images(lambda _: ""), "9,216 numbers in Image of row 1.*Take the row out"),
        (lambda c: c.replace(b"\n", b"\r"), "end with a line feed.*Save it as CSV again"),
        (lambda c: c.replace(b"_eye_center_x", b"_eye_center_y"), "left_eye_center_y, .*twice"),
        (lambda c: b"my faces\n" + c, "left_eye_center_x, .* and 26 more .*Received: my faces"),
        (lambda c: c.replace(b",,", b",left,", 1), "Received: 'left'.*NaN where it is unknown"),
        (lambda c: c.replace(b" ", b","), "more cells than the first line has names"),
        (lambda c: c + b"1,2,3\n", "9,216 numbers in Image of row 7"),
    ],
)
def test_what_is_not_understood_says_what_to_write_instead(change, words):
    with pytest.raises(UserError, match=words) as caught:
        cleaned(changed("training.csv", change))
    assert "\n" not in str(caught.value)
