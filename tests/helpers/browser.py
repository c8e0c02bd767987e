"""A real browser, and what it can be asked of a page: `page.evaluate(WEAK)`."""

import pytest

from tools import chromium

# Milliseconds that a page may take to show what is waited for, on the busiest machine. What is
# wrong in it keeps a test that long, too.
PATIENCE = 300_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
# Text whose contrast with what is behind it is below WCAG's AA, and what is wider than the screen.
WEAK = """() => {
    const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const light = (rgb) => {
        const [r, g, b] = rgb.slice(0, 3).map((value) => {
            const v = value / 255;
            return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const colour = parse(getComputedStyle(e).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const weak = [];
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const shown = element.checkVisibility() && walker.currentNode.textContent.trim();
        if (!shown || element.closest(":disabled, script")) continue;
        const style = getComputedStyle(element);
        const colour = element.closest("svg") ? style.fill : style.color;
        const levels = [light(parse(colour)), light(behind(element))];
        const [low, high] = levels.sort((a, b) => a - b);
        if ((high + 0.05) / (low + 0.05) < 4.5) weak.push(walker.currentNode.textContent.trim());
    }
    return weak;
}"""
WIDE = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


@pytest.fixture(scope="module")
def browser():
    path = chromium.find()
    if not path:
        pytest.skip(f"no Chromium: `make chromium`. {chromium.TODO}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        how = {"executable_path": path, "headless": True, "args": FLAGS, "timeout": PATIENCE}
        opened = driver.chromium.launch(**how)
        yield opened
        opened.close()
