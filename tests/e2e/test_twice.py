"""Nothing is done twice, and nothing typed is lost: impatience, the back button, a stopped node."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route

from tests.e2e.pages import BE, GR, Offices, enters
from tests.support.browser import Person
from tests.support.processes import soon

pytestmark = pytest.mark.thorough

BOTH = pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no scripts"])
WORDS = "What we know is that she likes trains."


def referrals_of(person: Person, case_id: str) -> int:
    """Return how many referrals the page of a case shows."""
    person.goes(f"/cases/{case_id}?tab=referrals")
    return person.page.locator("main tbody tr").count()


@BOTH
def test_an_impatient_hand_and_the_back_button_send_one_referral(
    browser: Browser, offices: Offices, has_scripts: bool
) -> None:
    anna = enters(browser, offices, BE, "caseworker", has_scripts=has_scripts)
    case_id = anna.opens_case("Doppia" if has_scripts else "Zweifach", "Volta")
    anna.chooses(case_id, GR, "Have you seen her?")
    anna.presses("Go on: check and send")
    anna.page.wait_for_url("**/refer-check/**")
    checked = anna.page.content()
    anna.page.get_by_role("button", name="Send now").dblclick()
    anna.sees("What happened")
    sent = anna.page.url
    assert referrals_of(anna, case_id) == 1
    # A browser that shows the page of before, and does not ask for it again.
    address = f"{anna.origin}/refer-check/{case_id}"
    anna.page.route(address, lambda route: goes_back(route, checked))
    anna.page.goto(address)
    anna.presses("Send now")
    anna.sees("What happened")
    assert anna.page.url == sent
    assert referrals_of(anna, case_id) == 1
    anna.context.close()


def goes_back(route: Route, page: str) -> None:
    """Answer with the page of before; what is sent goes to the node."""
    if route.request.method == "GET":
        route.fulfill(body=page, content_type="text/html; charset=utf-8")
    else:
        route.continue_()


@BOTH
def test_an_impatient_hand_opens_one_case(
    browser: Browser, offices: Offices, has_scripts: bool
) -> None:
    anna = enters(browser, offices, BE, "caseworker", has_scripts=has_scripts)
    family = "Eenmaal" if has_scripts else "Enkel"
    anna.searches(f"Unica {family}")
    anna.follows("None of them: open a new case")
    anna.sets("children[c1].names[0].given", "Unica")
    anna.sets("children[c1].names[0].family", family)
    anna.sets("category", "runaway")
    anna.page.get_by_role("button", name="Open the case").dblclick()
    anna.sees(f"Unica {family}")
    anna.searches(f"Unica {family}")
    assert "1 hit" in anna.reads()
    anna.context.close()


def test_what_was_typed_is_there_again_when_the_node_was_stopped_meanwhile(
    browser: Browser, offices: Offices
) -> None:
    anna = enters(browser, offices, BE, "caseworker")
    case_id = anna.opens_case("Vera", "Halte")
    leg = anna.refers(case_id, GR, "Have you seen her?")
    beside, kept = anna.beside(), []
    beside.page.on("response", lambda found: kept.append(found.status))
    beside.goes(f"/refer/{case_id}")
    anna.goes(f"/referrals/{leg}")
    with anna.page.expect_response("**/drafts"):
        anna.sets("text", WORDS)
    with offices.without(BE):
        anna.page.locator("details[open] > form button").click()
        anna.page.wait_for_url("chrome-error://**")
        with beside.page.expect_event("requestfailed"):
            beside.sets("ask", WORDS)
    # The page tries again; each look lets in what the browser tells.
    soon(lambda: beside.page.title() and 204 in kept)
    beside.goes(f"/refer/{case_id}")
    assert beside.page.locator("[name=ask]").input_value() == WORDS
    anna.goes(f"/referrals/{leg}")
    assert anna.page.locator("details[open] [name=text]").input_value() == WORDS
    anna.makes_step(leg, "Write a note to them")
    assert anna.reads().count(WORDS) == 1
    anna.context.close()
