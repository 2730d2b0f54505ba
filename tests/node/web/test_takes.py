"""The take page: which child of theirs is which of ours, and whose value is right for each."""

from __future__ import annotations

import re

import pytest
from google.protobuf import json_format

from node.users.policy import Role
from protocol.pb.homeward.v1 import case_pb2
from tests.support.pages import BE, GR, PagesUnderTest
from tests.support.referring import ask, hidden, send, start

SEX, GIVEN = "children.sex", "children.names.given"


@pytest.fixture
async def anna(web: PagesUnderTest) -> str:
    await start(web)
    return await web.signed_in(Role.CASEWORKER, "Anna")


async def keep(web: PagesUnderTest, node: str, *children: tuple[str, str, str]) -> str:
    """Keep a case of these children: id, given name, sex."""
    case = case_pb2.Case(category="runaway")
    for child_id, given, sex in children:
        case.children.add(id=child_id, sex=sex).names.add(given=given, script="Latn")
    body = json_format.MessageToJson(case)
    added = await ask(web, node, "case.add", case=body, not_a_duplicate=True)
    return str(added["case_id"])


async def told(web: PagesUnderTest, *children: tuple[str, str, str]) -> str:
    """Let Greece tell Belgium of these children; return the page on which it is taken."""
    leg = await send(web, GR, BE, await keep(web, GR, *children), field=[SEX, GIVEN])
    return f"/referrals/{leg}/take/1"


async def children(web: PagesUnderTest, case_id: str) -> list[tuple[str, str, list[str]]]:
    case = (await web.core.cases.get(case_id)).case
    return [(c.id, c.sex, [name.given for name in c.names]) for c in case.children]


def fields(page, case_id: str, **more: object) -> dict[str, object]:
    return {
        **hidden(page), "into": case_id, "has_chosen": "yes", "field": [SEX], "do": "take", **more
    }  # fmt: skip


async def test_their_child_is_another_one_until_somebody_says_who(
    web: PagesUnderTest, anna: str
) -> None:
    case_id = await keep(web, BE, ("c1", "Otherina", "male"))
    path = await told(web, ("c1", "Testina", "female"))
    page = await web.post(path, anna, {"into": case_id, "do": "look"})
    assert "Their child Testina is our child" in page.text
    assert re.search(r'<option value="c1">Otherina</option>', page.text)
    taken = await web.post(path, anna, fields(page, case_id))
    assert taken.location == f"/cases/{case_id}"
    assert await children(web, case_id) == [("c1", "male", ["Otherina"]), ("c2", "female", [])]


async def test_what_somebody_says_is_shown_and_taken(web: PagesUnderTest, anna: str) -> None:
    case_id = await keep(web, BE, ("c4", "Testina", "unknown"), ("c5", "Brother", "male"))
    path = await told(web, ("c1", "Testina", "female"))
    same = {"same:c1": "c4"}
    page = await web.post(path, anna, {**fields(web_page(), case_id), **same, "do": "look"})
    assert '<option value="c4" selected>' in page.text
    assert "The case has other values" in page.text
    assert 'name="side:children[c4].sex"' in page.text
    refused = await web.post(path, anna, fields(page, case_id, **same))
    assert (refused.status, "Tick whose value is right." in refused.text) == (422, True)
    assert (await children(web, case_id))[0][1] == "unknown"
    sides = {"side:children[c4].sex": "told"}
    taken = await web.post(path, anna, fields(page, case_id, **same, **sides))
    assert taken.location == f"/cases/{case_id}"
    assert [each[:2] for each in await children(web, case_id)] == [("c4", "female"), ("c5", "male")]


async def test_each_child_has_its_own_answer_to_whose_value_is_right(
    web: PagesUnderTest, anna: str
) -> None:
    case_id = await keep(web, BE, ("c1", "Testina", "male"), ("c2", "Brother", "female"))
    path = await told(web, ("c1", "Testina", "female"), ("c2", "Brother", "male"))
    same = {"same:c1": "c1", "same:c2": "c2"}
    page = await web.post(path, anna, {**fields(web_page(), case_id), **same, "do": "look"})
    names = set(re.findall(r'name="(side:[^"]+)"', page.text))
    assert names == {"side:children[c1].sex", "side:children[c2].sex"}
    sides = {"side:children[c1].sex": "told", "side:children[c2].sex": "own"}
    taken = await web.post(path, anna, fields(page, case_id, **same, **sides))
    assert taken.location == f"/cases/{case_id}"
    sexes = [each[1] for each in await children(web, case_id)]
    assert sexes == ["female", "female"]


async def test_two_of_theirs_are_never_one_of_ours(web: PagesUnderTest, anna: str) -> None:
    case_id = await keep(web, BE, ("c1", "Testina", "unknown"))
    path = await told(web, ("c1", "Testina", "female"), ("c2", "Brother", "male"))
    same = {"same:c1": "c1", "same:c2": "c1"}
    page = await web.post(path, anna, {**fields(web_page(), case_id), **same, "do": "look"})
    assert "Two of their children cannot be one of ours." in page.text
    # It can be put right where it was said.
    assert page.text.count("is our child") == 2
    version = str((await web.core.cases.get(case_id)).row.version)
    sent = fields(page, case_id, **same, case_version=version)
    refused = await web.post(path, anna, {**sent, "field": [GIVEN]})
    assert refused.status == 422
    assert await children(web, case_id) == [("c1", "unknown", ["Testina"])]


async def test_who_is_known_stays_known_with_the_next_step(web: PagesUnderTest, anna: str) -> None:
    case_id = await keep(web, BE, ("c7", "Testina", ""))
    path = await told(web, ("c1", "Testina", "female"))
    page = await web.post(path, anna, {"into": case_id, "do": "look"})
    await web.post(path, anna, fields(page, case_id, **{"same:c1": "c7"}))
    again = await web.get(path, anna)
    assert "as it is known: Testina" in again.text


async def test_a_person_is_no_child(web: PagesUnderTest, anna: str) -> None:
    case = case_pb2.Case(category="runaway")
    case.children.add(id="c1", sex="unknown")
    case.persons.add(id="p1", roles=["taker_alleged"])
    body = json_format.MessageToJson(case)
    case_id = (await ask(web, BE, "case.add", case=body, not_a_duplicate=True))["case_id"]
    path = await told(web, ("c1", "Testina", "female"))
    page = await web.post(path, anna, {"into": case_id, "do": "look"})
    refused = await web.post(path, anna, fields(page, case_id, **{"same:c1": "p1"}))
    assert refused.status == 422
    assert await children(web, case_id) == [("c1", "unknown", [])]


def web_page():
    """Return a page without hidden fields, for what is only looked at."""

    class Nothing:
        text = ""

    return Nothing()
