"""The story through the pages of running nodes, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from node.home import UNLOCK_VARIABLE
from tests.e2e.pages import Offices, running_offices
from tests.support.browser import Person, running_browser, somebody
from tests.support.nodes import PASSPHRASE

NUMBERS = count(1)
BE, GR = "be.example", "gr.example"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as found:
        yield found


@pytest.fixture(scope="module")
def offices(tmp_path_factory, cache: Path) -> Iterator[Offices]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(UNLOCK_VARIABLE, PASSPHRASE.decode())
        with running_offices(tmp_path_factory.mktemp("offices"), cache) as found:
            yield found


def enters(
    browser: Browser, offices: Offices, node: str, role: str, *, has_scripts: bool, **more
) -> Person:
    name = f"{role} {next(NUMBERS)}"
    person = somebody(browser, offices.origins[node], has_scripts=has_scripts, **more)
    link = offices.invites(node, name, role)
    if has_scripts:
        person.sets_up_passkey(link)
    else:
        person.sets_up_password(link)
    return person


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_case_is_opened_referred_answered_and_closed(
    browser: Browser, offices: Offices, has_scripts: bool
) -> None:
    anna = enters(browser, offices, BE, "caseworker", has_scripts=has_scripts)
    nikos = enters(browser, offices, GR, "caseworker", has_scripts=has_scripts)
    given = "Ines" if has_scripts else "Olena"
    case_id = anna.opens_case(given, "Vandenberg" if has_scripts else "Zaporizka")
    leg = anna.refers(case_id, GR, "Is she with her aunt?")
    anna.waits_for(f"/referrals/{leg}", "delivered, nobody has opened it yet")
    nikos.goes("/")
    assert "New: nobody here has claimed them" in nikos.reads()
    nikos.makes_step(leg, "Claim it: I answer for it", contact="Nikos", telephone="+302105550100")
    nikos.makes_step(leg, "Accept", case_number="GR-1")
    nikos.makes_step(leg, "Ask a question", text="What does she wear?")
    anna.waits_for(f"/referrals/{leg}", "What does she wear?")
    anna.makes_step(leg, "Answer a question", text="A yellow jacket.")
    nikos.waits_for(f"/referrals/{leg}", "A yellow jacket.")
    nikos.makes_step(
        leg, "Report the outcome", outcome="located_safe", happened_at_ms="2026-11-20T10:30",
        found_by="police", condition="well", authority_told="police",
    )  # fmt: skip
    anna.waits_for(f"/referrals/{leg}", "outcome reported, to be confirmed")
    anna.makes_step(leg, "Confirm the outcome")
    assert "closed" in anna.reads()
    nikos.waits_for(f"/referrals/{leg}", "closed")
    assert given in nikos.reads()
    for person in (anna, nikos):
        assert person.faults == []
        person.signs_out()
        person.context.close()


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_sensitive_field_goes_by_two_people_and_is_taken_into_a_case_there(
    browser: Browser, offices: Offices, has_scripts: bool
) -> None:
    anna = enters(browser, offices, BE, "caseworker", has_scripts=has_scripts)
    berta = enters(browser, offices, BE, "supervisor", has_scripts=has_scripts)
    nikos = enters(browser, offices, GR, "caseworker", has_scripts=has_scripts)
    given = "Milena" if has_scripts else "Solveig"
    case_id = anna.opens_case(given, "Petrovicova" if has_scripts else "Lindqvist")
    number = f"XX{next(NUMBERS):07}"
    offices.changes(BE, case_id, f"children[c1].identity_documents[+].number={number}")
    passport = "children.identity_documents.number"
    draft = anna.asks_for_sensitive(case_id, GR, "Did she cross?", passport, "The border asks.")
    berta.goes("/")
    berta.page.get_by_role("link", name="To approve by a second person").click()
    berta.goes(f"/approvals/{draft}")
    assert number in berta.reads()
    berta.presses("Approve, and send it")
    berta.sees("What happened")
    leg = berta.page.url.rpartition("/")[2]
    berta.waits_for(f"/referrals/{leg}", "delivered, nobody has opened it yet")
    taken = nikos.takes_into_new_case(leg)
    assert taken.startswith(GR)
    assert given in nikos.reads()
    nikos.goes(f"/referrals/{leg}")
    assert nikos.page.get_by_role("link", name="Our case").get_attribute("href") == (
        f"/cases/{taken}"
    )
    for person in (anna, berta, nikos):
        assert person.faults == []
        person.context.close()


# With the id of a case behind each.
OF_A_CASE = (
    "/cases/", "/found/", "/close/", "/correct/", "/hold/", "/edit/case/", "/edit/legal_situation/",
    "/print/dossier/", "/print/poster/", "/print/hague/", "/print/yellow/",
)  # fmt: skip
TABS = ("timeline", "referrals", "persons", "files", "clocks", "holders")
PAGES = ("/", "/cases", "/referrals", "/peers", "/own", "/help", "/people")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault_of_accessibility(
    browser: Browser, offices: Offices, scheme: str
) -> None:
    boss = enters(browser, offices, BE, "supervisor", has_scripts=True, color_scheme=scheme)
    case_id = boss.opens_case(f"Marta{scheme}", "Kowalskaya")
    leg = boss.refers(case_id, GR, "Have you seen her?")
    more = (
        f"/cases/{case_id}", f"/refer/{case_id}", f"/referrals/{leg}", f"/edit/children/{case_id}",
        "/new-case", "/approvals", f"/referrals/{leg}/part/note",
    )  # fmt: skip
    cases = [f"{path}{case_id}" for path in (*OF_A_CASE, "/erase/")]
    tabs = [f"/cases/{case_id}?tab={tab}" for tab in TABS]
    for path in (*PAGES, *more, *cases, *tabs):
        boss.goes(path)
        found = Axe().run(boss.page)
        faults = [
            (each["id"], each["nodes"][0]["html"][:120]) for each in found.response["violations"]
        ]
        assert faults == [], path
    boss.context.close()


def test_a_narrow_screen_loses_nothing(browser: Browser, offices: Offices) -> None:
    viewport = {"width": 320, "height": 640}
    anna = enters(browser, offices, BE, "caseworker", has_scripts=True, viewport=viewport)
    case_id = anna.opens_case("Testa", "Smalova")
    cases = [f"{path}{case_id}" for path in OF_A_CASE]
    tabs = [f"/cases/{case_id}?tab={tab}" for tab in TABS]
    for path in ("/", "/cases", f"/refer/{case_id}", "/referrals", *cases, *tabs):
        anna.goes(path)
        wide = anna.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= viewport["width"], path
    anna.context.close()
