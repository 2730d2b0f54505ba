"""Two people change one part of a case: nobody's addition is lost, or lands somewhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.cases.editing import assign, remove
from node.web.caseform import all_blocks, changes, section_blocks
from node.web.casemerge import Meanwhile, on_newest
from node.web.casevalues import Tongue, shown_list
from node.web.forms import Form
from protocol.disclosure.merging import element_ids
from protocol.pb.homeward.v1 import case_pb2

TONGUE = Tongue(lambda text: text, "en")
NAME = "children[c1].names"


def case_of(*given: str) -> case_pb2.Case:
    """Return a case of one child with these names."""
    case = case_pb2.Case(category="runaway", countries_to=["GR", "FR"])
    child = case.children.add(id="c1", sex="female", nationalities=["BE"])
    for each in given:
        child.names.add(given=each, script="Latn")
    return case


def changed(case: case_pb2.Case, *edits: str) -> case_pb2.Case:
    """Return a case after edits: "place=value", or "-place" for what goes."""
    copy = case_pb2.Case()
    copy.CopyFrom(case)
    for edit in edits:
        if edit.startswith("-"):
            remove(copy, edit[1:])
        else:
            place, _, value = edit.partition("=")
            assign(copy, place, value)
    return copy


def ids(*cases: case_pb2.Case) -> set[str]:
    return {each for case in cases for each in element_ids(case)}


def both(
    case: case_pb2.Case,
    theirs: case_pb2.Case,
    section: str = "children",
    removed: tuple[str, ...] = (),
    **typed: str | list[str],
) -> tuple[case_pb2.Case, Meanwhile]:
    """Save theirs, then what was typed on the earlier form; return what becomes of it."""
    before = section_blocks(case, section, TONGUE, ids(case))
    newest = section_blocks(theirs, section, TONGUE, ids(case, theirs))
    values = {
        each.name: shown_list(each)
        for block in all_blocks(before)
        for question in block.questions
        for each in question.inputs
    }
    for name, value in typed.items():
        assert name in values, name
        values[name] = [value] if isinstance(value, str) else value
    form = Form({**values, "remove": list(removed), "reason": ["why"]})
    merged = on_newest(before, newest, form)
    again = Form(merged.values)
    found, gone = changes(newest, again)
    assert not again.faults
    return changed(theirs, *found, *(f"-{place}" for place in gone)), merged


def names(case: case_pb2.Case, number: int = 0) -> list[str]:
    return [each.given for each in case.children[number].names]


def test_a_name_that_each_has_added_is_there_from_both() -> None:
    theirs = changed(case_of("Ana"), f"{NAME}[+].given=Theirs")
    result, merged = both(case_of("Ana"), theirs, **{f"{NAME}[1].given": "Mine"})
    assert names(result) == ["Ana", "Theirs", "Mine"]
    assert (merged.clashes, merged.lost) == ([], [])
    assert merged.values["reason"] == ["why"]


def test_a_child_that_each_has_added_is_there_from_both() -> None:
    theirs = changed(case_of("Ana"), "children[+c2].sex=male", "children[c2].names[+].given=Theirs")
    result, merged = both(
        case_of("Ana"), theirs, **{"children[c2].sex": "female", "children[c2].names[0].given": "M"}
    )
    assert [(child.id, child.sex) for child in result.children] == [
        ("c1", "female"),
        ("c2", "male"),
        ("c3", "female"),
    ]
    assert (names(result, 1), names(result, 2)) == (["Theirs"], ["M"])
    assert merged.clashes == []


@pytest.mark.parametrize("section", ["children"])
def test_what_is_typed_follows_its_element(section: str) -> None:
    before = case_of("Ana", "Bea", "Cleo")
    theirs = changed(before, f"-{NAME}[0]")
    result, merged = both(before, theirs, section, **{f"{NAME}[2].given": "Clea"})
    assert names(result) == ["Bea", "Clea"]
    assert (merged.clashes, merged.lost) == ([], [])


def test_what_is_typed_into_what_is_gone_is_told_and_put_nowhere() -> None:
    before = case_of("Ana", "Bea")
    theirs = changed(before, f"-{NAME}[1]")
    result, merged = both(before, theirs, **{f"{NAME}[1].given": "Beatrix"})
    assert result == theirs
    assert [typed for _, typed in merged.lost] == ["Beatrix"]


def test_what_both_take_out_goes_once() -> None:
    before = case_of("Ana", "Bea", "Cleo")
    theirs = changed(before, f"-{NAME}[0]")
    result, _ = both(before, theirs, removed=(f"{NAME}[0]",))
    assert names(result) == ["Bea", "Cleo"]
    result, _ = both(before, theirs, removed=(f"{NAME}[1]",))
    assert names(result) == ["Cleo"]


def test_what_a_colleague_has_just_changed_does_not_go_unseen() -> None:
    before = case_of("Ana", "Bea")
    theirs = changed(before, f"{NAME}[1].family=Known")
    result, merged = both(before, theirs, removed=(f"{NAME}[1]",))
    assert result == theirs
    assert len(merged.kept) == 1


def test_both_change_one_name_and_somebody_chooses() -> None:
    before = case_of("Ana", "Bea")
    theirs = changed(before, f"{NAME}[1].given=Beata")
    _, merged = both(before, theirs, **{f"{NAME}[1].given": "Beatrix"})
    assert merged.clashes == [f"{NAME}[1].given"]
    assert merged.values[f"{NAME}[1].given"] == ["Beatrix"]
    # The same change is none against the other.
    result, merged = both(before, theirs, **{f"{NAME}[1].given": "Beata"})
    assert (result, merged.clashes) == (theirs, [])


def test_different_fields_of_one_name_are_both_changed() -> None:
    before = case_of("Ana")
    theirs = changed(before, f"{NAME}[0].family=Known")
    result, merged = both(before, theirs, **{f"{NAME}[0].given": "Anna"})
    assert (result.children[0].names[0].given, result.children[0].names[0].family) == (
        "Anna",
        "Known",
    )
    assert merged.clashes == []


def test_a_name_that_may_be_another_one_is_changed_only_when_somebody_says_so() -> None:
    before = case_of("Ana")
    theirs = changed(before, f"-{NAME}[0]", f"{NAME}[+].given=Zoe", f"{NAME}[0].script=Latn")
    _, merged = both(before, theirs, **{f"{NAME}[0].family": "Mine"})
    assert merged.clashes == [f"{NAME}[0].family"]


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        ("GR,FR,IT", ["GR", "FR", "DE"], ["GR", "FR", "IT", "DE"]),
        ("GR", ["GR", "FR", "DE"], ["GR", "DE"]),
        ("GR,FR,IT", ["FR"], ["FR", "IT"]),
        ("GR,FR,IT", ["GR", "FR", "IT"], ["GR", "FR", "IT"]),
        ("", ["GR", "FR", "DE"], ["DE"]),
    ],
)
def test_a_plain_list_has_what_both_added_and_lacks_what_either_took_out(
    theirs: str, mine: list[str], expected: list[str]
) -> None:
    saved = changed(case_of("Ana"), f"countries_to={theirs}")
    result, merged = both(case_of("Ana"), saved, "case", countries_to=mine)
    assert list(result.countries_to) == expected
    assert merged.clashes == []


def test_lines_of_text_are_joined_as_well() -> None:
    place = "children[c1].description.items_carried"
    before = changed(case_of("Ana"), f'{place}[+]={{"text": "a red bag", "language": "en"}}')
    theirs = changed(before, f'{place}[+]={{"text": "a book", "language": "en"}}')
    result, _ = both(before, theirs, **{place: "a red bag\nan umbrella, blue"})
    carried = [each.text for each in result.children[0].description.items_carried]
    assert carried == ["a red bag", "a book", "an umbrella, blue"]


# --- whatever a colleague does

Edit = Callable[[case_pb2.Case], case_pb2.Case]


@st.composite
def histories(draw) -> tuple[case_pb2.Case, case_pb2.Case]:
    """Draw a case and what a colleague has made of it."""
    given_names = draw(st.lists(st.sampled_from(["Ana", "Bea", "Cleo"]), max_size=4))
    before = after = case_of(*given_names)
    for number in range(draw(st.integers(0, 4))):
        count = len(after.children[0].names)
        which = draw(st.integers(0, max(0, count - 1)))
        edit = draw(st.sampled_from(["add", "remove", "change", "child"]))
        if edit == "add":
            after = changed(after, f"{NAME}[+].given=Added{number}")
        elif edit == "child":
            after = changed(after, f"children[+c{number + 2}].sex=male")
        elif count and edit == "remove":
            after = changed(after, f"-{NAME}[{which}]")
        elif count:
            after = changed(after, f"{NAME}[{which}].family=Changed{number}")
    return before, after


@given(histories())
@settings(max_examples=150, deadline=None)
def test_what_i_add_is_there_once_and_what_they_did_stays(
    history: tuple[case_pb2.Case, case_pb2.Case],
) -> None:
    before, theirs = history
    slot = len(before.children[0].names)
    result, merged = both(
        before, theirs, **{f"{NAME}[{slot}].given": "Mine", "children[c2].names[0].given": "My"}
    )
    assert names(result) == [*names(theirs), "Mine"]
    assert [child.id for child in result.children[: len(theirs.children)]] == [
        child.id for child in theirs.children
    ]
    assert names(result, len(theirs.children)) == ["My"]
    assert (merged.clashes, merged.lost) == ([], [])


@given(histories(), st.data())
@settings(max_examples=150, deadline=None)
def test_what_i_change_is_where_it_belongs_or_is_told(
    history: tuple[case_pb2.Case, case_pb2.Case], data: st.DataObject
) -> None:
    before, theirs = history
    count = len(before.children[0].names)
    if not count:
        return
    number = data.draw(st.integers(0, count - 1))
    result, merged = both(before, theirs, **{f"{NAME}[{number}].full": "Mine"})
    told = [typed for _, typed in merged.lost]
    found = [each for each in result.children[0].names if each.full == "Mine"]
    assert len(found) + len(told) == 1
    if not merged.clashes:
        # On a name that reads as the one that was changed, whatever else was done to it.
        assert [each.given for each in found] in ([], [before.children[0].names[number].given])
    assert len(result.children[0].names) == len(theirs.children[0].names)
