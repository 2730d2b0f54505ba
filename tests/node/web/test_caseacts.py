"""What is done to a case as a whole: found, closed, corrected, put on hold, erased."""

from __future__ import annotations

import pytest

from node.users.policy import Role
from tests.support.casedesk import desk, faults
from tests.support.pages import GR, PagesUnderTest


@pytest.mark.parametrize("act", ["found", "close", "correct", "erase"])
async def test_each_act_says_first_who_will_be_told(web: PagesUnderTest, act: str) -> None:
    at = await desk(web)
    await at.refers()
    page = await at.gets(f"/{act}/CASE")
    told = page[page.index("Who will be told") :]
    assert GR in told
    assert await at.version() == 1


async def test_found_is_told_once_and_leads_to_who_has_what(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.refers()
    fields = {
        "form_id": "one", "outcome": "located_safe", "happened_at": "1970-01-02T10:00",
        "told_to": ["police"], "text": "She is safe.",
    }  # fmt: skip
    first = await at.posts("/found/CASE", **fields)
    again = await at.posts("/found/CASE", **fields)
    assert first.location == again.location
    assert first.location.startswith(f"/cases/{at.case_id}?tab=holders")
    (holder,) = (await at.command("case.holders"))["holders"]
    assert len(holder["notices"]) == 1
    assert "not yet acknowledged" in await at.gets("/cases/CASE?tab=holders")


@pytest.mark.parametrize(
    ("act", "fields", "fault"),
    [
        ("found", {}, "outcome"),
        ("found", {"outcome": "located_safe", "happened_at": "yesterday"}, "happened_at"),
        ("correct", {}, "field"),
        ("hold", {"how": "hold"}, "reason"),
        ("erase", {}, "reason"),
        ("erase-now", {"reason": "subject_request"}, "sure"),
    ],
)
async def test_what_is_missing_in_an_act_is_a_fault_at_its_field(
    web: PagesUnderTest, act: str, fields: dict[str, str], fault: str
) -> None:
    at = await desk(web)
    await at.refers()
    sent = {**fields, "text": "typed before"}
    answer = await at.posts(f"/{act}/CASE", expect=422, **sent)
    assert faults(answer.text) == [fault]
    assert f'id="field-{fault}"' in answer.text
    assert "typed before" in answer.text or act.startswith("erase")
    assert await at.version() == 1


async def test_a_case_is_closed_or_cancelled(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.posts("/close/CASE", outcome="located_safe", how="close")
    assert (await at.command("case.show"))["status"] == "closed"
    assert "Closed" in await at.gets("/cases/CASE")


async def test_a_correction_goes_to_who_had_the_field(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.refers()
    assert 'value="children.sex"' in await at.gets("/correct/CASE")
    await at.posts("/correct/CASE", field=["children.sex"], text="Sorry.")
    (holder,) = (await at.command("case.holders"))["holders"]
    assert [each["notice"] for each in holder["notices"]] == ["corrected"]


async def test_a_case_on_hold_is_not_erased_until_it_is_released(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.posts("/hold/CASE", how="hold", reason="police", text="They asked.")
    assert "On hold" in await at.gets("/cases/CASE")
    sure = {"reason": "subject_request", "sure": "yes"}
    refused = await at.posts("/erase-now/CASE", expect=422, **sure)
    assert "This case is on hold: release it first." in refused.text
    await at.posts("/hold/CASE", how="release", text="No more need.")
    gone = await at.posts("/erase-now/CASE", **sure)
    assert gone.location.startswith(f"/erased/{at.case_id}")


async def test_to_erase_takes_two_pages_and_leaves_a_row(web: PagesUnderTest) -> None:
    at = await desk(web)
    asked = await at.posts("/erase/CASE", expect=200, reason="subject_request")
    assert "Erase this case for good?" in asked.text
    assert await at.version() == 1
    fields = {"reason": "subject_request", "sure": "yes", "form_id": asked.field("form_id")}
    gone = await at.posts("/erase-now/CASE", **fields)
    # A second click leads to the same.
    assert (await at.posts("/erase-now/CASE", **fields)).location == gone.location
    page = await at.gets("/erased/CASE")
    assert "1 version" in page
    assert "Olena" not in page
    assert "no such case" in await at.gets("/cases/CASE", status=404)


async def test_a_caseworker_may_not_erase(web: PagesUnderTest) -> None:
    at = await desk(web, Role.CASEWORKER)
    assert "/erase/" not in await at.gets("/cases/CASE")
    await at.posts("/erase-now/CASE", expect=403, reason="subject_request", sure="yes")
    assert await at.version() == 1
