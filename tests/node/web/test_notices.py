"""A found notice as the organisation that holds a copy sees it: acknowledge, keep or erase."""

from __future__ import annotations

import pytest

from node.users.policy import Role
from tests.support.pages import BE, GR, PagesUnderTest
from tests.support.referring import add_case, arrives, ask, hidden, send, start


@pytest.fixture
async def anna(web: PagesUnderTest) -> str:
    await start(web)
    return await web.signed_in(Role.CASEWORKER, "Anna")


async def notified(web: PagesUnderTest) -> tuple[str, str]:
    """Let Greece refer a child and then find her; return both legs, as Belgium has them."""
    case_id = await add_case(web, GR)
    referral = await send(web, GR, BE, case_id)
    told = await ask(
        web, GR, "case.found", case_id=case_id, outcome="located_safe", told_to=["police"]
    )
    ((notice,),) = [[each["leg"] for each in told["told"]]]
    await arrives(web, notice)
    return referral, notice


async def acknowledge(web: PagesUnderTest, token: str, leg: str, **fields: object):
    page = await web.get(f"/referrals/{leg}", token)
    form_id = hidden(page, f"/referrals/{leg}")["form_id"]
    typed = {"form_id": form_id, "step": "acknowledge", **fields}
    return await web.post(f"/referrals/{leg}", token, typed)


async def holding(web: PagesUnderTest, referral: str) -> str:
    """Return what Greece knows of Belgium's copy."""
    leg = await web.cores[GR].legs.view(bytes.fromhex(referral))
    shown = await ask(web, GR, "case.holders", case_id=leg.row.case_id)
    (holder,) = shown["holders"]
    (copy,) = {each["copy"] for each in holder["holdings"]}
    return str(copy)


async def test_the_notice_asks_what_became_of_the_copy(web: PagesUnderTest, anna: str) -> None:
    _, notice = await notified(web)
    page = (await web.get(f"/referrals/{notice}", anna)).text
    assert 'name="copy"' in page
    assert 'name="kept_basis"' in page
    refused = await acknowledge(web, anna, notice)
    assert refused.status == 422
    assert '<a href="#field-copy">Something is missing here.</a>' in refused.text
    shown = await ask(web, BE, "referral.show", leg=notice)
    assert "acknowledge" not in [step["name"] for step in shown["steps"]]


async def test_a_notice_waits_to_be_acknowledged_and_a_referral_to_be_claimed(
    web: PagesUnderTest, anna: str
) -> None:
    _, notice = await notified(web)
    referral = await send(web, GR, BE, await add_case(web, GR))
    for leg, words in ((notice, "to be acknowledged"), (referral, "to be claimed")):
        assert f"It waits for us {words}" in (await web.get(f"/referrals/{leg}", anna)).text
        assert (await web.get("/", anna)).text.count(f"It waits for us {words}") == 1


async def test_a_copy_that_is_kept_needs_its_basis_and_what_was_typed_stays(
    web: PagesUnderTest, anna: str
) -> None:
    referral, notice = await notified(web)
    refused = await acknowledge(web, anna, notice, copy="kept", text="The court asks for it.")
    assert refused.status == 422
    assert '<a href="#field-kept_basis">Something is missing here.</a>' in refused.text
    assert "The court asks for it." in refused.text
    assert '<option value="kept" selected>' in refused.text
    kept = await acknowledge(web, anna, notice, copy="kept", kept_basis="legal_obligation")
    assert kept.location == f"/referrals/{notice}"
    await arrives(web, notice)
    assert "Testina" in (await web.get(f"/referrals/{referral}", anna)).text
    assert await holding(web, referral) == "kept"


async def test_a_copy_that_is_erased_is_gone_here_and_they_know(
    web: PagesUnderTest, anna: str
) -> None:
    referral, notice = await notified(web)
    assert "Testina" in (await web.get(f"/referrals/{referral}", anna)).text
    done = await acknowledge(web, anna, notice, copy="erased")
    assert done.location == f"/referrals/{notice}"
    await arrives(web, notice)
    after = (await web.get(f"/referrals/{referral}", anna)).text
    assert "Testina" not in after
    assert "What it said was erased." in after
    assert await holding(web, referral) == "erased"
    # Nobody does it twice.
    page = (await web.get(f"/referrals/{notice}", anna)).text
    assert 'value="acknowledge"' not in page


async def test_a_basis_without_a_copy_that_is_kept_is_refused_in_words(
    web: PagesUnderTest, anna: str
) -> None:
    referral, notice = await notified(web)
    refused = await acknowledge(web, anna, notice, copy="erased", kept_basis="legal_obligation")
    assert refused.status == 422
    assert "Nothing is kept. Leave this empty." in refused.text, refused.text[1500:]
    assert "Testina" in (await web.get(f"/referrals/{referral}", anna)).text


async def test_who_takes_calls_does_not_decide_about_the_copy(web: PagesUnderTest) -> None:
    await start(web)
    referral, notice = await notified(web)
    operator = await web.signed_in(Role.OPERATOR, "Olga")
    page = (await web.get(f"/referrals/{notice}", operator)).text
    assert 'value="acknowledge"' not in page
    sent = {"form_id": "x", "step": "acknowledge", "copy": "erased"}
    assert (await web.post(f"/referrals/{notice}", operator, sent)).status == 403
    shown = await ask(web, BE, "referral.show", leg=referral)
    assert shown["rows"]


async def test_a_look_out_is_acknowledged_without_a_word_on_copies(
    web: PagesUnderTest, anna: str
) -> None:
    alert = await send(web, GR, BE, await add_case(web, GR), kind="alert", field=["category"])
    page = (await web.get(f"/referrals/{alert}", anna)).text
    assert 'value="acknowledge"' in page
    assert 'name="copy"' not in page
    operator = await web.signed_in(Role.OPERATOR, "Olga")
    assert (await acknowledge(web, operator, alert)).location == f"/referrals/{alert}"
