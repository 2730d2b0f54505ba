"""Figures: four counters apart, the lead counts, medians, and what may be published."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.commands import run_command
from node.errors import NodeError
from node.figures import figures
from node.figures.counting import (
    SMALL,
    CaseFacts,
    CaseTally,
    LegFacts,
    band,
    leg_figures,
    publishable,
)
from node.users.policy import Role
from tests.support.exchanged import DAY_MS, add_case, exchange
from tests.support.pages import BE, GR, PagesUnderTest

HOUR_MS = 3_600_000


def at(year: int, month: int = 6, day: int = 1) -> int:
    return int(datetime.datetime(year, month, day, tzinfo=datetime.UTC).timestamp()) * 1000


CASE = CaseFacts(
    opened_at_ms=at(2026),
    closed_at_ms=None,
    status="open",
    category="runaway",
    cross_border="none",
    missing_from_ms=None,
    found_at_ms=None,
    child_count=1,
    children=(("missing", "female", "13_to_15"),),
)
LEG = LegFacts(
    opened_at_ms=at(2026),
    is_sent=True,
    kind="alert",
    peer=GR,
    state="closed",
    to_claim_ms=None,
    to_answer_ms=None,
    outcome=None,
    found_by="",
)


def rows(answer: dict, name: str) -> dict[str, list[int]]:
    (table,) = [each for each in answer["tables"] if each["name"] == name]
    return {row["code"]: row["counts"] for row in table["rows"]}


def counted(*cases: CaseFacts, year: int = 0, zone: datetime.tzinfo = datetime.UTC) -> dict:
    tally = CaseTally(zone)
    for case in cases:
        tally.add(case)
    return tally.figures(year)


def test_cases_and_children_are_counted_apart() -> None:
    answer = counted(CASE, replace(CASE, child_count=3))
    assert answer["cases"]["new"] == 2
    assert answer["children"]["new"] == 4
    # Two of the four are not described: that is a value, not a gap.
    assert rows(answer, "children_by_sex") == {"female": [2], "": [2]}
    assert rows(answer, "cases_by_category") == {"runaway": [2]}


def test_a_year_has_new_cases_and_those_from_before() -> None:
    old = replace(CASE, opened_at_ms=at(2024), category="")
    ended = replace(old, closed_at_ms=at(2025))
    ends_now = replace(old, closed_at_ms=at(2026))
    answer = counted(CASE, old, ended, ends_now, year=2026)
    assert answer["cases"] == {"new": 1, "carried_over": 2, "closed": 1}
    assert rows(answer, "cases_by_category") == {"runaway": [1]}
    months = [(row["code"], row["counts"]) for row in answer["months"]["rows"]]
    assert months == [("2026-06", [1, 1])]
    assert counted(CASE, old, ended)["cases"] == {"new": 3, "carried_over": 0, "closed": 1}


def test_the_year_is_that_of_the_member_and_not_of_greenwich() -> None:
    case = replace(CASE, opened_at_ms=at(2026, 1, 1) - HOUR_MS)
    east = datetime.timezone(datetime.timedelta(hours=2))
    assert counted(case, year=2026, zone=east)["cases"]["new"] == 1
    assert counted(case, year=2026)["cases"]["new"] == 0


@pytest.mark.parametrize(
    ("days", "name"),
    [(0, "under_1_day"), (1, "1_to_3_days"), (3, "4_to_7_days"), (7, "1_to_4_weeks"),
     (28, "1_to_6_months"), (183, "over_6_months")],
)  # fmt: skip
def test_the_time_until_found_is_told_in_bands(days: int, name: str) -> None:
    assert band(days * DAY_MS) == name
    found = replace(CASE, missing_from_ms=at(2026), found_at_ms=at(2026) + days * DAY_MS)
    impossible = replace(CASE, missing_from_ms=at(2026), found_at_ms=at(2025))
    table = rows(counted(found, impossible, CASE), "time_to_found")
    assert table[name] == [1]
    assert table[""] == [2]
    assert sum(count for (count,) in table.values()) == 3


def test_medians_say_of_how_many() -> None:
    legs = [replace(LEG, to_claim_ms=hours * HOUR_MS) for hours in (1, 2, 9)]
    answer = leg_figures([*legs, LEG, replace(LEG, is_sent=False, to_answer_ms=5)])
    times = {(each["name"], each["is_ours"]): each for each in answer["times"]}
    claim = times["to_claim_ms", False]
    assert (claim["median_ms"], claim["count"], claim["of"]) == (2 * HOUR_MS, 3, 4)
    assert times["to_claim_ms", True]["median_ms"] is None
    assert times["to_answer_ms", True]["median_ms"] == 5
    assert answer["referrals"] == {"sent": 4, "received": 1}


@pytest.mark.parametrize(
    ("counts", "public"),
    [
        ([], []),
        ([0, 7, 9], [0, 7, 9]),
        # 1 could be reckoned from the sum, so 7 goes with it.
        ([1, 7, 9], [None, None, 9]),
        ([1, 4, 9], [None, None, 9]),
        # Two that are 1 each would be known from their sum.
        ([1, 1, 9, 8], [None, None, 9, None]),
        ([3], [None]),
        ([2, 0], [None, 0]),
    ],
)
def test_small_counts_are_not_published(counts: list[int], public: list[int | None]) -> None:
    assert publishable(counts) == public


@given(st.lists(st.integers(0, 30), max_size=12))
def test_no_small_count_follows_from_the_others(counts: list[int]) -> None:
    public = publishable(counts)
    hidden = [count for count, shown in zip(counts, public, strict=True) if shown is None]
    assert all(shown in (None, count) for count, shown in zip(counts, public, strict=True))
    assert not any(0 < shown < SMALL for shown in public if shown is not None)
    if hidden and any(shown for shown in public):
        assert len(hidden) >= 2
        assert sum(hidden) >= SMALL


async def test_figures_are_counted_from_what_is_stored(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "LEGS_AT_ONCE", 1)
    await exchange(web)
    await add_case(web.core, category="parental_abduction_international")
    sent = await run_command(web.core, "node.figures", {})
    assert sent["cases"]["new"] == 2
    assert sent["referrals"] == {"sent": 1, "received": 0}
    assert rows(sent, "referrals_by_peer") == {GR: [1, 0]}
    assert rows(sent, "referrals_by_outcome") == {"located_safe": [1, 0]}
    assert rows(sent, "referrals_by_found_by") == {"police": [1, 0]}
    received = await run_command(web.cores[GR], "node.figures", {})
    assert received["cases"]["new"] == 0
    assert rows(received, "referrals_by_peer") == {BE: [0, 1]}
    times = {(each["name"], each["is_ours"]): each["median_ms"] for each in received["times"]}
    assert times["to_claim_ms", True] == HOUR_MS
    assert times["to_answer_ms", True] == 2 * HOUR_MS
    other = await run_command(web.core, "node.figures", {"year": 1999})
    assert other["cases"]["new"] == 0
    assert other["referrals"] == {"sent": 0, "received": 0}
    with pytest.raises(NodeError):
        await run_command(web.core, "node.figures", {"year": -1})


async def test_the_page_shows_numbers_and_hides_small_ones_for_publishing(
    web: PagesUnderTest,
) -> None:
    for _ in range(3):
        await add_case(web.core)
    token = await web.signed_in(Role.AUDITOR)
    own = await web.get("/figures", token)
    assert '<td class="number">3</td>' in own.text
    assert 'class="shade-1"' in own.text
    assert "not recorded here" in own.text
    public = await web.get("/figures?show=publish", token)
    assert '<td class="number">3</td>' not in public.text
    assert '<td class="number">small</td>' in public.text
    assert 'class="shade-1"' not in public.text
    for _ in range(2):
        await add_case(web.core)
    enough = await web.get("/figures?show=publish", token)
    assert '<td class="number">5</td>' in enough.text
    assert (await web.get("/figures?year=20x6", token)).status == 200
    assert (await web.get("/figures?year=0001", token)).status == 200
