"""Lists that are told in pieces, and figures that are counted again only when something changed."""

from __future__ import annotations

import pytest

from node.commands import run_command
from node.errors import NodeError
from node.users.policy import Role
from tests.support import referring
from tests.support.exchanged import add_case, exchange
from tests.support.pages import BE, GR, PagesUnderTest


async def test_a_list_of_cases_is_as_long_as_was_asked_for(web: PagesUnderTest) -> None:
    ids = []
    for _ in range(3):
        web.clock.at_ms += 1000
        ids.append(await add_case(web.core))
    for limit, expected in ((2, ids[:0:-1]), (0, ids[::-1])):
        told = await run_command(web.core, "case.list", {"limit": limit})
        assert [each["case_id"] for each in told["cases"]] == expected


async def test_a_case_is_found_by_the_beginning_of_its_number(web: PagesUnderTest) -> None:
    one, two = await add_case(web.core), await add_case(web.core)
    number = one.partition("/")[2]
    assert await web.core.cases.find(one) == one
    assert await web.core.cases.find(number[:-1]) == one
    common = next(n for n in range(26, 0, -1) if number[:n] == two.partition("/")[2][:n])
    for text, code in ((number[:common], "ambiguous_case"), (number + "0", "unknown_case")):
        with pytest.raises(NodeError) as refused:
            await web.core.cases.find(text)
        assert refused.value.code == code


async def test_figures_are_counted_anew_when_something_has_changed(web: PagesUnderTest) -> None:
    await add_case(web.core)
    first = await web.core.figures.count(0)
    assert await web.core.figures.count(0) is first
    await add_case(web.core)
    second = await web.core.figures.count(0)
    assert (first["cases"]["new"], second["cases"]["new"]) == (1, 2)
    await exchange(web)
    third = await web.core.figures.count(0)
    assert (second["referrals"]["sent"], third["referrals"]["sent"]) == (0, 1)


async def test_the_desk_counts_all_and_a_pile_has_pages(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.web.around.FIRST", 1)
    monkeypatch.setattr("node.web.around.PILE", 1)
    token = await web.signed_in(Role.CASEWORKER)
    case_ids = [await add_case(web.core) for _ in range(2)]
    for case_id in case_ids:
        await web.core.store.write(
            lambda db, case_id=case_id: db.execute(
                "INSERT INTO case_ends VALUES (?, 'closed', 1, ?, NULL)",
                [case_id, web.clock.now_ms()],
            )
        )
    desk = await web.get("/", token)
    assert sum(case_id in desk.text for case_id in case_ids) == 1
    assert "All of them (2)" in desk.text
    seen = [await web.get(f"/?pile=endings&skip={skip}", token) for skip in range(2)]
    assert all(any(case_id in page.text for page in seen) for case_id in case_ids)
    assert "The next ones" in seen[0].text
    assert "The ones before" in seen[1].text


async def test_the_list_of_referrals_has_pages_and_counts_all_on_each(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.web.referral_list.SHOWN", 1)
    await referring.start(web)
    token = await web.signed_in(Role.CASEWORKER)
    case_ids = [await referring.add_case(web, BE) for _ in range(2)]
    calm, urgent = [
        await referring.send(web, BE, GR, case_id, urgency=urgency)
        for case_id, urgency in zip(case_ids, (3, 1), strict=True)
    ]
    seen = [(await web.get(f"/referrals?skip={skip}", token)).text for skip in range(3)]
    told = [[leg in page for leg in (urgent, calm)] for page in seen]
    assert told == [[True, False], [False, True], [False, False]]
    assert all("All (2)" in page for page in seen)
    assert 'href="/referrals?skip=1"' in seen[0]
    assert "The next ones" not in seen[1]
    assert 'href="/referrals?skip=0"' in seen[1]
