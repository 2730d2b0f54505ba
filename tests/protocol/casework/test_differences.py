"""What a version changed: found where it is, named by ids, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given

from protocol.casework.differences import Difference, What, differences
from protocol.disclosure.dictionary import filled
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import atoms, belgian_case, random_cases


def changed(change: Callable[[Case], object]) -> list[tuple[str, str]]:
    before, after = belgian_case(), belgian_case()
    change(after)
    return [(each.place, each.what.value) for each in differences(before, after)]


def said(case: Case) -> list[tuple[str, object]]:
    return [(value.place, value.value) for value in filled(case)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda case: setattr(case, "status", "found_open"), [("status", "changed")]),
        (lambda case: setattr(case, "status", ""), [("status", "removed")]),
        (lambda case: setattr(case, "reported_by", "police"), [("reported_by", "added")]),
        (lambda case: case.countries_to.append("BG"), [("countries_to", "changed")]),
        (
            lambda case: setattr(case.children[0], "sex", "male"),
            [("children[c1].sex", "changed")],
        ),
        (
            lambda case: setattr(case.children[0].names[1], "given", "Ελένα"),
            [("children[c1].names[1].given", "changed")],
        ),
        (lambda case: case.children.add(id="c2"), [("children[c2]", "added")]),
        # The second of two is taken out: it is the first that stays.
        (lambda case: case.children[0].names.pop(0), [("children[c1].names[0]", "removed")]),
        (lambda case: case.persons.pop(0), [("persons[p1]", "removed")]),
        (lambda case: case.persons.reverse(), [("persons", "moved")]),
        (
            lambda case: setattr(case.children[0].date_of_birth, "year", 2012),
            [("children[c1].date_of_birth", "changed")],
        ),
        (
            lambda case: setattr(case.legal_situation.mediation, "offered", "yes"),
            [("legal_situation.mediation.offered", "added")],
        ),
        (lambda case: case.legal_situation.SetInParent(), []),
    ],
)
def test_a_change_is_named_with_its_place(change, found) -> None:
    assert changed(change) == found


@given(random_cases())
def test_a_case_does_not_differ_from_itself(case) -> None:
    copy = Case.FromString(case.SerializeToString())
    assert differences(case, copy) == []


@given(random_cases(), random_cases())
def test_two_cases_differ_just_when_they_say_something_else(before, after) -> None:
    found = differences(before, after)
    assert (found == []) == (said(before) == said(after))
    assert len(set(found)) == len(found)


@given(random_cases())
def test_what_was_added_is_removed_on_the_way_back(case) -> None:
    there, back = differences(Case(), case), differences(case, Case())
    assert {each.place for each in there} == {each.place for each in back}
    assert {each.what for each in there} <= {What.ADDED}
    assert {each.what for each in back} <= {What.REMOVED}


@given(random_cases())
def test_a_difference_holds_no_value(case) -> None:
    values = {value for path, value in atoms(case) if not path.endswith("id")}
    for each in differences(Case(), case):
        assert isinstance(each, Difference)
        assert not [value for value in values if isinstance(value, str) and value in each.place]
