"""Pictures of every page of the gallery, light and dark, and some on a narrow screen.

`make screenshots` runs it; with --keep it renews those that stand in the README, and no other.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.support.browser import running_browser
from tests.support.exhibition import Exhibition, open_exhibition
from tests.support.gallery import PICTURES
from tests.support.processes import REPOSITORY
from tests.support.room import open_room

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}
SMALL = ("desk-anna", "cases-found", "case-about", "refer-what", "referral-asked", "sign-in")
# In the order in which they stand in the README.
KEPT = ("desk-anna", "case-about", "refer-what", "referral-asked", "peers")
FOLDER = REPOSITORY / ".screenshots"
KEPT_FOLDER = REPOSITORY / "deploy" / "pictures"
KEPT_HEIGHT = 900
COLOURS = 192


def main() -> None:
    """Make the pictures."""
    with (
        tempfile.TemporaryDirectory() as homes,
        open_exhibition(Path(homes)) as shown,
        running_browser() as browser,
    ):
        if "--keep" in sys.argv[1:]:
            keep(browser, shown)
            return
        for scheme in ("light", "dark"):
            take(browser, shown, f"{scheme}-1280", WIDE, color_scheme=scheme)
        take(browser, shown, "light-320", NARROW, SMALL, color_scheme="light")


def take(
    browser: Browser,
    shown: Exhibition,
    name: str,
    viewport: dict[str, int],
    only: tuple[str, ...] = (),
    **options: str,
) -> None:
    """Make the pictures of one kind, in a folder of its own."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    with open_room(browser, shown, viewport=viewport, reduced_motion="reduce", **options) as room:
        chosen = [each for each in PICTURES if not only or each.name in only]
        for each in chosen:
            page, _ = room.open(each)
            # So high that nothing has to be scrolled: what sticks to the edge stands at the end.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({**viewport, "height": max(height, viewport["height"])})
            page.screenshot(path=folder / f"{each.name}.png", full_page=True)
            page.set_viewport_size(viewport)
    print(f"{len(chosen)} pictures in {folder.relative_to(REPOSITORY)}")


def keep(browser: Browser, shown: Exhibition) -> None:
    """Renew the pictures that stand in the README, with few colours."""
    KEPT_FOLDER.mkdir(parents=True, exist_ok=True)
    with open_room(browser, shown, viewport=WIDE, color_scheme="light") as room:
        for each in (each for each in PICTURES if each.name in KEPT):
            page, _ = room.open(each)
            page.set_viewport_size({**WIDE, "height": KEPT_HEIGHT})
            picture = Image.open(io.BytesIO(page.screenshot()))
            few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(KEPT_FOLDER / f"{each.name}.png", optimize=True)


if __name__ == "__main__":
    main()
