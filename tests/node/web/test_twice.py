"""A form that is sent twice is done once, and both senders come to what was done."""

from __future__ import annotations

import asyncio

from node.users.policy import Role
from tests.support.pages import PagesUnderTest

CASE = {
    "children[c1].names[0].given": "Nova", "category": "runaway", "reason": "a call",
    "form_id": "one",
}  # fmt: skip
YEAR = "children[c1].date_of_birth#year"


async def test_a_second_click_comes_to_what_the_first_is_still_doing(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.CASEWORKER)
    answers = await asyncio.gather(*(web.post("/new-case", token, CASE) for _ in range(3)))
    assert {answer.status for answer in answers} == {303}
    (location,) = {answer.location for answer in answers}
    assert location.startswith("/cases/be.example/")
    assert len(await web.core.cases.list()) == 1
    assert web.office.under_way == {}


async def test_a_form_that_was_refused_is_refused_to_every_click(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.CASEWORKER)
    wrong = {**CASE, YEAR: "abc"}
    answers = await asyncio.gather(*(web.post("/new-case", token, wrong) for _ in range(2)))
    assert [answer.status for answer in answers] == [422, 422]
    assert await web.core.cases.list() == []
    assert (await web.post("/new-case", token, CASE)).status == 303
