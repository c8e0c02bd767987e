import io
import zipfile

import numpy as np
import pytest

from faces.core.errors import UserError
from faces.data.inflating import PIECE, pieces
from tests.conftest import open_bytes


def archive_of(content: bytes, kind: int) -> zipfile.ZipFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", kind) as archive:
        archive.writestr("first.txt", b"another")
        archive.writestr("a.txt", content)
    return open_bytes(packed.getvalue())


@pytest.mark.parametrize(
    "kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
@pytest.mark.parametrize("size", [0, 1, 5000, 3_000_000])
def test_the_content_comes_in_pieces_of_bounded_size(kind, size):
    content = np.random.default_rng(0).integers(0, 4, size, np.uint8).tobytes()
    archive = archive_of(content, kind)
    found = list(pieces(archive, archive.getinfo("a.txt")))
    assert b"".join(found) == content and all(len(piece) <= PIECE for piece in found)


def test_what_inflates_a_thousandfold_still_comes_in_pieces():
    archive = archive_of(bytes(20 * PIECE), zipfile.ZIP_DEFLATED)
    assert max(map(len, pieces(archive, archive.getinfo("a.txt")))) <= PIECE


def test_other_members_may_be_read_in_between():
    content = np.random.default_rng(0).integers(0, 256, 3_000_000, np.uint8).tobytes()
    archive = archive_of(content, zipfile.ZIP_DEFLATED)
    found = []
    for piece in pieces(archive, archive.getinfo("a.txt")):
        assert archive.read("first.txt") == b"another"
        found.append(piece)
    assert b"".join(found) == content


@pytest.mark.parametrize("field", ["CRC", "file_size", "compress_size"])
def test_a_member_that_is_not_what_it_says_is_an_error(field):
    archive = archive_of(b"hello " * 1000, zipfile.ZIP_DEFLATED)
    member = archive.getinfo("a.txt")
    setattr(member, field, getattr(member, field) // 2)
    with pytest.raises(UserError, match=r"damaged a\.txt"):
        list(pieces(archive, member))
