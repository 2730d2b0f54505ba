"""What takes two people at one node, through the pages of running nodes."""

from __future__ import annotations

from itertools import count

import pytest
from playwright.sync_api import Browser

from tests.e2e.pages import BE, GR, Offices, enters

NUMBERS = count(1)


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
