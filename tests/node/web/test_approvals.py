"""Drafts with sensitive fields: somebody else looks, and approves or rejects them."""

from __future__ import annotations

import pytest

from node.users.policy import Role
from tests.support.pages import BE, PagesUnderTest
from tests.support.referring import PASSPORT, add_case, ask, chosen, hidden, sent

REASON = "The border police ask for it."


@pytest.fixture
async def boss(web: PagesUnderTest) -> str:
    return await web.signed_in(Role.SUPERVISOR, "Berta")


async def asked(web: PagesUnderTest, token: str) -> str:
    """Ask for a second person; return the address of the draft."""
    case_id = await add_case(web)
    second = {"field": ["category", PASSPORT], "sensitive_reason": REASON}
    assert (await chosen(web, token, case_id, {}, second)).status == 303
    answer = await sent(web, token, case_id)
    assert answer.location.startswith("/approvals/")
    return answer.location


async def legs(web: PagesUnderTest) -> list:
    return (await ask(web, BE, "referral.list"))["referrals"]


async def test_a_second_person_sees_what_goes_and_sends_it_once(
    web: PagesUnderTest, anna: str, boss: str
) -> None:
    draft = await asked(web, anna)
    assert await legs(web) == []
    own = await web.get(draft, anna)
    assert "waits for a second person" in own.text
    assert "Approve, and send it" not in own.text
    assert '<span class="count">1</span>To approve' in (await web.get("/", boss)).text
    assert "Anna asks" in (await web.get("/approvals", boss)).text
    page = await web.get(draft, boss)
    for words in (REASON, "XX0000000", "Is she with her aunt?", "Sensitive fields"):
        assert words in page.text
    fields = hidden(page, f"{draft}/approve")
    one = await web.post(f"{draft}/approve", boss, fields)
    two = await web.post(f"{draft}/approve", boss, fields)
    assert one.location == two.location
    (leg,) = await legs(web)
    assert one.location == f"/referrals/{leg['leg']}"
    late = await web.post(f"{draft}/approve", boss, {"form_id": "another"})
    assert (late.status, "Somebody has decided this already." in late.text) == (422, True)
    assert "approved, <bdi>Berta</bdi>" in (await web.get(draft, anna)).text


async def test_nobody_approves_what_they_asked_for(web: PagesUnderTest, boss: str) -> None:
    draft = await asked(web, boss)
    page = await web.get(draft, boss)
    assert "You asked for this" in page.text
    assert "Approve, and send it" not in page.text
    refused = await web.post(f"{draft}/approve", boss, {"form_id": "x"})
    assert refused.status == 422
    assert "another person must decide" in refused.text
    assert await legs(web) == []


async def test_a_caseworker_approves_nothing(web: PagesUnderTest, anna: str, boss: str) -> None:
    draft = await asked(web, boss)
    assert (await web.post(f"{draft}/approve", anna, {"form_id": "x"})).status == 403
    assert (await web.post(f"{draft}/reject", anna, {"text": "no"})).status == 403
    assert await legs(web) == []


async def test_it_is_rejected_with_words(web: PagesUnderTest, anna: str, boss: str) -> None:
    draft = await asked(web, anna)
    empty = await web.post(f"{draft}/reject", boss, {"form_id": "a"})
    assert empty.status == 422
    assert 'href="#field-text"' in empty.text
    fields = {"form_id": "b", "text": "They need the name only."}
    assert (await web.post(f"{draft}/reject", boss, fields)).location == draft
    told = await web.get(draft, anna)
    assert "They need the name only." in told.text
    assert "Nothing waits for a second person." in (await web.get("/approvals", boss)).text
    assert await legs(web) == []


async def test_who_asked_takes_it_back(web: PagesUnderTest, anna: str) -> None:
    draft = await asked(web, anna)
    assert "Take it back" in (await web.get(draft, anna)).text
    await web.post(f"{draft}/reject", anna, {"form_id": "b", "text": "My mistake."})
    assert "rejected, <bdi>Anna</bdi>" in (await web.get(draft, anna)).text


async def test_a_draft_whose_case_has_changed_says_so_and_does_not_go(
    web: PagesUnderTest, anna: str, boss: str
) -> None:
    draft = await asked(web, anna)
    (row,) = (await ask(web, BE, "referral.approvals"))["approvals"]
    await ask(
        web, BE, "case.change", case_id=row["case_id"], set=["category=lost_injured_other"],
        remove=[], photos=[], reason="x",
    )  # fmt: skip
    page = await web.get(draft, boss)
    assert "A colleague has changed the case meanwhile." in page.text
    assert "Approve, and send it" not in page.text
    refused = await web.post(f"{draft}/approve", boss, {"form_id": "x"})
    assert refused.status == 422
    assert await legs(web) == []


async def test_a_draft_that_is_not_there(web: PagesUnderTest, boss: str) -> None:
    assert (await web.get(f"/approvals/{'0' * 32}", boss)).status == 404
