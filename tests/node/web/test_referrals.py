"""A referral's page: its steps for each state, erasing, taking, files; and the list."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from node.users.policy import Role
from tests.support.pages import BE, GR, PagesUnderTest
from tests.support.referring import (
    NAMES,
    PASSPORT,
    add_case,
    arrives,
    ask,
    claim_and_accept,
    hidden,
    send,
    start,
)


@pytest.fixture
async def anna(web: PagesUnderTest) -> str:
    await start(web)
    return await web.signed_in(Role.CASEWORKER, "Anna")


@pytest.fixture
async def theirs(web: PagesUnderTest, anna: str) -> str:
    """A referral from Greece that waits at Belgium."""
    del anna
    return await send(web, GR, BE, await add_case(web, GR))


async def ours(web: PagesUnderTest, **changes: object) -> str:
    return await send(web, BE, GR, await add_case(web, BE), **changes)


def photo() -> str:
    body = io.BytesIO()
    Image.new("RGB", (60, 40), "orange").save(body, "JPEG")
    return base64.b64encode(body.getvalue()).decode()


async def step(web: PagesUnderTest, token: str, leg: str, name: str, **fields: object):
    page = await web.get(f"/referrals/{leg}", token)
    form_id = hidden(page, f"/referrals/{leg}")["form_id"]
    return await web.post(f"/referrals/{leg}", token, {"form_id": form_id, "step": name, **fields})


async def state(web: PagesUnderTest, leg: str) -> str:
    return (await ask(web, BE, "referral.show", leg=leg))["state"]


async def test_the_most_likely_step_stands_open_and_a_double_click_makes_one(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    page = await web.get(f"/referrals/{theirs}", anna)
    assert '<details name="step" open>\n      <summary>Claim it' in page.text
    assert 'value="Anna"' in page.text
    assert "Their case, as they sent it" in page.text
    assert "Received and logged here." in page.text
    assert "Show the proof" in page.text
    fields = hidden(page, f"/referrals/{theirs}") | {
        "step": "claim", "contact": "Anna", "telephone": "+321",
    }  # fmt: skip
    for _ in range(2):
        assert (await web.post(f"/referrals/{theirs}", anna, fields)).status == 303
    shown = await ask(web, BE, "referral.show", leg=theirs)
    assert [each["name"] for each in shown["steps"]] == ["referral", "claim"]
    page = await web.get(f"/referrals/{theirs}", anna)
    assert '<details name="step" open>\n      <summary>Accept' in page.text


@pytest.mark.parametrize(
    ("name", "fields", "at"),
    [
        ("claim", {"contact": "Anna"}, "telephone"),
        ("claim", {"telephone": "+32"}, "contact"),
        ("note", {}, "text"),
    ],
)
async def test_a_step_that_lacks_something_says_so_at_the_field(
    web: PagesUnderTest, *, anna: str, theirs: str, name: str, fields: dict, at: str
) -> None:
    refused = await step(web, anna, theirs, name, **fields)
    assert refused.status == 422
    assert f'href="#field-{at}"' in refused.text
    assert f'id="field-{at}"' in refused.text
    for value in fields.values():
        assert f'value="{value}"' in refused.text
    assert await state(web, theirs) == "delivered"


async def test_what_the_state_does_not_allow_is_refused_and_so_is_no_step(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    refused = await step(web, anna, theirs, "confirm")
    assert (refused.status, await state(web, theirs)) == (422, "delivered")
    assert (await step(web, anna, theirs, "fly")).status == 422
    operator = await web.signed_in(Role.OPERATOR, "Otto")
    assert (await step(web, operator, theirs, "withdraw", reason="x")).status == 403
    assert "Withdraw" not in (await web.get(f"/referrals/{theirs}", operator)).text


async def test_all_the_way_to_an_outcome(web: PagesUnderTest, anna: str, theirs: str) -> None:
    assert (await step(web, anna, theirs, "claim", contact="A", telephone="+3")).status == 303
    bad = await step(web, anna, theirs, "accept", case_number="B-1", next_answer_by_ms="soon")
    assert 'href="#field-next_answer_by_ms"' in bad.text
    assert (await step(web, anna, theirs, "accept", case_number="B-1")).status == 303
    assert (await step(web, anna, theirs, "ask", text="What shoes?", language="nl")).status == 303
    await arrives(web, theirs)
    await ask(web, GR, "referral.step", leg=theirs, step="answer", text="Red ones.")
    await arrives(web, theirs)
    assert "Red ones." in (await web.get(f"/referrals/{theirs}", anna)).text
    outcome = {
        "outcome": "located_safe",
        "happened_at_ms": "2026-11-20T10:30",
        "told_to": ["police"],
    }
    refused = await step(web, anna, theirs, "outcome", **outcome)
    assert refused.status == 422
    # All that is missing is told at once.
    for name in ("found_by", "condition", "authority_told"):
        assert f'href="#field-{name}"' in refused.text
    outcome |= {"found_by": "police", "condition": "well", "authority_told": "police"}
    done = await step(web, anna, theirs, "outcome", **outcome)
    assert done.status == 303, done.text
    assert await state(web, theirs) == "outcome_reported"


async def test_the_page_renews_only_what_is_new(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    page = (await web.get(f"/referrals/{theirs}", anna)).text
    path = page.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    assert (await web.get(path, anna, HX_Request="true")).status == 204
    await step(web, anna, theirs, "claim", contact="A", telephone="+3")
    part = await web.get(path, anna, HX_Request="true")
    assert part.status == 200
    assert "Something has changed since this page was shown." in part.text


# --- with a part of a case


async def test_values_are_proposed_after_a_look(web: PagesUnderTest, anna: str) -> None:
    leg = await ours(web)
    page = f"/referrals/{leg}/part/note"
    first = await web.get(page, anna)
    assert (first.status, "Nothing yet." in first.text) == (200, True)
    nothing = await web.post(page, anna, {"has_chosen": "yes", "to_page": "third"})
    assert (nothing.status, 'href="#field-field"' in nothing.text) == (422, True)
    chosen = {"has_chosen": "yes", "field": ["children.sex"], "text": "Look.", "to_page": "third"}
    assert (await web.post(page, anna, chosen)).location == f"/referrals/{leg}/check/note"
    check = await web.get(f"/referrals/{leg}/check/note", anna)
    assert "Female" in check.text
    for _ in range(2):
        sent = await web.post(f"/referrals/{leg}/check/note", anna, hidden(check))
        assert sent.location == f"/referrals/{leg}"
    await arrives(web, leg)
    shown = await ask(web, GR, "referral.show", leg=leg)
    assert [each["name"] for each in shown["steps"]] == ["referral", "note"]
    assert [row["path"] for row in shown["steps"][1]["rows"]] == ["children.id", "children.sex"]


async def test_a_sensitive_value_waits_for_a_second_person(web: PagesUnderTest, anna: str) -> None:
    leg = await ours(web)
    page, chosen = f"/referrals/{leg}/part/note", {"has_chosen": "yes", "field": [PASSPORT]}
    refused = await web.post(page, anna, {**chosen, "to_page": "third"})
    assert 'href="#field-sensitive_reason"' in refused.text
    await web.post(page, anna, {**chosen, "sensitive_reason": "The border.", "to_page": "third"})
    check = await web.get(f"/referrals/{leg}/check/note", anna)
    sent = await web.post(f"/referrals/{leg}/check/note", anna, hidden(check))
    assert sent.location.startswith("/approvals/")
    boss = await web.signed_in(Role.SUPERVISOR, "Berta")
    shown = await web.get(sent.location, boss)
    assert "XX0000000" in shown.text
    done = await web.post(f"{sent.location}/approve", boss, {"form_id": "x"})
    assert done.location == f"/referrals/{leg}"


async def test_a_file_is_handed_over_with_what_is_usual(web: PagesUnderTest, anna: str) -> None:
    leg = await ours(web, kind="transfer", purpose="hand_over_case")
    await claim_and_accept(web, GR, leg)
    assert "Tick what goes with the file" in (await web.get(f"/referrals/{leg}", anna)).text
    page = (await web.get(f"/referrals/{leg}/part/hand_over", anna)).text
    assert 'name="field" value="children.names.given" checked' in page
    assert f'name="field" value="{PASSPORT}" data-sensitive' in page
    chosen = {"has_chosen": "yes", "field": NAMES, "to_page": "third"}
    await web.post(f"/referrals/{leg}/part/hand_over", anna, chosen)
    check = await web.get(f"/referrals/{leg}/check/hand_over", anna)
    await web.post(f"/referrals/{leg}/check/hand_over", anna, hidden(check))
    await arrives(web, leg)
    assert await state(web, leg) == "handed_over"


async def test_without_a_case_of_ours_there_is_nothing_to_tell(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    page = await web.get(f"/referrals/{theirs}/part/note", anna)
    assert "Take what they told into a case first." in page.text
    assert (await web.get(f"/referrals/{theirs}/part/claim", anna)).status == 404


# --- taking


async def test_what_they_told_becomes_a_case_once(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    path = f"/referrals/{theirs}/take/1"
    page = await web.get(path, anna)
    assert "Testina" in page.text
    fields = {**hidden(page), "into": "new", "field": NAMES, "do": "take"}
    one = await web.post(path, anna, fields)
    two = await web.post(path, anna, fields)
    assert one.location == two.location != ""
    (case,) = (await ask(web, BE, "case.list"))["cases"]
    assert one.location == f"/cases/{case['case_id']}"
    assert case["made_by"] == "Anna"
    assert "Our case" in (await web.get(f"/referrals/{theirs}", anna)).text


async def test_another_value_stays_unless_theirs_is_chosen(web: PagesUnderTest, anna: str) -> None:
    leg = await ours(web)
    case_id = (await ask(web, BE, "referral.show", leg=leg))["case_id"]
    there = await ask(web, GR, "case.take", leg=leg, is_new=True, is_all=True)
    await ask(
        web, GR, "case.change", case_id=there["case_id"], set=["category=lost_injured_other"],
        remove=[], photos=[], reason="x",
    )  # fmt: skip
    await ask(
        web, GR, "referral.step", leg=leg, step="note", case_id=there["case_id"],
        field=["category"], purpose="locate_child", art6="public_task", text="Lost.",
    )  # fmt: skip
    await arrives(web, leg)
    steps = (await ask(web, BE, "referral.show", leg=leg))["steps"]
    path = f"/referrals/{leg}/take/{steps[-1]['number']}"
    page = await web.get(path, anna)
    assert "The case has other values" in page.text
    fields = {**hidden(page), "into": case_id, "field": ["category"], "do": "take"}
    refused = await web.post(path, anna, fields)
    assert (refused.status, "Tick whose value is right." in refused.text) == (422, True)
    assert (await ask(web, BE, "case.show", case_id=case_id))["category"] == "runaway"
    taken = await web.post(path, anna, {**fields, "side:category": "told"})
    assert taken.location == f"/cases/{case_id}"
    assert (await ask(web, BE, "case.show", case_id=case_id))["category"] != "runaway"


async def test_a_proposal_is_left_with_words(web: PagesUnderTest, anna: str) -> None:
    leg = await ours(web)
    there = await ask(web, GR, "case.take", leg=leg, is_new=True, is_all=True)
    await ask(
        web, GR, "referral.step", leg=leg, step="note", case_id=there["case_id"],
        field=["category"], purpose="locate_child", art6="public_task", text="Lost.",
    )  # fmt: skip
    await arrives(web, leg)
    number = (await ask(web, BE, "referral.show", leg=leg))["steps"][-1]["number"]
    path = f"/referrals/{leg}/take/{number}"
    fields = {**hidden(await web.get(path, anna)), "field": ["category"], "do": "leave"}
    refused = await web.post(path, anna, fields)
    assert (refused.status, 'href="#field-text"' in refused.text) == (422, True)
    left = await web.post(path, anna, {**fields, "text": "We know better."})
    assert left.location == f"/referrals/{leg}"
    assert "Category: left" in (await web.get(left.location, anna)).text


async def test_there_is_nothing_to_take_of_other_steps(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    for number in ("9", "x"):
        assert (await web.get(f"/referrals/{theirs}/take/{number}", anna)).status == 404


# --- files


async def test_a_picture_is_shown_and_kept_by_no_cache(web: PagesUnderTest, anna: str) -> None:
    case_id = await add_case(web, GR)
    await ask(
        web, GR, "case.change", case_id=case_id, set=[], remove=[], photos=[photo()], reason="x"
    )
    leg = await send(web, GR, BE, case_id, file_ids=["f1"])
    page = f"/referrals/{leg}"

    async def picture() -> str:
        text = (await web.get(page, anna)).text
        return text.partition('src="/referrals/')[2].partition('"')[0]

    for _ in range(50):
        path = await picture()
        if path:
            break
    response = await web.client.get(
        f"{web.origin}/referrals/{path}", headers={"Cookie": f"__Host-homeward={anna}"}
    )
    assert (await response.read())[:2] == b"\xff\xd8"
    assert response.headers["Cache-Control"] == "no-store"
    assert (await web.get(f"{page}/files/f9", anna)).status == 404
    assert (await web.get(f"{page}/files/f1", await web.signed_in(Role.AUDITOR))).status == 403


# --- erasing, and once more


async def test_they_ask_to_erase_and_a_supervisor_decides(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    await ask(web, GR, "referral.ask_erase", leg=theirs, reason="consent_withdrawn")
    await arrives(web, theirs)
    page = f"/referrals/{theirs}"
    assert "A supervisor decides this." in (await web.get(page, anna)).text
    assert (await web.post(f"{page}/erase", anna, {"is_sure": "yes"})).status == 403
    boss = await web.signed_in(Role.SUPERVISOR, "Berta")
    for path, field in (("erase", "is_sure"), ("refuse-erase", "erase_refusal")):
        refused = await web.post(f"{page}/{path}", boss, {"form_id": f"a{path}"})
        assert (refused.status, f'href="#field-{field}"' in refused.text) == (422, True)
    assert "Testina" in (await web.get(page, boss)).text
    done = await web.post(f"{page}/erase", boss, {"form_id": "b", "is_sure": "yes"})
    assert done.location == page
    after = await web.get(page, boss)
    assert "Testina" not in after.text
    assert "What it said was erased." in after.text


async def test_a_copy_is_kept_for_a_reason_in_law(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    del anna
    await ask(web, GR, "referral.ask_erase", leg=theirs, reason="consent_withdrawn")
    await arrives(web, theirs)
    boss, page = await web.signed_in(Role.SUPERVISOR, "Berta"), f"/referrals/{theirs}"
    fields = {"form_id": "c", "erase_refusal": "legal_claims"}
    assert (await web.post(f"{page}/refuse-erase", boss, fields)).location == page
    shown = (await web.get(page, boss)).text
    assert "They ask you to erase" not in shown
    assert "Not erased, and why" in shown


async def test_we_ask_them_to_erase(web: PagesUnderTest, anna: str) -> None:
    leg = await ours(web)
    page = f"/referrals/{leg}"
    refused = await web.post(f"{page}/ask-erase", anna, {"form_id": "a"})
    assert 'href="#field-erase_reason"' in refused.text
    fields = {"form_id": "b", "erase_reason": "sent_in_error"}
    for _ in range(2):
        assert (await web.post(f"{page}/ask-erase", anna, fields)).location == page
    shown = await ask(web, BE, "referral.show", leg=leg)
    assert [each["name"] for each in shown["steps"]].count("erase_request") == 1


async def test_what_was_declined_is_sent_again_with_the_same_choice(
    web: PagesUnderTest, anna: str
) -> None:
    leg = await ours(web)
    await ask(web, GR, "referral.step", leg=leg, step="claim", contact="N", telephone="+301")
    await ask(web, GR, "referral.step", leg=leg, step="decline", reason="not_enough_information")
    await arrives(web, leg)
    page = await web.get(f"/referrals/{leg}", anna)
    assert "Look at it, and send it again" in page.text
    again = await web.post(f"/referrals/{leg}/again", anna, {"to": GR})
    assert again.location.startswith("/refer/be.example/")
    form = (await web.get(again.location, anna)).text
    assert "Is she with her aunt?" in form
    assert f'name="follows" value="{leg}"' in form


# --- all of them


async def test_the_list_is_narrowed_by_links_with_counts(
    web: PagesUnderTest, anna: str, theirs: str
) -> None:
    late = await ours(web, urgency=1, kind="info_request")
    ended = await ours(web)
    await step(web, anna, ended, "withdraw", reason="duplicate")
    text = (await web.get("/referrals", anna)).text
    assert text.index(late) < text.index(theirs) < text.index(ended)
    for words in ("All (3)", "we asked (2)", "they asked us (1)", "open (2)", "ended (1)"):
        assert words in text
    only = (await web.get("/referrals?whose=ours&ended=open", anna)).text
    assert late in only
    assert theirs not in only
    assert 'href="/referrals?ended=open&amp;whose=theirs"' in only
    assert "There are none." in (await web.get("/referrals?kind=nothing", anna)).text
    assert 'href="/referrals/' not in (await web.get("/referrals?skip=3", anna)).text
    web.clock.at_ms += 4 * 3_600_000
    token = await web.signed_in(Role.CASEWORKER, "Carla")
    assert "Late by" in (await web.get("/referrals", token)).text
