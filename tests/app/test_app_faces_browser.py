"""The page of faces in a real browser: photos come in every way, and what is seen and said."""

import json

import pytest

from faces.app.server import build
from faces.app.worker import Answers
from faces.core.errors import UserError
from tests.app.conftest import FACES, face_photo, other_photo, serving
from tests.helpers.browser import WEAK, WIDE

pytestmark = pytest.mark.browser

CHOOSE = "#choose"
HAND_OVER = """([name, bytes, kind]) => {
    const data = new DataTransfer();
    if (name) data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
    const options = { bubbles: true, cancelable: true };
    const event = kind === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: data })
        : new DragEvent("drop", { ...options, dataTransfer: data });
    document.body.dispatchEvent(event);
}"""


@pytest.fixture
def address(answers):
    with serving(build(answers)) as address:
        yield address


def file(name: str, data: bytes) -> dict:
    return {"name": name, "mimeType": "image/png", "buffer": data}


def choose(page, *files):
    page.set_input_files("#files", list(files))


def test_a_chosen_photo_shows_its_face_where_it_is(visit, address):
    page = visit(address)
    choose(page, file("me.png", face_photo()))
    page.locator(".card .verdict", has_text="1 face").wait_for()
    image, box = (page.locator(f".card {part}").bounding_box() for part in ("img", "rect.box"))
    scale, (x, y, size) = image["width"] / 160, FACES[160, 120][0]
    middle = image["x"] + (x + 0.5) * scale, image["y"] + (y + 0.4 * size) * scale
    assert box["x"] < middle[0] < box["x"] + box["width"]
    assert box["y"] < middle[1] < box["y"] + box["height"]
    assert page.locator("line.point").count() == 15
    dot = page.locator("line.point").first.bounding_box()  # the left eye
    assert dot["x"] + dot["width"] / 2 == pytest.approx(
        image["x"] + (x + 0.3 * size + 0.5) * scale, abs=3
    )
    assert page.locator(".tag").inner_text().startswith("dark 9")
    assert page.locator(".card img").get_attribute("alt").startswith("me.png, 1 face: dark, 9")
    assert page.locator("#said").inner_text() == "me.png: 1 face"
    assert page.locator("#said").get_attribute("aria-live") == "polite"
    page.locator("summary").click()
    said = json.loads(page.locator(".card code").inner_text())
    assert set(said) == {"path", "error", "faces"} and len(said["faces"]) == 1


def test_several_at_once_each_get_a_card_and_no_name_covers_another(visit, address):
    page = visit(address, viewport={"width": 360, "height": 740})
    choose(page, file("three.png", face_photo((800, 500))), file("none.png", other_photo()))
    choose(page, file("one.png", face_photo()), file("bad.png", b"no picture"))
    page.locator(".card .fault").wait_for()
    said = page.locator(".card").evaluate_all("all => all.map(e => e.querySelector('p').innerText)")
    assert said == ["3 faces", "no face", "1 face", "This photo cannot be used: not an image."]
    assert page.locator(".card img").nth(1).get_attribute("alt") == "none.png, no face"
    tags = page.locator(".card >> nth=0 >> .tag")
    boxes = [tags.nth(i).bounding_box() for i in range(3)]
    photo = page.locator(".card >> nth=0 >> img").bounding_box()
    for i, one in enumerate(boxes):
        assert one["x"] >= photo["x"] - 1 and one["y"] >= photo["y"] - 1
        assert one["x"] + one["width"] <= photo["x"] + photo["width"] + 1
        for other in boxes[:i]:
            aside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            above = one["y"] >= other["y"] + other["height"]
            assert aside or above or other["y"] >= one["y"] + one["height"]
    page.locator("#clear").click()
    assert page.locator(".card").count() == 0 and page.locator("#answers").is_hidden()


def tab_to(page, selector: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator(selector).evaluate("e => e === document.activeElement"):
            return
    pytest.fail(f"no Tab leads to {selector}")


def test_the_keyboard_alone_is_enough(visit, address):
    page = visit(address)
    with page.expect_file_chooser() as chooser:
        tab_to(page, CHOOSE)
        outline = page.locator(CHOOSE).evaluate("e => getComputedStyle(e).outlineStyle")
        page.keyboard.press("Enter")
    assert outline == "solid"  # where the focus is can be seen
    chooser.value.set_files([file("me.png", face_photo())])
    page.locator(".card .verdict", has_text="1 face").wait_for()
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    assert page.locator(".card code").is_visible()


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_photo_may_be_pasted_or_dropped(visit, address, kind):
    page = visit(address)
    page.evaluate(HAND_OVER, ["me.png", list(face_photo()), kind])
    page.locator(".card .verdict", has_text="1 face").wait_for()
    assert page.url == f"{address}/"  # the browser has not left for the photo


def test_the_webcam_gives_a_photo(visit, address):
    page = visit(address)
    page.locator("#open-camera").click()
    page.locator("#take").wait_for()
    page.keyboard.press("Enter")  # the focus has gone there
    page.locator(".card .verdict", has_text="no face").wait_for()  # of Chromium's green picture
    assert page.locator("h3").inner_text() == "webcam 1.jpg"
    page.locator("#close-camera").click()
    assert page.locator("#video").evaluate("e => e.srcObject") is None


MOVING = """() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const pen = canvas.getContext("2d");
    let place = 200;
    const draw = () => {
        place = place < 400 ? place + 1 : 200;
        pen.fillStyle = "black";
        pen.fillRect(0, 0, 640, 480);
        for (const [x, y, gray] of [[-30, 0, 60], [30, 0, 60], [0, 80, 250]]) {
            pen.fillStyle = `rgb(${gray}, ${gray}, ${gray})`;
            pen.beginPath();
            pen.arc(place + x, 200 + y, 6, 0, 7);
            pen.fill();
        }
    };
    draw();
    setInterval(draw, 50);
    navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(20);
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_the_webcam_is_followed_live_until_it_is_closed(visit, address, width, monkeypatch):
    monkeypatch.setitem(FACES, (640, 480), [(300.0, 200.0, 100.0)])
    page = visit(address, viewport={"width": width, "height": 800})
    page.evaluate(MOVING)
    page.locator("#open-camera").click()
    page.locator("#live-said", has_text="Live: 1 face;").wait_for()
    box, video = page.evaluate(  # at one moment: they are drawn anew with each frame
        """() => ["rect.box", "video"].map((part) => {
            const { x, width } = document.querySelector(`#live ${part}`).getBoundingClientRect();
            return [x, x + width];
        })"""
    )
    assert video[0] <= box[0] and box[1] <= video[1] + 1
    lip, middle = page.evaluate(  # on the picture that is shown, whose right is left
        """() => {
            const canvas = document.querySelector("#live canvas");
            const pen = canvas.getContext("2d");
            const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
            const bright = [...data.keys()].filter((i) => i % 4 === 0 && data[i] > 150);
            const columns = bright.map((i) => (i / 4) % canvas.width);
            const { x, width } = document.querySelector("#live rect.box");
            const middle = x.baseVal.value + width.baseVal.value / 2;
            return [columns.reduce((sum, one) => sum + one, 0) / columns.length, middle];
        }"""
    )
    assert abs(lip - middle) < 8  # points of a face that sets off lag a little
    assert page.locator("#live line.point").count() == 15
    assert page.locator("#live .tag").inner_text().startswith("dark 9")
    moved = page.locator("#live rect.box").get_attribute("x")
    page.wait_for_function(
        "x => document.querySelector('#live rect.box').getAttribute('x') !== x", arg=moved
    )
    assert page.evaluate(WIDE) <= 0
    page.locator("#close-camera").click()
    page.wait_for_function("() => !document.querySelector('#live rect')")
    assert page.locator("#live-said").is_hidden()
    assert page.evaluate("document.querySelector('#live canvas').width") == 0


def test_nothing_is_sent_while_the_tab_is_hidden(visit, address):
    page = visit(address)
    page.evaluate(MOVING)
    page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.locator("#open-camera").click()
    page.locator("#take").wait_for()
    page.wait_for_timeout(500)
    assert not [url for url in sent if "/live" in url]


def test_without_a_webcam_it_says_so(visit, address):
    page = visit(address)
    page.evaluate("() => void (navigator.mediaDevices.getUserMedia = () => Promise.reject('none'))")
    page.locator("#open-camera").click()
    page.get_by_role("alert").get_by_text("No webcam was found.").wait_for()


def test_what_is_too_much_is_said_before_it_is_sent(visit, address):
    page = visit(address)
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    choose(page, *[file(f"{i}.png", other_photo()) for i in range(21)])
    said = page.locator("#fault")
    assert said.inner_text() == "Expected at most 20 photos at once. Received: 21. Choose fewer."
    page.evaluate(HAND_OVER, [None, [], "drop"])  # of a picture on another page, say
    assert said.inner_text().startswith("Expected a photo.")
    assert page.locator(".card").count() == 0 and "POST" not in sent


def test_it_speaks_korean_to_who_wants_it_and_keeps_the_choice(visit, address):
    page = visit(address, locale="ko-KR")
    assert page.locator("html").get_attribute("lang") == "ko"
    choose(page, file("a.png", face_photo()), file("b.png", other_photo()), file("c.png", b""))
    page.locator(".card .fault").wait_for()
    verdicts = page.locator(".card > p").all_inner_texts()
    assert verdicts == ["얼굴 1개", "얼굴 없음", "이 사진은 쓸 수 없습니다: 빈 파일."]
    page.get_by_role("button", name="English").click()
    assert page.locator(".card > p").all_inner_texts() == [
        "1 face",
        "no face",
        "This photo cannot be used: empty file.",
    ]
    assert page.title() == "Faces in photos"
    page.reload()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="한국어").click()
    assert page.locator(CHOOSE).inner_text() == "사진 고르기"


def test_without_models_it_says_to_run_make_run(visit):
    def load():
        raise UserError("trained models", "no data/models/gender.keras", "")

    with serving(build(Answers(load))) as address:
        page = visit(address)
        warning = page.locator("#no-models")
        warning.get_by_text("No model has been trained yet").wait_for()
        assert "make run" in warning.inner_text()
        choose(page, file("me.png", face_photo()))
        page.locator(".card .fault").wait_for()
        assert page.evaluate(WEAK) == [] and page.evaluate(WIDE) <= 0


def test_a_server_that_is_gone_is_said_in_words(visit, answers):
    with serving(build(answers)) as address:
        page = visit(address)
    choose(page, file("me.png", face_photo()))
    page.locator(".card .fault", has_text="The server does not answer.").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_all_text_can_be_read_and_nothing_is_wider_than_the_screen(visit, address, scheme, width):
    page = visit(address, color_scheme=scheme, viewport={"width": width, "height": 700})
    name = "a_name_without_any_room_to_break_" * 4
    choose(page, file(f"{name}.png", face_photo()), file("bad.png", b"x"), file("n", other_photo()))
    page.locator(".card .verdict", has_text="no face").wait_for()
    page.locator("summary").click()
    page.locator("#open-camera").click()
    page.locator("#take").wait_for()
    for language in ("English", "한국어"):
        page.get_by_role("button", name=language).click()
        assert page.evaluate(WEAK) == []
        assert page.evaluate(WIDE) <= 0
