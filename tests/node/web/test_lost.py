"""What could not be delivered: on the desk and on the referral's page, until they are told."""

from __future__ import annotations

import pytest

from node.users.policy import Role
from protocol import limits
from tests.support.nodes import endpoint_of, until
from tests.support.pages import BE, GR, PagesUnderTest
from tests.support.referring import add_case, ask, claim_and_accept, hidden, send, start

DAY_MS = 24 * 3600 * 1000
LOST = "Could not be delivered: telephone"


async def open_leg(web: PagesUnderTest, node: str, to: str) -> str:
    """Refer a case that lives for long, and let it be taken on."""
    await start(web)
    expires_at_ms = web.clock.now_ms() + 300 * DAY_MS
    leg = await send(web, node, to, await add_case(web, node), expires_at_ms=expires_at_ms)
    await claim_and_accept(web, to, leg)
    return leg


async def give_up(web: PagesUnderTest, node: str, leg: str, count: int = 1) -> None:
    """Let a node write notes that its peer never gets."""
    peer = GR if node == BE else BE
    web.link.services.pop(endpoint_of(peer))
    for _ in range(count):
        await ask(web, node, "referral.step", leg=leg, step="note", text="Ring.", language="en")


async def past(web: PagesUnderTest, node: str, count: int = 1) -> None:
    """Let the time of these notes be over."""
    core = web.cores[node]
    web.clock.at_ms += limits.LIFETIME_MS
    core.context.clocks.bear_out(web.clock.at_ms, web.clock.at_ms)
    assert await core.answers.expire() == count


@pytest.fixture
async def lost(web: PagesUnderTest) -> str:
    """A referral of Belgium's, with two notes that were given up."""
    leg = await open_leg(web, BE, GR)
    await give_up(web, BE, leg, 2)
    await past(web, BE, 2)
    return leg


async def test_the_desk_says_whom_to_ring_and_the_page_takes_that_they_know(
    web: PagesUnderTest, lost: str
) -> None:
    otto = await web.signed_in(Role.OPERATOR, "Otto")
    desk = await web.get("/", otto)
    assert f"☎ {LOST}</strong>" in desk.text
    # Who claimed it there gave this number.
    assert '<a href="tel:+301">+301</a> (<bdi>N</bdi>)' in desk.text
    assert "Late by" not in desk.text
    page = await web.get(f"/referrals/{lost}", otto)
    assert f"<h2>⚠ {LOST}</h2>" in page.text
    assert "Given up, perhaps never arrived: Note, Note." in page.text
    assert "Their hours:" in page.text
    assert "something could not be delivered" in page.text
    assert "Never delivered. Telephone them: +" in page.text
    fields = hidden(page, f"/referrals/{lost}/told")

    # Without saying how, nothing is noted; the fault stands at its field.
    refused = await web.post(f"/referrals/{lost}/told", otto, fields)
    assert refused.status == 422
    assert '<a href="#field-how">Something is missing here.</a>' in refused.text
    assert 'id="fault-how"' in refused.text
    assert (await ask(web, BE, "referral.show", leg=lost))["told"] == []

    for _ in range(2):
        done = await web.post(f"/referrals/{lost}/told", otto, {**fields, "how": "telephone"})
        assert (done.status, done.location) == (303, f"/referrals/{lost}")
    (told,) = (await ask(web, BE, "referral.show", leg=lost))["told"]
    assert (told["how"], told["made_by"]) == ("telephone", "Otto")
    page = await web.get(f"/referrals/{lost}", otto)
    assert LOST not in page.text
    assert "<strong>Told by telephone</strong>, by us (<bdi>Otto</bdi>)" in page.text
    assert LOST not in (await web.get("/", otto)).text


async def test_who_comes_second_reads_that_it_was_told(web: PagesUnderTest, lost: str) -> None:
    otto = await web.signed_in(Role.OPERATOR, "Otto")
    fields = hidden(await web.get(f"/referrals/{lost}", otto), f"/referrals/{lost}/told")
    await ask(web, BE, "referral.told", leg=lost, how="email")
    late = await web.post(f"/referrals/{lost}/told", otto, {**fields, "how": "other"})
    assert late.status == 422
    assert "Perhaps a colleague has told them." in late.text
    (told,) = (await ask(web, BE, "referral.show", leg=lost))["told"]
    assert (told["how"], told["made_by"]) == ("email", "Nikos")
    assert "<strong>Told by e-mail</strong>" in late.text


async def test_what_the_peer_gave_up_is_asked_for(web: PagesUnderTest) -> None:
    leg = await open_leg(web, BE, GR)
    await give_up(web, GR, leg)
    await ask(web, GR, "referral.ask_erase", leg=leg, reason="subject_request")
    await past(web, GR)
    web.link.services[endpoint_of(BE)] = web.core
    for core in web.cores.values():
        await core.turn_epochs()
    # What waits for a peer that is away waits on.
    web.clock.at_ms += DAY_MS // 24
    web.cores[GR].delivery.wake(BE)

    async def is_shown() -> bool:
        return bool((await ask(web, BE, "referral.show", leg=leg))["undelivered"])

    await until(is_shown)
    anna = await web.signed_in(Role.CASEWORKER, "Anna")
    page = await web.get(f"/referrals/{leg}", anna)
    assert "Something that they sent never arrived here. Ask them what it was." in page.text
    assert f"☎ {LOST}</strong>" in (await web.get("/", anna)).text
    fields = {**hidden(page, f"/referrals/{leg}/told"), "how": "other"}
    assert (await web.post(f"/referrals/{leg}/told", anna, fields)).status == 303
    page = await web.get(f"/referrals/{leg}", anna)
    assert "<strong>Told in another way</strong>" in page.text
    assert "never arrived here" not in page.text


async def test_where_nothing_was_lost_nobody_is_asked_to_telephone(web: PagesUnderTest) -> None:
    leg = await open_leg(web, BE, GR)
    anna = await web.signed_in(Role.CASEWORKER, "Anna")
    page = await web.get(f"/referrals/{leg}", anna)
    assert "/told" not in page.text
    assert LOST not in page.text + (await web.get("/", anna)).text
    refused = await web.post(f"/referrals/{leg}/told", anna, {"how": "telephone"})
    assert refused.status == 422
    assert (await ask(web, BE, "referral.show", leg=leg))["told"] == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
async def test_who_sees_no_referral_says_nothing_of_it(
    web: PagesUnderTest, lost: str, role: Role
) -> None:
    token = await web.signed_in(role)
    assert LOST not in (await web.get("/", token)).text
    fields = {"how": "telephone", "form_id": "x"}
    assert (await web.post(f"/referrals/{lost}/told", token, fields)).status == 403
    assert (await ask(web, BE, "referral.show", leg=lost))["told"] == []


async def test_the_thread_has_it_where_it_happened(web: PagesUnderTest, lost: str) -> None:
    await ask(web, BE, "referral.told", leg=lost, how="telephone")
    web.clock.at_ms += 1
    await ask(web, BE, "referral.ask_erase", leg=lost, reason="subject_request")
    anna = await web.signed_in(Role.CASEWORKER, "Anna")
    text = (await web.get(f"/referrals/{lost}", anna)).text
    assert text.index("Never delivered.") < text.index("Told by telephone")
    # Nobody shall ring again.
    assert "Telephone them:" not in text
    assert text.index("Told by telephone") < text.index("Asked to erase")
    # The peer knows nothing of it.
    assert (await ask(web, GR, "referral.show", leg=lost))["told"] == []
