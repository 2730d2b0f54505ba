"""A browser at the nodes of an exhibition: for each person a window in which they are signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, Response

from node.web.visit import COOKIE
from tests.support.exhibition import BE, Exhibition

PATIENCE_MS = 10_000
NOBODY, LOCKED = "nobody", "Otto"
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
_ID = re.compile(r"\{(\w+)\}")


@dataclass
class Room:
    """A browser at the nodes: for each person a window of their own."""

    browser: Browser
    shown: Exhibition
    options: dict[str, Any]
    windows: dict[tuple[str, str], Page] = field(default_factory=dict)

    def window(self, node: str, who: str) -> Page:
        """Return the window in which somebody is signed in."""
        if (node, who) not in self.windows:
            context = self.browser.new_context(**self.options)
            if who != NOBODY:
                token = self.shown.run(self.shown.sign_in(node, who, is_locked=who == LOCKED))
                cookie = {"name": COOKIE, "value": token, "secure": True, "httpOnly": True}
                context.add_cookies([{**cookie, "domain": "localhost", "path": "/"}])
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            self.windows[node, who] = page
        return self.windows[node, who]

    def post(self, node: str, who: str, path: str, fields: dict[str, Any]) -> None:
        """Send a form as somebody, without looking at what comes back."""
        address = f"{self.shown.origins[node]}{self.path(path)}"
        self.window(node, who).request.post(
            address, data=urlencode(fields, doseq=True), headers=_FORM, max_redirects=0
        )

    def path(self, template: str) -> str:
        """Return an address with the ids in it."""
        return ids_in(template, self.shown.ids)

    def open(self, each: Picture) -> tuple[Page, int]:
        """Open a page as it is to be seen; return it and the status with which it came."""
        page = self.window(each.node, each.who)
        page.emulate_media(media="print" if each.is_paper else "screen")
        if each.before is not None:
            each.before(self)
        response = page.goto(f"{self.shown.origins[each.node]}{self.path(each.path)}")
        if each.act is not None:
            response = each.act(self, page) or response
        assert response is not None
        return page, response.status


Act = Callable[[Room, Page], Response | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One page: what it is called, who looks, where, and what they do there."""

    name: str
    who: str
    path: str
    node: str = BE
    before: Callable[[Room], None] | None = None
    act: Act | None = None
    status: int = 200
    is_paper: bool = False
    """Whether it is looked at as it is printed."""


@contextmanager
def open_room(browser: Browser, shown: Exhibition, **options: Any) -> Iterator[Room]:
    """Open the windows of a gallery; `options` as for a browser's context."""
    room = Room(browser, shown, options)
    try:
        yield room
    finally:
        for page in room.windows.values():
            page.context.close()


def ids_in(template: str, ids: Mapping[str, str]) -> str:
    """Return an address with ids in the place of their names: "/cases/{girl}"."""
    return _ID.sub(lambda found: ids[found[1]], template)
