"""Texts in both languages, and colours that can be read."""

import inspect
import re
import string

import pytest

from faces.app.book import Book
from faces.app.language import COOKIE, FAULTS, HERE, TEXTS, choose
from faces.app.server import entry_of
from faces.data.photos import formats
from faces.data.photos.reading import check_before, check_size, read_photo
from faces.predict import inputs
from faces.predict.batch import unforeseen
from tests.app.conftest import other_photo
from tests.helpers.colours import AA, AA_MARKS, contrast, palettes

SOURCES = [
    *sorted((HERE / "static").glob("*.js")),
    *sorted((HERE / "pages").glob("*.html")),
]


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_with_the_same_values():
    assert TEXTS["en"].keys() == TEXTS["ko"].keys()
    for key, text in TEXTS["en"].items():
        assert names(text) == names(TEXTS["ko"][key]), key
        assert TEXTS["ko"][key].strip()


def test_every_text_is_used_and_every_text_used_is_there():
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    used = set(re.findall(r'\bt\(\s*"(\w+)"', code)) | set(re.findall(r"\bt\.(\w+)", code))
    used |= set(re.findall(r'data-(?:t|t-label|command)="(\w+)"', code))
    assert used <= TEXTS["en"].keys()
    for key in TEXTS["en"].keys() - used:
        # Named by a variable: a code of the server, or one of two or three.
        python = "\n".join(p.read_text(encoding="utf-8") for p in sorted(HERE.glob("*.py")))
        assert re.search(rf'"(?:hint_)?{key.removeprefix("hint_")}"', code + python), key


def test_every_fault_of_a_photo_has_a_translation():
    places = (read_photo, check_before, check_size, inputs, entry_of, unforeseen)
    code = "".join(inspect.getsource(part) for part in places)
    before = r"PhotoFault\(|error\) else |or |fault = |return |plain\("
    found = re.findall(rf'(?:{before})f?"([^"]+)"', code)
    found += [formats.RAW, formats.DRAWING, formats.DOCUMENT, formats.OTHER, formats.VIDEO]
    found, known = ({re.sub(r"{[^}]*}", "{}", f) for f in some} for some in (found, FAULTS["ko"]))
    assert {"empty file", "cut short", "damaged ({})", "{}x{} is over 50 megapixels"} <= known
    assert found == known


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "spoken"),
    [
        (None, None, "", "en"),
        (None, None, "ko", "ko"),
        (None, None, "fr;q=1, ko-KR;q=0.3, en;q=0.2", "ko"),
        (None, None, "ko;q=0.1, en-GB", "en"),
        (None, None, "ko;q=x, *;q=0.5, ;;,", "en"),
        (None, "ko", "en", "ko"),
        ("en", "ko", "ko", "en"),
        ("../etc", "<script>", "ko", "ko"),
    ],
)
def test_a_reader_gets_the_language_asked_for_or_the_browsers(asked, kept, accepted, spoken):
    assert choose(asked, kept, accepted) == spoken


def test_a_page_comes_in_its_readers_language(client):
    english, korean = (
        client.get("/", headers={"accept-language": a}).text for a in ("en-US", "ko-KR,ko")
    )
    assert '<html lang="en">' in english and ">Choose photos</button>" in english
    assert '<html lang="ko">' in korean and ">사진 고르기</button>" in korean
    chosen = client.get("/", headers={"accept-language": "en", "cookie": f"{COOKIE}=ko"}).text
    assert '<html lang="ko">' in chosen


def test_the_page_lets_all_photos_be_chosen_that_are_read(client):
    accepted = re.search(r'accept="([^"]+)"', client.get("/").text)[1].split(",")
    assert accepted[0] == "image/*" and set(accepted[1:]) == set(formats.PHOTOS)


def test_a_class_cannot_break_out_of_the_page(client_of, answers, tmp_path):
    (tmp_path / "a.png").write_bytes(other_photo())
    evil = "</script><img src=x>"
    book = Book(tmp_path, tmp_path / "labels.csv", {evil: [], "b": []})
    text = client_of(answers, book).get("/label").text
    assert "<img src=x>" not in text and "u003cimg src=x" in text


STYLE = (HERE / "static" / "style.css").read_text(encoding="utf-8")
# Text on what it stands on; edges and marks of controls.
TEXT_PAIRS = """ink bg, ink card, ink warn-bg, muted bg, muted card, muted warn-bg, main bg,
main card, on-main main, fault fault-bg, on-tag tag"""
EDGE_PAIRS = "edge bg, edge card, main bg, main card, main warn-bg, edge warn-bg"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_apart(scheme):
    palette = palettes(STYLE)[scheme]
    for pairs, least in ((TEXT_PAIRS, AA), (EDGE_PAIRS, AA_MARKS)):
        for pair in pairs.replace("\n", " ").split(","):
            one, other = pair.split()
            assert contrast(palette[one], palette[other]) >= least, pair


def test_text_has_no_colour_but_those():
    for colour in re.findall(r"(?:^|[\s;{])color: ([^;]+);", STYLE):
        assert re.fullmatch(r"var\(--[\w-]+\)", colour), colour
