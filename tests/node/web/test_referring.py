"""Referring a case in three steps, as the server answers: pages, refusals, what is kept."""

from __future__ import annotations

import dataclasses
import re

import pytest

from keys.members import TransferRegime
from node.users import limits
from protocol.pb.homeward.v1 import case_pb2
from tests.support.pages import GR, PagesUnderTest
from tests.support.referring import (
    FIRST,
    PASSPORT,
    SECOND,
    add_case,
    ask,
    chosen,
    hidden,
    sent,
)


def amend(web: PagesUnderTest, **changes: object) -> None:
    """Change what the directory here says of Greece."""
    trust = web.core.context.trust
    members = dict(trust.directory.members)
    members[GR] = dataclasses.replace(members[GR], **changes)
    trust.directory = dataclasses.replace(trust.directory, members=members)


async def test_the_first_page_says_who_is_there_and_when_they_answer(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    amend(web, languages=("el",), time_zone="Europe/Athens")
    page = await web.get(f"/refer/{case_id}", anna)
    assert "Greece" in page.text
    assert "somebody is there" in page.text
    assert "Find this child. They search" in page.text
    assert "When they answer" not in page.text
    part = await web.post(f"/refer/{case_id}", anna, FIRST, HX_Request="true")
    assert part.status == 200
    assert "<html" not in part.text
    assert "there)" in part.text
    assert "They do not read English." in part.text
    greek = await web.post(
        f"/refer/{case_id}", anna, {**FIRST, "language": "el"}, HX_Request="true"
    )
    assert "They do not read" not in greek.text


@pytest.mark.parametrize("name", ["to", "ask", "police_informed", "kind", "urgency"])
async def test_what_is_missing_is_said_at_its_field_and_the_rest_is_kept(
    web: PagesUnderTest, case_id: str, anna: str, name: str
) -> None:
    typed = {key: value for key, value in FIRST.items() if key != name}
    refused = await web.post(f"/refer/{case_id}", anna, typed)
    assert refused.status == 422
    assert f'<a href="#field-{name}">Something is missing here.</a>' in refused.text
    if name != "ask":
        assert FIRST["ask"] in refused.text
        assert FIRST["ask"] in (await web.get(f"/refer/{case_id}", anna)).text
    # Nobody comes to the next pages past this one.
    for path in ("/refer-what/", "/refer-check/"):
        assert (await web.get(f"{path}{case_id}", anna)).location == f"/refer/{case_id}"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reply_by", "yesterday", "This cannot be used as it is."),
        ("reply_by", "2001-01-01T10:00", "This must be in the future"),
        ("expires_days", "4000", "A referral ends within two years."),
        ("ask", "x" * 20_001, "This is too long."),
    ],
)
async def test_a_bad_value_is_refused_on_the_first_page(
    web: PagesUnderTest, *, case_id: str, anna: str, field: str, value: str, words: str
) -> None:
    refused = await web.post(f"/refer/{case_id}", anna, {**FIRST, field: value})
    assert refused.status == 422
    assert f'href="#field-{field}">{words}' in refused.text


async def test_they_see_dates_as_they_write_them(web: PagesUnderTest, anna: str) -> None:
    amend(web, languages=("el",))
    missing = case_pb2.Moment(at_ms=1_000_000_000, precision="minute", zone="+01:00")
    case_id = await add_case(web, reported_missing_at=missing)
    await web.post(f"/refer/{case_id}", anna, FIRST)
    ticked = {**SECOND, "field": ["category", "reported_missing_at"]}
    part = await web.post(f"/refer-what/{case_id}", anna, ticked, HX_Request="true")
    seen = part.text.partition('lang="el"')[2]
    assert "12 Ιαν 1970" in seen.replace("Ιαν.", "Ιαν")
    assert "Jan" not in seen


async def test_it_is_ticked_seen_checked_and_sent_once(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    first = await web.post(f"/refer/{case_id}", anna, FIRST)
    assert (first.status, first.location) == (303, f"/refer-what/{case_id}")
    page = await web.get(first.location, anna)
    assert "XX0000000" in page.text.partition('id="peer-view"')[0]
    assert "XX0000000" not in page.text.partition('id="peer-view"')[2]
    part = await web.post(first.location, anna, SECOND, HX_Request="true")
    assert "<html" not in part.text
    assert "Testina" in part.text
    second = await web.post(first.location, anna, SECOND)
    assert (second.status, second.location) == (303, f"/refer-check/{case_id}")
    check = await web.get(second.location, anna)
    assert "Send now" in check.text
    one = await web.post(second.location, anna, hidden(check))
    two = await web.post(second.location, anna, hidden(check))
    assert one.status == two.status == 303
    assert one.location == two.location
    (leg,) = (await ask(web, web.core.context.node_id, "referral.list"))["referrals"]
    assert one.location == f"/referrals/{leg['leg']}"
    assert "Is she with her aunt?" not in (await web.get(f"/refer/{case_id}", anna)).text


async def test_nothing_goes_that_was_not_seen(web: PagesUnderTest, case_id: str, anna: str) -> None:
    await chosen(web, anna, case_id)
    check = await web.get(f"/refer-check/{case_id}", anna)
    await web.post(f"/refer-what/{case_id}", anna, {**SECOND, "field": ["category"]})
    refused = await web.post(f"/refer-check/{case_id}", anna, hidden(check))
    assert refused.status == 422
    assert "This was changed in another window." in refused.text
    check = await web.get(f"/refer-check/{case_id}", anna)
    await ask(
        web, web.core.context.node_id, "case.change", case_id=case_id,
        set=["category=lost_injured_other"], remove=[], photos=[], reason="x",
    )  # fmt: skip
    refused = await web.post(f"/refer-check/{case_id}", anna, hidden(check))
    assert "A colleague has changed the case" in refused.text
    assert (await ask(web, web.core.context.node_id, "referral.list"))["referrals"] == []


@pytest.mark.parametrize(
    ("first", "second", "field", "words"),
    [
        ({}, {"field": []}, "field", "Tick at least one field."),
        ({}, {"field": [PASSPORT]}, "sensitive_reason", "There are sensitive fields in it."),
        ({"art6": "consent"}, {}, "art6", "but the case holds no consent"),
        ({"kind": "alert"}, {"field": [PASSPORT], "sensitive_reason": "x"}, "field", "urgency U1"),
        ({"art6": "vital_interests"}, {"override_reason": "x"}, "override_reason", "Every rule"),
        ({}, {"derogation": "public_interest"}, "derogation", "Art. 49 is not needed"),
    ],
)
async def test_a_rule_is_named_in_words_at_its_field(
    web: PagesUnderTest,
    *,
    case_id: str,
    anna: str,
    first: dict,
    second: dict,
    field: str,
    words: str,
) -> None:
    refused = await chosen(web, anna, case_id, first, second)
    assert refused.status == 422
    assert f'#field-{field}">' in refused.text
    assert words in refused.text
    assert (await web.get(f"/refer-check/{case_id}", anna)).location == f"/refer-what/{case_id}"


async def test_vital_interests_go_over_a_rule_with_a_reason(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    first = {"art6": "vital_interests"}
    second = {"art9": "explicit_consent"}
    refused = await chosen(web, anna, case_id, first, second)
    assert "A life or health is at stake: say why" in refused.text
    second["override_reason"] = "She has no insulin."
    taken = await chosen(web, anna, case_id, first, second)
    assert taken.location == f"/refer-check/{case_id}"
    check = await web.get(taken.location, anna)
    assert "It goes over a rule:" in check.text
    assert "She has no insulin." in check.text
    assert (await sent(web, anna, case_id)).location.startswith("/referrals/")


async def test_a_third_country_takes_a_derogation(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    amend(web, transfer_regime=TransferRegime.OTHER)
    refused = await chosen(web, anna, case_id)
    assert "It may not go to gr.example." in refused.text or "Art. 49" in refused.text
    assert refused.status == 422
    taken = await chosen(web, anna, case_id, {}, {"derogation": "public_interest"})
    assert taken.status == 303
    assert "only because of the exception" in (await web.get(taken.location, anna)).text


async def test_groups_are_ticked_without_scripts_and_the_usual_comes_back(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    await web.post(f"/refer/{case_id}", anna, FIRST)
    page = f"/refer-what/{case_id}"
    box = '<input type="checkbox" name="field" value="children.names.given"'
    nothing = {"has_chosen": "yes", "field": ["category"]}
    assert f"{box}>" in (await web.post(page, anna, nothing)).text
    ticked = await web.post(page, anna, {**nothing, "tick_group": "all children.names"})
    assert f"{box} checked>" in ticked.text
    # Not what is sensitive.
    more = await web.post(page, anna, {**nothing, "tick_group": "all children.identity_documents"})
    assert f'value="{PASSPORT}" data-sensitive' in more.text
    cleared = await web.post(
        page,
        anna,
        {**nothing, "field": ["children.names.given"], "tick_group": "none children.names"},
    )
    assert f"{box}>" in cleared.text
    assert f"{box} checked>" in (await web.post(page, anna, {**nothing, "usual": "yes"})).text


async def test_what_is_ticked_survives_back_and_the_lock(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    await web.post(f"/refer/{case_id}", anna, FIRST)
    page = f"/refer-what/{case_id}"
    back = await web.post(page, anna, {**SECOND, "field": ["category"], "to_page": "first"})
    assert back.location == f"/refer/{case_id}"
    assert FIRST["ask"] in (await web.get(back.location, anna)).text
    web.clock.at_ms += limits.LOCK_AFTER_MS
    late = {**SECOND, "field": ["category", "children.sex"]}
    assert (await web.post(page, anna, late)).location.startswith("/unlock")
    session = (await web.office.sessions.visitor(anna, is_doing=True)).session
    assert session is not None
    await web.office.sessions.unlock(session.token_hash)
    shown = (await web.get(page, anna)).text
    assert '<input type="checkbox" name="field" value="children.sex" checked>' in shown
    assert '<input type="checkbox" name="field" value="children.names.given">' in shown


async def test_text_of_a_person_stands_in_no_address_and_is_escaped(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    refused = await chosen(web, anna, case_id, {"ask": "<b>Testina</b>"})
    assert "Testina" not in refused.location
    assert "<b>Testina" not in (await web.get(refused.location, anna)).text


async def test_a_referral_that_was_begun_is_one_draft_and_is_thrown_away_as_one(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    await web.post(f"/refer/{case_id}", anna, FIRST)
    web.clock.at_ms += 60_000
    await web.post(f"/refer-what/{case_id}", anna, {**SECOND, "to_page": "second"})
    desk = await web.get("/", anna)
    links = re.findall(r'<a href="(/refer(?:-what)?/[^"]*)">', desk.text)
    # Where they were last.
    assert links == [f"/refer-what/{case_id}"]
    await web.post("/drafts/drop", anna, {"kept_page": links[0]})
    assert 'id="pile-drafts"' not in (await web.get("/", anna)).text
    assert FIRST["ask"] not in (await web.get(f"/refer/{case_id}", anna)).text


async def test_what_the_page_asks_for_by_itself_keeps_no_session_open(
    web: PagesUnderTest, case_id: str, anna: str
) -> None:
    await chosen(web, anna, case_id)
    leg = (await sent(web, anna, case_id)).location.rpartition("/")[2]
    page = (await web.get(f"/sent?legs={leg}", anna)).text
    (path,) = re.findall(r'hx-get="([^"]*)"', page)
    web.clock.at_ms += limits.LOCK_AFTER_MS - 1000
    part = await web.get(path, anna, HX_Request="true")
    assert part.status == 200
    assert f"/referrals/{leg}" in part.text
    assert "<html" not in part.text
    web.clock.at_ms += 2000
    assert (await web.get(f"/sent?legs={leg}", anna)).location.startswith("/unlock")
