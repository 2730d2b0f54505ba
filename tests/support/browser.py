"""A real browser, and people who use the pages in it: acts in their words."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
PATIENCE_MS = 10_000
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium; a test without one is skipped, and says so."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        if os.environ.get(REQUIRED_VARIABLE):
            pytest.fail("Chromium is not installed, and it is required here")
        pytest.skip("Chromium is not installed (apt-get install chromium): pages not tried")
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

    # --- looking

    def sees(self, heading: str) -> None:
        self.page.get_by_role("heading", name=heading).first.wait_for(timeout=PATIENCE_MS)

    def reads(self) -> str:
        return self.page.locator("main").inner_text()

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follows(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    # --- cases

    def searches(self, text: str) -> None:
        self.goes("/cases")
        self.page.get_by_role("searchbox").fill(text)
        self.presses("Search")

    def opens_case(self, given: str, family: str) -> str:
        """Open a case after a search that finds nobody; return its id."""
        self.searches(f"{given} {family}")
        self.follows("None of them: open a new case")
        self.page.locator("[name='children[c1].names[0].given']").fill(given)
        self.page.locator("[name='children[c1].names[0].family']").fill(family)
        self.page.locator("[name='category']").select_option("runaway")
        self.page.locator("[name='children[c1].sex']").select_option("female")
        self.presses("Open the case")
        self.sees(given)
        return self.page.url.partition("/cases/")[2]

    # --- referrals

    def refers(self, case_id: str, peer: str, ask: str) -> str:
        """Refer a case in three steps; return the leg."""
        self.goes(f"/refer/{case_id}")
        self.page.locator(f"input[name=to][value='{peer}']").check()
        self.page.locator("[name=ask]").fill(ask)
        self.page.locator("[name=police_informed]").select_option("with_reference")
        self.presses("Go on: what to share")
        self.presses("Go on: check and send")
        self.presses("Send now")
        self.sees("What happened")
        return self.page.url.rpartition("/")[2]

    def asks_for_sensitive(self, case_id: str, peer: str, ask: str, field: str, why: str) -> str:
        """Refer a case with a sensitive field; return the draft that waits."""
        self.goes(f"/refer/{case_id}")
        self.page.locator(f"input[name=to][value='{peer}']").check()
        self.page.locator("[name=ask]").fill(ask)
        self.page.locator("[name=police_informed]").select_option("with_reference")
        self.presses("Go on: what to share")
        self.page.locator(f"input[name=field][value='{field}']").check()
        self.page.locator("[name=sensitive_reason]").fill(why)
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
            place = part.locator(f"[name={name}]").first
            if place.evaluate("each => each.tagName") == "SELECT":
                place.select_option(value)
            else:
                place.fill(value)
        part.get_by_role("button", name=words, exact=True).click()
        self.sees("What happened")

    def waits_for(self, path: str, text: str, seconds: float = 15.0) -> None:
        """Look again until a page says something."""
        deadline = time.monotonic() + seconds
        while True:
            self.goes(path)
            if text in self.reads():
                return
            assert time.monotonic() < deadline, f"{path} does not say {text!r}:\n{self.reads()}"


def somebody(browser: Browser, origin: str, *, has_scripts: bool = True, **more) -> Person:
    """Open a browser window for a person; faults of its scripts are kept."""
    context = browser.new_context(java_script_enabled=has_scripts, **more)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    person = Person(context, page, origin)
    page.on("pageerror", lambda error: person.faults.append(str(error)))
    page.on(
        "console",
        lambda line: (
            person.faults.append(line.text) if "Content Security Policy" in line.text else None
        ),
    )
    return person
