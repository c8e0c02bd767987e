"""Damaged photos and forms at random, sent to the page: an answer in JSON, and the next one too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.conftest import FACES, face_photo
from tests.helpers.fuzzing import PICTURES, changes, damaged, often, readable_errors_only

pytestmark = pytest.mark.fuzz
SENT = [*PICTURES, face_photo(), face_photo(next(iter(FACES)), "JPEG")]
BOUNDARY = b"----faces"
FORM = (
    b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n'
    b"Content-Type: image/png\r\n\r\n" + face_photo() + b"\r\n--" + BOUNDARY + b"--\r\n"
)


def check(entries: list[dict], number: int) -> None:
    assert len(entries) == number
    for entry in entries:
        assert entry["error"] is None or (entry["error"] and not entry["faces"])


@often
@given(st.integers(0, len(SENT) - 1), changes, st.booleans())
def test_a_damaged_photo_beside_a_whole_one(client, which, changes, preview):
    photos = [("photo", ("a", damaged(SENT[which], changes))), ("photo", ("b", face_photo()))]
    with readable_errors_only():
        posted = client.post("/predict", files=photos, params={"preview": int(preview)})
    assert posted.status_code == 200
    check(posted.json(), 2)
    assert len(posted.json()[1]["faces"]) == 1


@often
@given(changes)
def test_a_damaged_form(client, changes):
    kind = f"multipart/form-data; boundary={BOUNDARY.decode()}"
    with readable_errors_only():
        body = damaged(FORM, changes)
        posted = client.post("/predict", content=body, headers={"Content-Type": kind})
    assert posted.status_code in (200, 400, 413, 415)
    if posted.status_code == 200:
        check(posted.json(), len(posted.json()))
    else:
        assert posted.json()["error"].startswith("Expected ")
