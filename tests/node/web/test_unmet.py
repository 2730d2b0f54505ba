"""What may not go yet: all that is missing, and beside it what they would see."""

from __future__ import annotations

import dataclasses

from keys.members import TransferRegime
from protocol.ids import NodeId
from tests.support.pages import BE, GR, PagesUnderTest
from tests.support.referring import (
    NAMES,
    PASSPORT,
    add_case,
    ask,
    chosen,
    hidden,
    send,
    start,
)

FR = "fr.example"
WOULD = "It cannot go yet. They would see this:"


def admit_france(web: PagesUnderTest, **changes: object) -> None:
    """Add a member outside the EEA to the directory here."""
    trust = web.core.context.trust
    members = dict(trust.directory.members)
    record = {"node_id": NodeId(FR), "country": "FR", "legal_name": "Invented France"}
    outside = {"transfer_regime": TransferRegime.OTHER}
    members[NodeId(FR)] = dataclasses.replace(members[GR], **record, **outside, **changes)
    trust.directory = dataclasses.replace(trust.directory, members=members)


def view_of(text: str) -> str:
    """Return the part of a page that shows what the peer will see."""
    return text.partition('id="peer-view"')[2] or text


async def test_what_is_missing_stands_above_what_they_would_see(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    ticked = {"field": [PASSPORT, *NAMES]}
    refused = await chosen(web, anna, case_id, {"art6": "consent"}, ticked)
    assert refused.status == 422
    view = view_of(refused.text)
    missing, would = view.partition(WOULD)[::2]
    # Every rule at once, each at its field.
    assert "There are sensitive fields in it." in missing
    assert "the case holds no consent" in missing
    assert 'href="#field-sensitive_reason"' in missing
    assert f'href="/refer/{case_id}#field-art6"' in missing
    # The counter and the values, as they would arrive.
    assert "XX0000000" in would
    assert "Testina" in would
    assert "3 of " in would
    # The same where only the part is renewed.
    part = await web.post(f"/refer-what/{case_id}", anna, {"has_chosen": "yes", **ticked},
                          HX_Request="true")  # fmt: skip
    assert part.status == 200
    assert "XX0000000" in part.text.partition(WOULD)[2]


async def test_what_is_shown_of_it_cannot_be_sent(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    await chosen(web, anna, case_id, {}, {"field": [PASSPORT]})
    check = await web.get(f"/refer-check/{case_id}", anna)
    assert check.location == f"/refer-what/{case_id}"
    sent = await web.post(f"/refer-check/{case_id}", anna, {"form_id": "x", "seen": ""})
    assert not sent.location.startswith("/referrals/")
    assert (await ask(web, BE, "referral.list"))["referrals"] == []


async def test_when_all_rules_are_met_nothing_is_said_to_be_missing(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    await chosen(web, anna, case_id)
    page = await web.get(f"/refer-what/{case_id}", anna)
    assert WOULD not in page.text
    assert "Still missing" not in page.text


async def test_a_rule_against_one_of_several_is_said_of_that_one(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    admit_france(web)
    refused = await chosen(web, anna, case_id, {"to": [GR, FR]})
    view = view_of(refused.text)
    assert "It may not go to fr.example." in view
    assert view.count(WOULD) == 1
    assert view.count("2 files") == 0
    both = await chosen(web, anna, case_id, {"to": [GR, FR], "art6": "consent"})
    view = view_of(both.text)
    # What stands against both is said once; what stands against one, of that one.
    assert view.partition("</section>")[0].count("the case holds no consent") == 1
    assert "It may not go to fr.example." in view
    assert "It may not go to gr.example." not in view
    assert view.count(WOULD) == 2
    derogation = {"derogation": "public_interest"}
    taken = await chosen(web, anna, case_id, {"to": [GR, FR]}, derogation)
    assert taken.location == f"/refer-check/{case_id}"


async def test_who_looks_at_what_may_not_go_is_written_down(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    await chosen(web, anna, case_id, {}, {"field": [PASSPORT]})
    seen = (await ask(web, BE, "audit.accesses"))["accesses"]
    assert ("Anna", case_id) in {
        (each["who"], each["subject"]) for each in seen if each["action"] == "referral.unmet"
    }


async def test_a_step_shows_both_as_well(web: PagesUnderTest, anna: str) -> None:
    await start(web)
    leg = await send(web, BE, GR, await add_case(web))
    path = f"/referrals/{leg}/part/note"
    ticked = {"has_chosen": "yes", "field": [PASSPORT], "text": "See.", "to_page": "third"}
    refused = await web.post(path, anna, {**ticked, "art6": "consent"})
    missing, would = view_of(refused.text).partition(WOULD)[::2]
    assert "There are sensitive fields in it." in missing
    assert "the case holds no consent" in missing
    assert "XX0000000" in would
    before = len((await ask(web, BE, "referral.show", leg=leg))["steps"])
    check = await web.get(f"/referrals/{leg}/check/note", anna)
    assert check.location == path
    assert len((await ask(web, BE, "referral.show", leg=leg))["steps"]) == before
    reasons = {"art6": "public_task", "sensitive_reason": "They ask for it."}
    taken = await web.post(path, anna, {**ticked, **reasons})
    assert taken.location == f"/referrals/{leg}/check/note"
    assert hidden(await web.get(taken.location, anna))["seen"]
