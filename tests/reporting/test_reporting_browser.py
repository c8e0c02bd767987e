"""The report in a real browser, opened from the disk: what a phone shows of it."""

import pytest

from faces.core import paths
from stages import report
from tests.helpers.browser import PATIENCE, WEAK, WIDE

pytestmark = pytest.mark.browser

# What lies beside the screen and in no part that can be scrolled, or is cut off where it ends.
OUTSIDE = """() => [...document.body.querySelectorAll("*")].filter((e) => {
    const { left, right, width } = e.getBoundingClientRect();
    const cut = getComputedStyle(e).overflowX === "hidden" && !e.closest("svg, .nothing")
        && e.scrollWidth > e.clientWidth;
    if (!width || e.closest("script, .wide table")) return false;
    return cut || (!e.closest("svg.face, .tile svg") && (left < 0 || right > innerWidth + 0.5));
}).map((e) => e.outerHTML.slice(0, 80))"""
# Texts of a chart that lie on each other.
OVERLAP = """() => [...document.querySelectorAll(".charts svg")].flatMap((chart) => {
    const texts = [...chart.querySelectorAll("text")];
    const boxes = texts.map((text) => text.getBoundingClientRect());
    return texts.flatMap((text, i) => texts.slice(i + 1).filter((_, k) => {
        const [a, b] = [boxes[i], boxes[i + 1 + k]];
        const beside = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const above = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        return beside > 1 && above > 4;  // a line of text has room above and below its letters
    }).map((other) => `${text.textContent} on ${other.textContent}`));
})"""
# Pictures that say nothing to who cannot see them.
NAMELESS = """() => [...document.querySelectorAll("svg, img")]
    .filter((e) => e.getAttribute("aria-hidden") !== "true")
    .filter((e) => !(e.alt || (e.getAttribute("role") === "img" && e.ariaLabel?.trim())))
    .map((e) => e.outerHTML.slice(0, 80))"""
# Cells so narrow that a word stands in them letter by letter; letters smaller than can be read.
NARROW = """() => [...document.querySelectorAll("th[scope=row]")]
    .filter((e) => e.clientWidth < 75).map((e) => e.textContent)"""
SMALL = """() => [...document.querySelectorAll(".charts text")]
    .filter((e) => {
        const { a, b } = e.getScreenCTM();
        return parseFloat(getComputedStyle(e).fontSize) * Math.hypot(a, b) < 11;
    })
    .map((e) => e.textContent)"""


@pytest.fixture
def visit(browser, run):
    """Opens the report of the run, offline; nothing may go wrong in it."""
    report.main()
    contexts, faults = [], []

    def open_page(**options):
        contexts.append(browser.new_context(offline=True, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda request: faults.append(request.url))
        page.goto((run / paths.REPORT).as_uri())
        page.locator("#times table").wait_for()
        page.locator("summary").click()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_all_of_it_can_be_read(visit, scheme, width):
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    assert page.evaluate(WIDE) <= 0
    for fault in (OUTSIDE, OVERLAP, NAMELESS, NARROW, SMALL, WEAK):
        assert page.evaluate(fault) == []
    face = page.locator("svg.face").evaluate("e => getComputedStyle(e).overflow")
    assert face == "hidden"  # a large circle would lie on the text
    ground = page.locator("html").evaluate("e => getComputedStyle(e).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")


def test_the_times_of_the_stages_are_read_from_beside_it(visit, run):
    cells = visit().locator("#times td").all_inner_texts()
    assert cells[:2] == ["train\u200b@keypoints", "4 min 29 s"]
