"""Every page of the gallery: WCAG by axe in every language, and nothing lost where it is narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from node.web.rendering import LANGUAGES, SOURCE_LANGUAGE
from node.web.server import ROUTES
from tests.support.browser import running_browser
from tests.support.exhibition import Exhibition, open_exhibition
from tests.support.gallery import NO_PAGES, PICTURES, route_of
from tests.support.room import Picture, Room, open_room

Look = Callable[[Page, Picture], list[Any]]
WIDE = {"width": 1280, "height": 800}
# 320 px; and 1280 px at 200 % zoom.
NARROW = (320, 640)
ALL_BUT_COLOURS = {"rules": {"color-contrast": {"enabled": False}}}
COLOURS = {"runOnly": ["color-contrast"]}
# Another language changes names and the length of words, no structure and no colour.
WORDS = {
    "runOnly": [
        "aria-input-field-name", "button-name", "document-title", "empty-heading",
        "html-lang-valid", "image-alt", "label", "link-name", "select-name", "summary-name",
        "valid-lang",
    ]
}  # fmt: skip
ONE_OF_EACH_PAGE = tuple(
    {(route_of(each.path), each.path.partition("?")[2]): each for each in PICTURES[::-1]}.values()
)
# Whatever is not in a box of its own that can be scrolled must be within the window.
CUT_OFF = """() => {
  const lost = [];
  const scrolls = (each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowX);
  for (const each of document.querySelectorAll("body *")) {
    const box = each.getBoundingClientRect();
    if (!box.width || !box.height || each.closest(".spoken, .skip, #cover, svg")) continue;
    let above = each;
    while (above && !scrolls(above)) above = above.parentElement;
    const style = getComputedStyle(each);
    const isClipped = ["hidden", "clip"].includes(style.overflowX)
      && each.scrollWidth > each.clientWidth + 1 && each.innerText && each.tagName !== "SELECT";
    if (isClipped || (!above && (box.right > innerWidth + 1 || box.left < -1)))
      lost.push(each.outerHTML.slice(0, 120));
  }
  if (document.documentElement.scrollWidth > innerWidth) lost.push("the page scrolls sideways");
  return lost.slice(0, 5);
}"""

# Of all texts that stand in the same way in the page, with the same style, the first one.
ONE_OF_EACH = """() => {
  const known = new Set();
  const kind = (each) => each === document.body ? "" : kind(each.parentElement) + ">" + each.tagName
    + "." + each.className + (each.hasAttribute("disabled") ? "!" : "")
    + (each.getAttribute("aria-current") || "") + (each.getAttribute("aria-invalid") || "");
  for (const each of document.querySelectorAll("[data-shade]")) delete each.dataset.shade;
  for (const each of document.body.querySelectorAll("*")) {
    const hasText = [...each.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!hasText && !["INPUT", "SELECT", "TEXTAREA"].includes(each.tagName)) continue;
    const style = getComputedStyle(each);
    const sort = [kind(each), style.color, style.backgroundColor, style.fontSize].join("|");
    if (!known.has(sort)) { known.add(sort); each.dataset.shade = "1"; }
  }
}"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> Iterator[Exhibition]:
    with open_exhibition(tmp_path_factory.mktemp("gallery")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as found:
        yield found


@pytest.fixture
def room(browser: Browser, shown: Exhibition) -> Iterator[Room]:
    with open_room(browser, shown, viewport=WIDE, reduced_motion="reduce") as found:
        yield found


def faults_of(page: Page, rules: dict[str, Any], within: str = "") -> list[tuple[str, str]]:
    options = {"resultTypes": ["violations"], **rules}
    found = Axe().run(page, context=within or None, options=options)
    return [(each["id"], each["nodes"][0]["html"][:160]) for each in found.response["violations"]]


def lost_of(page: Page) -> list[str]:
    lost = []
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 800})
        lost += [f"{width}: {each}" for each in page.evaluate(CUT_OFF)]
    page.set_viewport_size(WIDE)
    return lost


def in_light_and_dark(page: Page, each: Picture) -> list[Any]:
    # On paper, what is only for the screen is not there.
    faults: list[Any] = [] if each.is_paper else faults_of(page, ALL_BUT_COLOURS)
    medium = "print" if each.is_paper else "screen"
    # What is different in the dark are the colours, and nothing else.
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, media=medium)
        page.evaluate(ONE_OF_EACH)
        faults += [(scheme, *one) for one in faults_of(page, COLOURS, "[data-shade]")]
    return faults


def test_every_page_is_in_the_gallery() -> None:
    pages = {route.path for route in ROUTES if route.method == "GET"}
    shown = {route_of(each.path) for each in PICTURES}
    assert sorted(pages - shown - set(NO_PAGES)) == []
    assert sorted(set(NO_PAGES) - pages) == []
    assert shown.isdisjoint(NO_PAGES)


def faults_in(room: Room, pictures: Sequence[Picture], look: Look) -> dict[str, list[Any]]:
    """Return by the name of a page what is found on it; nothing where nothing is."""
    faults = {}
    for each in pictures:
        page, status = room.open(each)
        found = look(page, each) if status == each.status else [f"it came with {status}"]
        if found:
            faults[each.name] = found
    return faults


@pytest.mark.thorough
@pytest.mark.parametrize("half", [0, 1])
def test_no_page_has_a_fault_or_loses_something(room: Room, half: int) -> None:
    def look(page: Page, each: Picture) -> list[Any]:
        lost = [] if each.is_paper else lost_of(page)
        return [*in_light_and_dark(page, each), *lost]

    assert faults_in(room, PICTURES[half::2], look) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != SOURCE_LANGUAGE])
def test_no_language_adds_a_fault(browser: Browser, shown: Exhibition, language: str) -> None:
    def look(page: Page, _: Picture) -> list[Any]:
        said = page.locator("html").get_attribute("lang")
        other = [] if said == language else [f"it is in {said}"]
        return [*other, *faults_of(page, WORDS), *lost_of(page)]

    shown.run(shown.speak(language))
    try:
        with open_room(browser, shown, viewport=WIDE, locale=language) as room:
            assert faults_in(room, ONE_OF_EACH_PAGE, look) == {}
    finally:
        shown.run(shown.speak(SOURCE_LANGUAGE))
