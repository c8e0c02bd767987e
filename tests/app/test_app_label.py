"""Labels of a folder: kept at once, taken back, skipped, and read by stage `clean`."""

import io
import json
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from faces.app.__main__ import greeting
from faces.app.book import Book
from faces.app.refusal import Refusal
from faces.core.errors import UserError
from faces.data.photos import PhotoFault
from faces.gender.data import clean
from faces.sources import folder as folder_source
from tests.app.conftest import face_photo, other_photo
from tests.conftest import encoded, open_bytes, photo, zip_of

CLASSES = {"dark": ["night"], "bright": ["day"]}
NAMES = ["1.png", "b/1.png", "b/사진 & <i>#%2e?.png", 'c/"quoted",\n.png', "d/ first.jpg"]


def save(folder, *names):
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(encoded(photo(number, (60, 50)), "PNG"))


def opened(folder, classes=CLASSES):
    return Book(folder, folder / "labels.csv", classes)


@pytest.fixture
def folder(tmp_path):
    save(tmp_path / "photos", *NAMES)
    return tmp_path / "photos"


def read(folder) -> bytes:
    return (folder / "labels.csv").read_bytes()


def test_each_answer_is_on_the_disk_before_the_next_photo_comes(folder):
    book = opened(folder)
    state = book.state()
    assert state["file"] == NAMES[0] and state["next"] == NAMES[1] and state["last"] is None
    for number, name in enumerate(NAMES):
        state = book.answer(name, "dark")
        assert opened(folder).state()["labelled"] == number + 1
    assert state["file"] is None and state["counts"] == {"dark": len(NAMES), "bright": 0}
    assert [p.name for p in folder.glob(".*")] == []  # nothing half written is left


def test_undo_takes_back_one_after_the_other_also_of_earlier_sittings(folder):
    book = opened(folder)
    book.answer(NAMES[0], "dark")
    book.answer(NAMES[1], None)
    book.answer(NAMES[2], "bright")
    assert book.undo()["file"] == NAMES[2]
    assert book.undo()["file"] == NAMES[1]
    state = book.answer(NAMES[1], "bright")
    assert (state["file"], state["labelled"], state["skipped"]) == (NAMES[2], 2, 0)
    book = opened(folder)
    assert book.state()["last"] == {"file": NAMES[1], "label": "bright"}
    assert book.undo()["file"] == NAMES[1]
    state = book.undo()
    assert state["file"] == NAMES[0] and state["last"] is None
    assert not (folder / "labels.csv").exists()  # `clean` refuses a table without a label
    assert book.undo()["file"] == NAMES[0]


def test_a_skipped_photo_stays_away_until_it_is_wanted_again(folder):
    book = opened(folder)
    book.answer(NAMES[0], None)
    book.answer(NAMES[1], "dark")
    book = opened(folder)
    state = book.state()
    assert (state["file"], state["skipped"], state["labelled"]) == (NAMES[2], 1, 1)
    state = book.again()
    assert state["file"] == NAMES[0] and state["skipped"] == 0
    assert state["last"] == {"file": NAMES[1], "label": "dark"}
    assert opened(folder).state()["file"] == NAMES[0]


def test_a_table_that_is_there_is_added_to_and_nothing_in_it_is_lost(folder):
    table = "file,label,note\n./1.png,NIGHT,mine\nelsewhere.jpg,Day,\n"
    (folder / "labels.csv").write_text("\ufeff" + table, encoding="utf-8")
    book = opened(folder)
    assert book.state()["labelled"] == 1 and book.state()["file"] == NAMES[1]
    book.answer(NAMES[1], "bright")
    assert read(folder).decode() == table + "b/1.png,bright,\n"
    book.undo()
    book.undo()
    assert book.state()["file"] == NAMES[0]
    assert read(folder).decode() == "file,label,note\nelsewhere.jpg,Day,\n"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("file,label\n1.png,unknown\n", "one of bright, dark, day, night"),
        ("name,class\n1.png,dark\n", "the columns file, label"),
        ("image;gender\n1.png;dark\n", "in UTF-8 with the columns file,label.*image;gender"),
        ("a note of mine", "the columns file, label"),
        ("file,label\r1.png,dark\r", "in UTF-8 with the columns file,label"),
        ("file,label\n1.png,dark\n1.png,bright\n", "one label for 1.png"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_and_stays(folder, table, said):
    (folder / "labels.csv").write_bytes(table.encode())
    with pytest.raises(UserError, match=said):
        opened(folder)
    assert read(folder) == table.encode()


def test_rows_that_wait_for_a_label_stay_until_they_have_one(folder):
    table = "file,label,note\n1.png,,first\nelsewhere.jpg,,second\n"
    (folder / "labels.csv").write_text(table, encoding="utf-8")
    book = opened(folder)
    book.answer(NAMES[1], "bright")
    rows = ["b/1.png,bright,", "1.png,,first", "elsewhere.jpg,,second"]
    assert read(folder).decode().splitlines()[1:] == rows
    book = opened(folder)
    book.answer("1.png", "dark")
    rows = ["b/1.png,bright,", "1.png,dark,first", "elsewhere.jpg,,second"]
    assert read(folder).decode().splitlines()[1:] == rows
    book.undo()
    book.undo()
    assert read(folder).decode() == table
    assert opened(folder).state()["labelled"] == 0


def test_a_pipe_of_a_photos_name_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe.png")
    with pytest.raises(PhotoFault, match="not a file"):
        opened(folder).content("pipe.png")


def test_a_table_with_nothing_but_its_columns_is_filled(folder):
    (folder / "labels.csv").write_text("file,label\n", encoding="utf-8")
    opened(folder).answer(NAMES[0], "dark")
    assert read(folder) == b"file,label\n1.png,dark\n"


def test_what_cannot_be_written_changes_nothing(folder, monkeypatch):
    book = opened(folder)
    book.answer(NAMES[0], "dark")
    before = book.answer(NAMES[1], "dark")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("faces.core.files.save_text", full)
    for change in (
        lambda: book.answer(NAMES[2], "dark"),
        lambda: book.answer(NAMES[2], None),
        lambda: book.answer(NAMES[0], None),
        book.undo,
    ):
        with pytest.raises(Refusal, match="No space left"):
            change()
        assert book.state() == before
    monkeypatch.undo()
    assert opened(folder).state() == before
    assert book.answer(NAMES[2], "dark")["labelled"] == 3


def test_photos_and_places_that_are_not_there_are_named(tmp_path):
    with pytest.raises(UserError, match="a folder of photos"):
        opened(tmp_path / "none")
    (tmp_path / "note.txt").write_text("x")
    with pytest.raises(UserError, match="photos in "):
        opened(tmp_path)
    save(tmp_path, "1.png")
    with pytest.raises(UserError, match="a place for labels"):
        Book(tmp_path, tmp_path / "note.txt" / "labels.csv", CLASSES)
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="that can be written"):
        Book(tmp_path, tmp_path / "folder", CLASSES)


def test_names_that_no_table_can_hold_are_left_out_and_counted(folder):
    save(folder, os.fsdecode(b"e\xff/1.png"), "b\\1.png")  # to `clean`, b\\1.png is b/1.png
    book = opened(folder)
    assert book.left_out == 2 and set(book.photos) == set(NAMES)


def test_pictures_that_cannot_be_read_are_named_and_not_asked_for(folder, tmp_path):
    for name in ("IMG_1.CR2", "a/x.svg", "notes.txt", "._1.png", "a/Thumbs.db"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    book = opened(folder)
    assert set(book.photos) == set(NAMES) and book.unread == ["IMG_1.CR2", "x.svg"]
    assert "Not read: IMG_1.CR2, x.svg.\n" in greeting(8000, book)
    (folder / os.fsdecode(b"\xff.nef")).write_bytes(b"x")
    greeting(8000, opened(folder)).encode()  # a stream of UTF-8 takes it
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.nef").write_bytes(b"x")
    with pytest.raises(UserError, match=r"Received: a\.nef\."):
        opened(tmp_path / "raw")


@pytest.mark.parametrize("how", ["zipped", "beside", "in the folder"])
def test_stage_clean_reads_what_was_said(folder, tmp_path, how):
    book = opened(folder)
    said = dict(zip(NAMES, ["dark", "bright", "dark", None, "bright"], strict=True))
    for name, label in said.items():
        book.answer(name, label)
    members = {f"photos/{name}": (folder / name).read_bytes() for name in NAMES}
    if how == "zipped":
        archive = open_bytes(zip_of({**members, "photos/labels.csv": read(folder)}))
    elif how == "beside":
        (tmp_path / "face-detection.zip").write_bytes(zip_of(members))
        folder_source.add_labels(tmp_path / "face-detection.zip", folder / "labels.csv")
        archive = zipfile.ZipFile(tmp_path / "face-detection.zip")
    else:
        found = folder_source.photo_files(folder, tmp_path)
        archive = open_bytes(zip_of({n: path.read_bytes() for n, path in found.items()}))
    settings = {"classes": CLASSES, "alike_bits": 8, "min_side": 16}
    with archive:
        (photos, classes), dropped, _ = clean.clean(archive, settings)
    kept = {f.removeprefix("photos/"): label for f, label in zip(*photos.values.T[:2], strict=True)}
    assert classes == list(CLASSES)
    assert kept == {name: label for name, label in said.items() if label}
    reasons = dict(zip(dropped["file"].str.removeprefix("photos/"), dropped["reason"], strict=True))
    assert set(reasons) == {NAMES[3]} and reasons[NAMES[3]].startswith("no label")


def test_two_at_once_lose_nothing(tmp_path):
    names = [f"{i}.png" for i in range(30)]
    save(tmp_path, *names)
    book = opened(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: book.answer(name, "dark"), names))
    assert opened(tmp_path).state()["labelled"] == 30


@pytest.fixture
def asked(client_of, answers, folder):
    return client_of(answers, opened(folder, {"dark": [], "bright": []}))


def test_the_page_asks_answers_and_takes_back(asked, folder):
    state = asked.get("/label/state").json()
    said = {"file": state["file"], "label": "bright"}
    after = asked.post("/label/answer", json=said).json()
    assert after["last"] == said and after["file"] == state["next"]
    assert read(folder) == b"file,label\n1.png,bright\n"
    assert asked.post("/label/undo").json()["file"] == state["file"]
    assert asked.post("/label/answer", json={**said, "label": None}).json()["skipped"] == 1
    assert asked.post("/label/again").json()["skipped"] == 0


def test_only_photos_of_the_folder_are_served(asked, folder):
    (folder.parent / "secret.png").write_bytes(other_photo())
    for name in NAMES:
        response = asked.get("/label/photo", params={"file": name})
        assert response.content[:2] == b"\xff\xd8" and response.status_code == 200
    for name in (
        "../secret.png",
        str(folder.parent / "secret.png"),
        "b/../1.png",
        "labels.csv",
        "",
    ):
        for path in ("/label/photo", "/label/hint"):
            assert asked.get(path, params={"file": name}).status_code == 404, name
        answer = {"file": name, "label": "dark"}
        assert asked.post("/label/answer", json=answer).status_code == 404
    assert asked.get("/label/photo").json()["code"] == "not_understood"
    no_class = asked.post("/label/answer", json={"file": NAMES[0], "label": "green"})
    assert no_class.status_code == 400 and no_class.json()["code"] == "no_class"
    assert not (folder / "labels.csv").exists()


def test_a_photo_is_shown_as_it_is_looked_at(client_of, answers, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    photo(0, (90, 60)).save(tmp_path / "turned.jpg", exif=exif)
    photo(0, (90, 60)).convert("CMYK").save(tmp_path / "cmyk.jpg")
    levels = np.linspace(0, 60_000, 90 * 60).reshape(60, 90).astype(np.uint16)
    Image.fromarray(levels).save(tmp_path / "deep.png")
    photo(0, (3200, 800)).save(tmp_path / "wide.png")
    (tmp_path / "gone.png").write_bytes(b"no photo")
    client = client_of(answers, opened(tmp_path))
    sizes = {"turned.jpg": (60, 90), "cmyk.jpg": (90, 60), "deep.png": (90, 60)}
    for name, size in {**sizes, "wide.png": (1600, 400)}.items():
        content = client.get("/label/photo", params={"file": name}).content
        shown = Image.open(io.BytesIO(content))
        assert shown.size == size and shown.mode == "RGB" and not shown.getexif()
        if name == "deep.png":  # all of its levels, not the lowest 256
            assert np.ptp(np.asarray(shown)) > 200
    refused = client.get("/label/photo", params={"file": "gone.png"})
    assert refused.json()["values"] == {"fault": "not an image"} and refused.status_code == 415
    assert client.get("/label/hint", params={"file": "gone.png"}).json()["why"] == "no_face"
    (tmp_path / "gone.png").unlink()
    refused = client.get("/label/photo", params={"file": "gone.png"})
    assert refused.json()["values"] == {"fault": "no such file"}


def test_the_present_model_suggests_if_it_knows_the_classes(client_of, answers, tmp_path):
    (tmp_path / "a.png").write_bytes(face_photo())
    (tmp_path / "b.png").write_bytes(other_photo())
    client = client_of(answers, opened(tmp_path))
    hint = client.get("/label/hint", params={"file": "a.png"}).json()["hint"]
    assert hint["label"] == "dark" and 0.5 < hint["probability"] <= 1
    none = client.get("/label/hint", params={"file": "b.png"}).json()
    assert none == {"hint": None, "why": "no_face"}
    other = client_of(answers, opened(tmp_path, {"dark": [], "bright": [], "green": []}))
    said = other.get("/label/hint", params={"file": "a.png"}).json()
    assert said == {"hint": None, "why": "other_classes"}


def test_without_a_folder_the_page_says_how_to_start(client):
    assert "make label PHOTOS=folder" in client.get("/label").text
    refused = client.get("/label/state")
    assert refused.status_code == 404 and refused.json()["code"] == "no_folder"


def test_any_number_of_classes_has_keys_or_at_least_buttons(client_of, answers, folder):
    many = {f"class {i}": [] for i in range(50)}
    text = client_of(answers, opened(folder, many)).get("/label").text
    data = json.loads(text.split('id="data">')[1].split("</script>")[0])
    keys = [key for one in data["classes"] for key in one["keys"]]
    assert len(data["classes"]) == 50 and len(keys) == len(set(keys)) == 33
    assert not {data["skip"], data["undo"]} & set(keys)
