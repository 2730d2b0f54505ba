"""The forms of a case: what is typed is kept, checked, and put beside what others typed."""

from __future__ import annotations

import html
import re

import pytest

from node.users.policy import Role
from tests.support.casedesk import Desk, desk, faults
from tests.support.pages import PagesUnderTest


async def fields_of(at: Desk, path: str) -> dict[str, list[str]]:
    """Return what a browser would send for a form that nobody has touched."""
    page = await at.gets(path)
    form = page[page.index("data-keep") :]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        is_left_out = 'type="checkbox"' in tag and "checked" not in tag
        if name and not is_left_out:
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(
        r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        found[name] = [chosen[1] if chosen else ""]
    for name, body in re.findall(
        r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        found[name] = [body]
    return found


@pytest.mark.parametrize("section", ["case", "children", "persons", "legal_situation", "files"])
async def test_a_form_that_nobody_touched_changes_nothing(
    web: PagesUnderTest, section: str
) -> None:
    at = await desk(web)
    fields = await fields_of(at, f"/edit/{section}/CASE")
    await at.posts(f"/edit/{section}/CASE", **{**fields, "reason": ["why"]})
    assert await at.version() == 1


async def test_a_field_is_changed_with_a_reason_and_once(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    fields |= {
        "children[c1].sex": ["other"],
        "children[c1].nationalities": ["Belgium (BE)", "ukraine", ""],
        "children[c1].description.items_carried": ["a red bag\nan umbrella, blue"],
        "reason": ["the mother rang"],
    }
    for _ in range(2):
        await at.posts("/edit/children/CASE", **fields)
    case = (await at.command("case.show"))["case"]
    (child,) = case["children"]
    assert (child["sex"], child["nationalities"]) == ("other", ["BE", "UA"])
    carried = [each["text"] for each in child["description"]["itemsCarried"]]
    assert carried == ["a red bag", "an umbrella, blue"]
    assert await at.version() == 2


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("children[c1].date_of_birth#month", "2", "There is no such date."),
        ("children[c1].date_of_birth#year", "long ago", "This is no whole number."),
        ("children[c1].nationalities", "Atlantis", "This is in no list."),
    ],
)
async def test_each_fault_stands_at_its_field_and_nothing_typed_is_lost(
    web: PagesUnderTest, name: str, typed: str, said: str
) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    fields |= {"children[c1].date_of_birth#day": ["31"], name: [typed], "reason": ["why"]}
    fields["children[c1].place_of_birth"] = ["Elders"]
    answer = await at.posts("/edit/children/CASE", expect=422, **fields)
    (fault,) = faults(answer.text)
    assert fault.partition("#")[0] == name.partition("#")[0]
    page = html.unescape(answer.text)
    assert f'id="field-{fault}"' in page
    assert said in page
    assert 'value="Elders"' in page
    assert f'value="{typed}"' in page
    assert await at.version() == 1


async def test_a_reason_is_asked_for(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    answer = await at.posts("/edit/children/CASE", expect=422, **fields)
    assert faults(answer.text) == ["reason"]


async def test_what_a_colleague_changed_meanwhile_stands_beside_what_was_typed(
    web: PagesUnderTest,
) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    sets = ["children[c1].place_of_birth=Theirs", "children[c1].stateless=no"]
    await at.command("case.change", set=sets, photos=[], reason="they were faster")
    fields |= {
        "children[c1].place_of_birth": ["Mine"],
        "children[c1].sex": ["other"],
        "reason": ["the mother rang"],
    }
    answer = await at.posts("/edit/children/CASE", expect=422, **fields)
    page = html.unescape(answer.text)
    assert "A colleague has changed the case meanwhile" in page
    assert "Two values for: Place of birth" in page
    assert "Mine" in page
    assert "Theirs" in page
    assert "Two values for: Sex" not in page
    merged = {
        **fields,
        "version": ["2"],
        "form_id": [answer.field("form_id")],
        "clash": ["children[c1].place_of_birth"],
        "children[c1].stateless": ["no"],
    }
    # No choice yet: asked again, and nothing is lost.
    again = await at.posts("/edit/children/CASE", expect=422, **merged)
    assert faults(again.text) == ["children[c1].place_of_birth"]
    merged |= {
        "form_id": [again.field("form_id")],
        "choice children[c1].place_of_birth": ["theirs"],
    }
    await at.posts("/edit/children/CASE", **merged)
    (child,) = (await at.command("case.show"))["case"]["children"]
    assert (child["placeOfBirth"], child["sex"], child["stateless"]) == ("Theirs", "other", "no")


async def test_ones_own_value_is_taken_when_it_is_chosen(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    await at.command(
        "case.change", set=["children[c1].place_of_birth=Theirs"], photos=[], reason="faster"
    )
    fields |= {
        "children[c1].place_of_birth": ["Mine"], "reason": ["why"], "version": ["2"],
        "clash": ["children[c1].place_of_birth"],
        "choice children[c1].place_of_birth": ["mine"],
    }  # fmt: skip
    await at.posts("/edit/children/CASE", **fields)
    (child,) = (await at.command("case.show"))["case"]["children"]
    assert child["placeOfBirth"] == "Mine"


async def test_two_people_add_a_name_at_once_and_both_are_there(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    await at.command(
        "case.change", set=["children[c1].names[+].given=Theirs"], photos=[], reason="faster"
    )
    fields |= {"children[c1].names[2].given": ["Mine"], "reason": ["the mother rang"]}
    answer = await at.posts("/edit/children/CASE", expect=422, **fields)
    assert faults(answer.text) == []
    shown = html.unescape(answer.text)
    assert 'name="children[c1].names[2].given" type="text" dir="auto" value="Theirs"' in shown
    again = fields | {
        "version": ["2"], "form_id": [answer.field("form_id")],
        "children[c1].names[2].given": ["Theirs"], "children[c1].names[3].given": ["Mine"],
    }  # fmt: skip
    await at.posts("/edit/children/CASE", **again)
    (child,) = (await at.command("case.show"))["case"]["children"]
    assert [each["given"] for each in child["names"]] == ["Olena", "Олена", "Theirs", "Mine"]


async def test_what_was_typed_into_something_that_is_gone_is_told(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    await at.command("case.change", set=[], remove=["children[c1].names[1]"], photos=[], reason="x")
    fields |= {"children[c1].names[1].given": ["Олеся"], "reason": ["the mother rang"]}
    page = (await at.posts("/edit/children/CASE", expect=422, **fields)).text
    told = html.unescape(page.partition('id="meanwhile"')[2].partition("</section>")[0])
    assert "Олеся" in told


async def test_a_new_text_is_in_the_language_of_who_writes(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/circumstances/CASE")
    assert fields["circumstances.text#language"] == ["en"]
    fields |= {"circumstances.text#text": ["She left at noon."], "reason": ["a call"]}
    await at.posts("/edit/circumstances/CASE", **fields)
    case = (await at.command("case.show"))["case"]
    assert case["circumstances"]["text"] == {"text": "She left at noon.", "language": "en"}


async def test_the_form_of_a_new_case_keeps_all_that_was_typed(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.CASEWORKER)
    fields = {
        "children[c1].names[0].given": "Nova", "children[c1].date_of_birth#year": "abc",
        "category": "runaway", "reason": "a call",
    }  # fmt: skip
    answer = await web.post("/new-case", token, fields)
    assert answer.status == 422
    assert faults(answer.text) == ["children[c1].date_of_birth#year"]
    assert 'value="Nova"' in answer.text
