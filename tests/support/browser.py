"""A real browser, and people who use the pages in it: acts in their words."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.support.pages import PASSWORD

REQUIRED_VARIABLE = "HOMEWARD_REQUIRE_E2E"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def chromium() -> str:
    """Return where Chromium is; a test without one is skipped, and says so."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        if os.environ.get(REQUIRED_VARIABLE):
            pytest.fail("Chromium is not installed, and it is required here")
        pytest.skip("Chromium is not installed (apt-get install chromium): pages not tried")
    return path


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium; a test without one is skipped, and says so."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Person:
    """Somebody at one node, in a browser of their own."""

    context: BrowserContext
    page: Page
    origin: str
    has_scripts: bool = True
    secret: str = ""
    faults: list[str] = field(default_factory=list)

    # --- coming and going

    def goes(self, path: str) -> None:
        self.page.goto(f"{self.origin}{path}")

    def sets_up_passkey(self, link: str) -> None:
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.page.goto(link)
        self.page.get_by_role("button", name="Make a passkey").click()
        self.sees("Your recovery codes")

    def sets_up_password(self, link: str) -> None:
        self.page.goto(link)
        self.secret = self.page.locator("code.secret").inner_text()
        self.page.locator("#field-password").fill(PASSWORD)
        self.page.locator("#field-again").fill(PASSWORD)
        self.page.locator("#field-code").fill(self.code())
        self.page.get_by_role("button", name="Set up").click()
        self.sees("Your recovery codes")

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(int(time.time()))

    def signs_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        self.sees("Sign in")

    def beside(self) -> Person:
        """Open another page in the same browser."""
        return _sitting(self.context, self.origin, has_scripts=self.has_scripts)

    # --- looking

    def sees(self, heading: str) -> None:
        self.page.get_by_role("heading", name=heading).first.wait_for(timeout=PATIENCE_MS)

    def reads(self) -> str:
        return self.page.locator("main").inner_text()

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follows(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    # --- forms

    def sets(self, name: str, value: str, *, is_ticked: bool = True) -> None:
        """Fill in a field of the page, or tick the box that has this value."""
        _set(self.page.locator("main"), name, value, is_ticked=is_ticked)

    # --- cases

    def searches(self, text: str) -> None:
        self.goes("/cases")
        self.page.get_by_role("searchbox").fill(text)
        self.presses("Search")

    def opens_case(self, given: str, family: str, photo: Path | None = None, **more: str) -> str:
        """Open a case after a search that finds nobody; return its id."""
        self.searches(f"{given} {family}")
        self.follows("None of them: open a new case")
        self.sets("children[c1].names[0].given", given)
        self.sets("children[c1].names[0].family", family)
        self.sets("category", "runaway")
        self.sets("children[c1].sex", "female")
        for name, value in more.items():
            self.sets(name, value)
        if photo is not None:
            self.page.locator("[name=photos]").set_input_files(photo)
        self.presses("Open the case")
        self.sees(given)
        return self.page.url.partition("/cases/")[2]

    def changes(self, case_id: str, section: str, **fields: str) -> None:
        """Change a part of a case."""
        self.goes(f"/edit/{section}/{case_id}")
        for name, value in fields.items():
            self.sets(name, value)
        self.sets("reason", "a friend of hers rang")
        self.presses("Save as a new version")
        self.page.wait_for_url("**/cases/**")

    # --- referrals

    def chooses(self, case_id: str, peer: str, ask: str, **more: str) -> None:
        """Say whom one asks, and what; the next page is what to share."""
        self.goes(f"/refer/{case_id}")
        self.sets("to", peer)
        self.sets("ask", ask)
        self.sets("police_informed", "with_reference")
        for name, value in more.items():
            self.sets(name, value)
        self.presses("Go on: what to share")
        self.sees("What do they need to know?")

    def sends(self, *shown: str, hidden: tuple[str, ...] = ()) -> str:
        """Look at what they will see, and send it; return the leg."""
        view = self.page.locator("#peer-view")
        if not self.has_scripts:
            self.presses("Show again what they will see")
        for text in shown:
            expect(view).to_contain_text(text)
        self.presses("Go on: check and send")
        self.sees("Exactly what they will see")
        self.page.wait_for_url("**/refer-check/**")
        for text in shown:
            assert text in self.reads()
        for text in hidden:
            assert text not in self.reads()
        self.presses("Send now")
        self.sees("What happened")
        return self.page.url.rpartition("/")[2]

    def refers(self, case_id: str, peer: str, ask: str) -> str:
        """Refer a case in three steps; return the leg."""
        self.chooses(case_id, peer, ask)
        return self.sends()

    def asks_for_sensitive(self, case_id: str, peer: str, ask: str, field: str, why: str) -> str:
        """Refer a case with a sensitive field; return the draft that waits."""
        self.chooses(case_id, peer, ask)
        self.sets("field", field)
        self.sets("sensitive_reason", why)
        self.presses("Go on: check and send")
        self.presses("Ask a second person to approve it")
        self.sees("waits for a second person")
        return self.page.url.rpartition("/")[2]

    def takes_into_new_case(self, leg: str) -> str:
        """Take what a peer told with its referral into a case of one's own; return the case."""
        self.goes(f"/referrals/{leg}")
        self.page.get_by_role("link", name="Take it into a case").first.click()
        self.page.locator("input[name=into][value=new]").check()
        self.presses("Take what is ticked")
        self.page.wait_for_url("**/cases/**")
        return self.page.url.partition("/cases/")[2]

    def makes_step(self, leg: str, words: str, **fields: str) -> None:
        """Make a step of a referral: open its form, fill it in, send it."""
        self.goes(f"/referrals/{leg}")
        part = self.page.locator("details", has=self.page.get_by_text(words, exact=True)).first
        if part.get_attribute("open") is None:
            part.locator("summary").click()
        for name, value in fields.items():
            _set(part, name, value)
        part.get_by_role("button", name=words, exact=True).click()
        self.sees("What happened")

    # --- evidence

    def drops_bundle(self, bundle: Path) -> None:
        """Drop a file on the field for it, as from a folder of the desktop, and have it checked."""
        self.goes("/audit")
        box = self.page.locator("#field-bundle").bounding_box()
        assert box is not None
        session = self.context.new_cdp_session(self.page)
        held = {"items": [], "files": [str(bundle)], "dragOperationsMask": 1}
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "data": held}
        for move in ("dragEnter", "dragOver", "drop"):
            session.send("Input.dispatchDragEvent", {"type": move, **place})
        self.presses("Check it")
        self.page.get_by_role("heading", name="Audit").wait_for()

    def waits_for(self, path: str, text: str, seconds: float = PATIENCE_MS / 1000) -> None:
        """Look again until a page says something."""
        deadline = time.monotonic() + seconds
        while True:
            self.goes(path)
            if text in self.reads():
                return
            assert time.monotonic() < deadline, f"{path} does not say {text!r}:\n{self.reads()}"


def _set(part: Locator, name: str, value: str, *, is_ticked: bool = True) -> None:
    place = part.locator(f"[name='{name}']").first
    kind = str(place.evaluate("each => each.type"))
    if kind in ("checkbox", "radio"):
        place = part.locator(f"[name='{name}'][value='{value}']")
    folded = place.locator("xpath=ancestor::details[not(@open)]")
    while folded.count():
        folded.first.locator("> summary").click()
    if kind in ("checkbox", "radio"):
        place.set_checked(is_ticked)
    elif kind == "select-one":
        place.select_option(value)
    else:
        place.fill(value)


def somebody(browser: Browser, origin: str, *, has_scripts: bool = True, **more) -> Person:
    """Open a browser window for a person; faults of its scripts are kept."""
    context = browser.new_context(java_script_enabled=has_scripts, **more)
    return _sitting(context, origin, has_scripts=has_scripts)


def _sitting(context: BrowserContext, origin: str, *, has_scripts: bool) -> Person:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    person = Person(context, page, origin, has_scripts=has_scripts)
    page.on("pageerror", lambda error: person.faults.append(str(error)))
    page.on(
        "console",
        lambda line: (
            person.faults.append(line.text) if "Content Security Policy" in line.text else None
        ),
    )
    return person
