"""Values are known again by what they say: not by their place, nor by how it is spelled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.disclosure import disclose
from protocol.disclosure.classes import DataClass, data_classes
from protocol.disclosure.marks import marks
from protocol.disclosure.received import part_fault
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import random_cases, random_choices


def case(**child: object) -> Case:
    return Case(children=[{"id": "c1", **child}])


@pytest.mark.parametrize("name", ["Ελένη", " ελένη ", "ΕΛΈΝΗ", "Ελε\u0301νη"])
def test_another_spelling_of_the_same_is_the_same(name: str) -> None:
    first = {"full": "Ελένη"}
    assert set(marks(case(names=[first]))) == set(marks(case(names=[{"full": name}])))


def test_what_is_moved_is_the_same_and_what_is_of_another_is_not() -> None:
    one, two = {"full": "Invented One"}, {"full": "Invented Two"}
    assert set(marks(case(names=[one, two]))) == set(marks(case(names=[two, one])))
    other = Case(children=[{"id": "c2", "names": [one]}])
    assert not set(marks(other)) & set(marks(case(names=[one])))
    assert not set(marks(case(names=[one]))) & set(marks(case(names=[two])))
    given_name = {"given": "Invented One"}
    assert not set(marks(case(names=[given_name]))) & set(marks(case(names=[one])))


def test_an_id_says_nothing_of_itself() -> None:
    assert list(marks(case())) == []


@settings(max_examples=40, deadline=None)
@given(whole=random_cases(), paths=random_choices())
def test_a_part_has_no_mark_that_the_case_has_not_and_is_no_more_than_its_choice(
    whole: Case, paths: list[str]
) -> None:
    part = disclose(whole, paths, file_ids={file.id for file in whole.files if file.id})
    assert set(marks(part)) <= set(marks(whole))
    assert part_fault(part, paths) is None


@settings(max_examples=40, deadline=None)
@given(whole=random_cases(), paths=random_choices(), data=st.data())
def test_what_is_left_out_of_the_mask_is_missed_there(whole: Case, paths, data) -> None:
    part = disclose(whole, paths, file_ids={file.id for file in whole.files if file.id})
    kept = data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    again = disclose(part, kept, file_ids={file.id for file in part.files if file.id})
    expected = None if again == part else "has more than its mask"
    assert part_fault(part, kept) == expected


@pytest.mark.parametrize(
    ("child", "classes"),
    [
        ({"sex": "female"}, set()),
        ({"communication_needs": ["sign_language"]}, {DataClass.SPECIAL}),
        ({"communication_needs": ["none"]}, set()),
        ({"communication_needs": ["not_asked"]}, set()),
        ({"description": {"skin_tone": {"text": "x", "language": "en"}}}, {DataClass.SPECIAL}),
        ({"vulnerabilities": [{"kind": "none", "text": {"text": "x"}}]}, set()),
        ({"vulnerabilities": [{"kind": "autism"}]}, {DataClass.SPECIAL}),
        ({"vulnerabilities": [{"kind": "weapon"}]}, {DataClass.SPECIAL, DataClass.OFFENCE}),
    ],
)
def test_the_dictionary_says_of_which_class_data_are(child, classes: set[DataClass]) -> None:
    assert data_classes(case(**child)) == classes


def test_offences_of_other_people_are_a_class_of_their_own() -> None:
    person = {"id": "p1", "allegation": {"status": "charged"}}
    assert data_classes(Case(persons=[person])) == {DataClass.OFFENCE}
    person["allegation"] = {"status": "none_known"}
    assert data_classes(Case(persons=[person])) == set()
    complaint = {"legal_situation": {"criminal_complaints": [{"status": "filed"}]}}
    assert data_classes(Case(**complaint)) == {DataClass.OFFENCE}
