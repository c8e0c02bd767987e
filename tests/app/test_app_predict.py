"""/predict: the JSON of the contract, limits, several requests at once, and nothing kept."""

import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from faces.app import uploads, worker
from faces.app.worker import Answers
from faces.core.errors import UserError
from faces.detection import finding
from tests.app.conftest import FACES, face_photo, other_photo
from tests.conftest import encoded
from tests.detection.conftest import dotted
from tests.helpers.waiting import HANG


def form(*photos):
    return [("photo", (name, data)) for name, data in photos]


def test_the_answer_is_that_of_the_contract(client):
    photos = form(("a.png", face_photo()), ("b.png", other_photo()), ("c.jpg", b"no picture"))
    found, none, fault = client.post("/predict", files=photos).json()
    assert none == {"path": "b.png", "error": None, "faces": []}
    assert fault == {"path": "c.jpg", "error": "not an image", "faces": []}
    (face,) = found.pop("faces")
    assert found == {"path": "a.png", "error": None}
    assert set(face) == {"box", "gender", "keypoints"} and len(face["keypoints"]) == 15
    assert face["gender"]["label"] == "dark" and 0.5 < face["gender"]["probability"] <= 1
    (x, y, size), left = FACES[160, 120][0], face["keypoints"]["left_eye_center"]
    assert left == pytest.approx([x + 0.3 * size, y], abs=0.5)
    box_x, box_y, width, height = face["box"]
    assert box_x < x < box_x + width and box_y < y < box_y + height


def test_a_preview_is_upright_and_in_8_bit(client):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = dotted((160, 120), FACES[160, 120][0]).transpose(Image.Transpose.ROTATE_90)
    deep = Image.fromarray(np.full((40, 50), 40_000, np.uint16))
    data = [encoded(turned, exif=exif), encoded(deep, "PNG"), encoded(turned.convert("CMYK"))]
    posted = client.post("/predict?preview=1", files=form(*[("p", d) for d in data])).json()
    sizes = [(entry["photo"]["width"], entry["photo"]["height"]) for entry in posted]
    assert sizes == [(160, 120), (50, 40), (120, 160)]
    assert len(posted[0]["faces"]) == 1
    for entry in posted:
        assert entry["photo"]["source"].startswith("data:image/jpeg;base64,/9j/")


def test_a_name_comes_back_as_it_was_sent(client):
    name = "사진 <b>&'.png"
    (entry,) = client.post("/predict", files=form((name, other_photo()))).json()
    assert entry["path"] == name


def test_a_photo_over_the_limits_is_named_and_the_rest_is_answered(client, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_PHOTO", len(face_photo()))
    bomb = encoded(Image.new("1", (9000, 9000)), "PNG")
    photos = form(("big", face_photo((800, 500))), ("bomb", bomb), ("fine", face_photo()))
    big, _, fine = client.post("/predict", files=photos).json()
    assert big["error"] == "a file of over 50 MB" and big["faces"] == []
    assert len(fine["faces"]) == 1
    monkeypatch.setattr(uploads, "LARGEST_PHOTO", 10**7)
    (bombed,) = client.post("/predict", files=form(("bomb", bomb))).json()
    assert bombed["error"] == "9000x9000 is over 50 megapixels"


def test_a_photo_that_nobody_foresaw_is_named_and_the_rest_is_answered(client, monkeypatch):
    answer = finding.answer

    def fail(shown, models):
        if shown.width == 200:
            raise RuntimeError("cv2 says no")
        return answer(shown, models)

    monkeypatch.setattr(finding, "answer", fail)
    photos = form(("odd", face_photo((200, 160))), ("fine", face_photo()))
    odd, fine = client.post("/predict?preview=1", files=photos).json()
    assert odd["error"] == "cannot be answered (RuntimeError: cv2 says no)" and not odd["faces"]
    assert len(fine["faces"]) == 1 and fine["photo"]


def test_too_many_photos_are_refused_in_words(client):
    photos = form(*[("p", other_photo())] * (uploads.MOST_PHOTOS + 1))
    response = client.post("/predict", files=photos)
    assert response.status_code == 413 and response.json()["code"] == "many_photos"
    assert response.json()["error"].startswith("Expected at most 20 photos at once.")
    assert client.post("/predict", files=photos[1:]).status_code == 200


@pytest.mark.parametrize("told", [True, False])
def test_too_much_at_once_is_refused_with_or_without_a_length(client, monkeypatch, told):
    monkeypatch.setattr(uploads, "LARGEST_REQUEST", 10**6)
    head = b'--x\r\nContent-Disposition: form-data; name="p"; filename="p"\r\n\r\n'
    pieces = [head, *[bytes(10**5)] * 20]
    sent = b"".join(pieces) if told else iter(pieces)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    response = client.post("/predict", content=sent, headers=kind)
    assert ("content-length" in response.request.headers) == told
    assert (response.status_code, response.json()["code"]) == (413, "large_request")


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("image/png", face_photo(), "no_form"),
        ("multipart/form-data", b"", "no_form"),
        ("multipart/form-data; boundary=x", b"--x--\r\n", "no_photo"),
        ("multipart/form-data; boundary=x", b"--y\r\n", "no_form"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="p"; filename="p"\r\n\r\nhalf',
            "no_form",
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="p"\r\n\r\nno file\r\n--x--\r\n',
            "no_photo",
        ),
    ],
)
def test_what_is_no_form_of_photos_is_refused_in_words(client, kind, body, code):
    response = client.post("/predict", content=body, headers={"Content-Type": kind})
    assert 400 <= response.status_code < 500 and response.json()["code"] == code
    assert response.json()["error"].startswith("Expected ")


class Slow:
    """A network that says how many ask it at a time, and waits until it may answer."""

    def __init__(self, network):
        self.network, self.inside, self.most = network, 0, 0
        self.go, self.begun = threading.Event(), threading.Event()

    def predict_on_batch(self, images):
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.begun.set()
        assert self.go.wait(HANG)
        self.inside -= 1
        return self.network.predict_on_batch(images)


def test_uploads_at_once_get_their_own_answers_and_the_page_still_opens(client_of, models):
    slow = Slow(models.keypoints)
    models = replace(models, keypoints=slow)
    loads = []
    client = client_of(Answers(lambda: loads.append(1) or models))
    sizes = [(160, 120), (200, 160)] * 3
    with ThreadPoolExecutor(len(sizes)) as pool:
        asked = [
            pool.submit(client.post, "/predict", files=form((str(s), face_photo(s)))) for s in sizes
        ]
        assert slow.begun.wait(HANG)
        assert client.get("/").status_code == 200  # while the network is still at it
        slow.go.set()
        said = [one.result().json()[0] for one in asked]
    for size, entry in zip(sizes, said, strict=True):
        (x, y, side), (face,) = FACES[size][0], entry["faces"]
        assert entry["path"] == str(size)
        assert face["keypoints"]["left_eye_center"] == pytest.approx([x + 0.3 * side, y], abs=0.5)
    assert slow.most == 1 and len(loads) == 1


WATCHED = {"on": False, "written": []}


def watch(event, arguments):
    if WATCHED["on"] and event == "open":
        path, mode, flags = arguments
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (flags or 0) & 3:
            WATCHED["written"].append(path)


@pytest.fixture(scope="module")
def hooked():
    sys.addaudithook(watch)  # for good: Python cannot take a hook back


def test_no_photo_is_written_anywhere(client, hooked):
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1200, 3), dtype=np.uint8)
    large = encoded(Image.fromarray(noise), "PNG")
    assert len(large) > 4_000_000  # frameworks write from 1 MB on
    WATCHED.update(on=True, written=[])
    try:
        with tempfile.TemporaryFile():
            pass
        seen = len(WATCHED["written"])
        response = client.post("/predict?preview=1", files=form(("a", large), ("b", face_photo())))
    finally:
        WATCHED["on"] = False
    assert seen  # the watch works
    assert response.status_code == 200 and len(WATCHED["written"]) == seen


def test_without_models_it_says_what_to_run_and_answers_once_there_are_some(client_of, models):
    there = []

    def load():
        if not there:
            raise UserError("trained models", "no data/models/gender.keras", "Run `dvc repro`.")
        return models

    client = client_of(Answers(load))
    for response in (
        client.get("/ready"),
        client.post("/predict", files=form(("a", face_photo()))),
    ):
        assert response.status_code == 503 and response.json()["code"] == "no_models"
        assert "make run" in response.json()["error"]
    there.append(True)
    assert client.get("/ready").json() == {"classes": models.classes}
    assert len(client.post("/predict", files=form(("a", face_photo()))).json()[0]["faces"]) == 1


def post_frame(client, session, data):
    return client.post(f"/live?session={session}", content=data)


def test_frames_of_a_webcam_are_followed_and_each_page_has_its_own_faces(client):
    first = post_frame(client, "session-1", face_photo((200, 160))).json()
    again = post_frame(client, "session-1", face_photo((200, 160))).json()
    other = post_frame(client, "session-2", other_photo()).json()
    assert (first["width"], first["height"], first["error"]) == (200, 160, None)
    assert [face["track"] for face in first["faces"] + again["faces"]] == [1, 1]
    assert other["faces"] == []
    assert post_frame(client, "session-1", b"no picture").json()["error"] == "not an image"
    assert post_frame(client, "session-1", face_photo((200, 160))).json()["faces"]


def test_no_more_webcams_are_remembered_than_may_be(client, answers):
    for number in range(worker.MOST_LIVE + 3):
        assert post_frame(client, f"session-{number}", face_photo()).status_code == 200
    assert len(answers._live) == worker.MOST_LIVE
    assert f"session-{worker.MOST_LIVE + 2}" in answers._live


@pytest.mark.parametrize("session", ["", "short", "a/../../etc", "x" * 99])
def test_a_session_that_no_page_would_name_is_refused(client, session):
    response = client.post("/live", params={"session": session}, content=face_photo())
    assert response.status_code == 422 and response.json()["code"] == "not_understood"


def test_a_frame_that_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_FRAME", 1000)
    response = post_frame(client, "session-1", bytes(2000))
    assert (response.status_code, response.json()["code"]) == (413, "large_request")
