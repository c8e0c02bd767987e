"""The page of labels in a real browser: keys, undo, and what is left after a reload."""

import pytest

from faces.app.book import Book
from faces.app.server import build
from faces.app.worker import Answers
from tests.app.conftest import face_photo, other_photo, serving
from tests.helpers.browser import WEAK, WIDE

pytestmark = pytest.mark.browser

NAMES = ["1.png", "a/2 #%&?.png", "a/사진 3.png"]
CLASSES = {"dark": [], "bright": []}


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(face_photo() if name == NAMES[0] else other_photo())
    return tmp_path


@pytest.fixture
def address(answers, folder):
    with serving(build(answers, Book(folder, folder / "labels.csv", CLASSES))) as address:
        yield address


def shown(page, name: str) -> None:
    """Wait until this photo is shown, whole."""
    page.locator("#file", has_text=name).wait_for()
    page.locator("#photo").wait_for()
    assert page.locator("#photo").evaluate("e => e.decode().then(() => e.naturalWidth)") > 0


def table(folder) -> list[str]:
    return (folder / "labels.csv").read_text(encoding="utf-8").splitlines()[1:]


def test_keys_label_skip_and_take_back_and_a_reload_goes_on(visit, address, folder):
    page = visit(address, "/label")
    shown(page, NAMES[0])
    page.locator("#hint", has_text="The model says: dark, 9").wait_for()
    assert page.locator("button.hinted").get_attribute("value") == "dark"
    page.keyboard.press("1")
    shown(page, NAMES[1])
    assert table(folder) == ["1.png,dark"]
    page.locator("#hint", has_text="The model finds no face.").wait_for()
    page.keyboard.press("b")  # its first letter
    shown(page, NAMES[2])
    assert table(folder) == ["1.png,dark", f"{NAMES[1]},bright"]
    page.keyboard.press("u")
    shown(page, NAMES[1])
    assert table(folder) == ["1.png,dark"]
    assert page.locator("#last").inner_text() == f"{NAMES[1]}: taken back"
    page.keyboard.press("s")
    shown(page, NAMES[2])
    page.reload()
    shown(page, NAMES[2])
    assert page.locator("#progress").inner_text() == "1 of 3 labelled, 1 skipped"
    page.keyboard.press("2")
    page.get_by_role("heading", name="Every photo has been looked at").wait_for()
    assert table(folder) == ["1.png,dark", f"{NAMES[2]},bright"]
    page.locator("#again").click()
    shown(page, NAMES[1])
    page.keyboard.press("ArrowLeft")
    shown(page, NAMES[2])
    assert page.locator("#counts").inner_text().split() == ["dark", "1", "bright", "0"]


def test_buttons_do_the_same(visit, address, folder):
    page = visit(address, "/label")
    shown(page, NAMES[0])
    assert page.locator("#undo").is_disabled()
    page.locator("#classes").get_by_role("button", name="bright").click()
    shown(page, NAMES[1])
    page.locator("#skip").click()
    shown(page, NAMES[2])
    page.locator("#undo").click()
    shown(page, NAMES[1])
    assert table(folder) == ["1.png,bright"]


def test_a_key_that_is_held_is_one_answer_and_other_keys_are_none(visit, address, folder):
    page = visit(address, "/label")
    shown(page, NAMES[0])
    for key in ("x", "3", "Control+1", "Alt+b", "Shift"):
        page.keyboard.press(key)
    page.keyboard.down("1")
    for _ in range(5):
        page.keyboard.down("1")  # as a keyboard repeats it
    page.keyboard.up("1")
    shown(page, NAMES[1])
    assert table(folder) == ["1.png,dark"]


def test_keys_work_while_hangul_is_typed(visit, address, folder):
    page = visit(address, "/label", locale="ko-KR")
    shown(page, NAMES[0])
    page.evaluate("dispatchEvent(new KeyboardEvent('keydown', { key: 'ㅠ', code: 'KeyB' }))")
    shown(page, NAMES[1])
    assert table(folder) == ["1.png,bright"]
    assert page.locator("#progress").inner_text() == "3장 중 1장 완료"


def test_what_could_not_be_saved_is_said_and_the_photo_stays(visit, address, folder, monkeypatch):
    page = visit(address, "/label")
    shown(page, NAMES[0])

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("faces.core.files.save_text", full)
    page.keyboard.press("1")
    page.get_by_role("alert").get_by_text("It could not be saved").wait_for()
    shown(page, NAMES[0])
    monkeypatch.undo()
    page.keyboard.press("1")
    shown(page, NAMES[1])
    assert page.locator("#fault").is_hidden() and table(folder) == ["1.png,dark"]


def test_a_photo_that_cannot_be_shown_says_why_and_can_be_skipped(visit, address, folder):
    (folder / NAMES[0]).write_bytes(b"no photo")
    page = visit(address, "/label")
    page.locator("#unreadable", has_text="not an image. Skip it.").wait_for()
    assert page.locator("#photo").is_hidden()
    page.keyboard.press("s")
    shown(page, NAMES[1])
    assert page.locator("#unreadable").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_many_classes_of_long_names_have_room(visit, models, folder, scheme, width):
    classes = {f"class {'of_a_long_name' * (i % 4)} {i}": [] for i in range(14)}
    book = Book(folder, folder / "labels.csv", classes)
    with serving(build(Answers(lambda: models), book)) as address:
        page = visit(
            address, "/label", color_scheme=scheme, viewport={"width": width, "height": 800}
        )
        shown(page, NAMES[0])
        page.locator("#hint", has_text="for other classes").wait_for()
        page.keyboard.press("a")  # the tenth
        shown(page, NAMES[1])
        assert table(folder)[0].endswith(" 9")
        for language in ("English", "한국어"):
            page.get_by_role("button", name=language).click()
            assert page.evaluate(WEAK) == []
            assert page.evaluate(WIDE) <= 0
