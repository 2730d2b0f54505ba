"""The pages with the keyboard alone: no pointer, and nothing that a script moves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.pages import BE, GR, Offices, enters
from tests.support.keyboard import Hands

pytestmark = pytest.mark.thorough

DELIVERED = "Delivered: their node's receipt is here."
# Date of birth, in the language of those who will read it.
BORN = "Ημερομηνία γέννησης"


def sits_down(browser: Browser, offices: Offices, node: str, role: str) -> Hands:
    """Let somebody come who signs in with the keyboard."""
    # What fades in is seen at once.
    hands = Hands.of(enters(browser, offices, node, role, reduced_motion="reduce"))
    hands.follow("I have them: go to my desk", "What must I do now")
    hands.follow("Sign out", "Sign in")
    hands.follow("Use my passkey", "What must I do now")
    return hands


def test_a_case_is_opened_referred_answered_and_closed_with_the_keyboard_alone(
    browser: Browser, offices: Offices
) -> None:
    anna = sits_down(browser, offices, BE, "caseworker")
    nikos = sits_down(browser, offices, GR, "caseworker")
    opens_case(anna)
    leg = refers(anna)
    answers(nikos, leg)
    ends(anna, leg)
    for hands in (anna, nikos):
        assert hands.person.faults == []
        hands.person.context.close()


def opens_case(anna: Hands) -> None:
    anna.follow("Cases", "Cases")
    anna.write("Name in any script, telephone or reference number, date of birth", "Marta Probova")
    anna.enter("Cases")
    anna.follow("None of them: open a new case", "Open a case")
    anna.write("Given name", "Marta")
    anna.write("Family name", "Probova")
    anna.choose("Sex", "Female")
    anna.write("Date of birth: Day", "45")
    anna.write("Date of birth: Month", "5")
    anna.write("Date of birth: Year", "2012")
    anna.choose("Category", "Runaway")
    anna.follow("Open the case", "This could not be done")
    # What is wrong is where one is, and leads to its field, in which it still stands.
    assert anna.is_on("#faults")
    anna.press("Tab", "Enter")
    assert (anna.name(), anna.value()) == ("Date of birth: Day", "45")
    anna.press("Control+A")
    anna.type("17")
    anna.follow("Open the case", "Marta Probova")


def refers(anna: Hands) -> str:
    page = anna.person.page
    anna.follow("Refer this case", "Whom do you ask")
    anna.walk("Tracing request")
    anna.press("ArrowUp")
    anna.turn_to("Tracing request")
    anna.go("Greece", "Space")
    # The page puts in when they answer; nobody is taken elsewhere by it.
    expect(page.locator("#reply-view")).to_contain_text("When they answer")
    assert anna.name().startswith("Greece")
    anna.write("What do you ask, in one sentence?", "Have you seen her?")
    anna.choose("Do the police know?", "Police informed, reference known")
    anna.follow("Go on: what to share", "What do they need to know?")
    anna.walk("Date of birth")
    anna.press("Space")
    expect(page.locator("#peer-view")).not_to_contain_text(BORN)
    assert anna.name().startswith("Date of birth")
    anna.press("Space")
    expect(page.locator("#peer-view")).to_contain_text(BORN)
    assert anna.name().startswith("Date of birth")
    anna.follow("Go on: check and send", "Check, and send")
    anna.follow("Send now", "What happened")
    leg = page.url.rpartition("/")[2]
    anna.person.waits_for(f"/referrals/{leg}", DELIVERED)
    anna.go("Show the proof")
    return leg


def answers(nikos: Hands, leg: str) -> None:
    nikos.person.waits_for("/", "New: nobody here has claimed them")
    # Other referrals may wait there, too.
    nikos.walk("Tracing request", f"a[href$='{leg}']")
    nikos.enter("What you can do now")
    nikos.walk("Who can be called")
    nikos.follow("Claim it: I answer for it", "What happened")
    nikos.write("Our case number", "GR-1")
    nikos.follow("Accept", "What happened")
    nikos.choose("Outcome", "Located, safe")
    nikos.walk("When")
    nikos.type("11202026")
    nikos.press("ArrowRight")
    nikos.type("1030AM")
    assert nikos.value() == "2026-11-20T10:30"
    nikos.choose("Found by", "Police")
    nikos.choose("How the child is", "Well")
    nikos.choose("Was the authority told?", "Police")
    nikos.go("Police only", "Space")
    nikos.follow("Report the outcome", "What happened")


def ends(anna: Hands, leg: str) -> None:
    # The page has put in by itself what Greece did: one is where one was, and it is still open.
    expect(anna.person.page.locator("ol.thread")).to_contain_text("Located, safe")
    assert anna.name() == "Show the proof"
    assert anna.is_on("details[open] > summary")
    anna.person.waits_for(f"/referrals/{leg}", "outcome reported, to be confirmed")
    anna.follow("Confirm the outcome", "What happened")
    assert "closed" in anna.person.reads()
    anna.follow("Our case", "Marta Probova")
    anna.go("More")
    anna.follow("Close or cancel the case", "Close or cancel the case")
    anna.choose("Outcome", "Located, safe")
    anna.follow("Close it and tell them", "Who has what")


def test_the_content_is_one_key_away_and_the_screen_is_hidden_by_another(
    browser: Browser, offices: Offices
) -> None:
    anna = sits_down(browser, offices, BE, "caseworker")
    page = anna.person.page
    anna.person.goes("/cases")
    anna.press("Tab")
    assert anna.name() == "Skip to the content"
    assert anna.is_seen()
    anna.press("Enter", "Tab")
    assert anna.is_on("main *")
    anna.press("Shift+Tab")
    assert anna.is_on("header *")
    anna.write("Name in any script, telephone or reference number, date of birth", "Marta")
    anna.press("Shift", "Shift", "Shift")
    expect(page.get_by_text("Hidden. Press Escape to go on.")).to_be_visible()
    # What is covered cannot be reached or typed into, and is no longer read out.
    anna.type("abc")
    anna.press("Tab", "Tab")
    assert not anna.is_on("main *, header *")
    anna.press("Escape")
    expect(page.get_by_text("Hidden. Press Escape to go on.")).to_be_hidden()
    assert (anna.is_on("#field-q"), anna.value()) == (True, "Marta")
    anna.person.context.close()
