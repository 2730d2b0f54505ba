"""Single fields of a case, named by a place: what each way of writing makes of it."""

from __future__ import annotations

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from node.cases.editing import assign, remove
from node.errors import ArgumentError
from protocol.disclosure import check_case
from protocol.disclosure.dictionary import filled
from protocol.disclosure.values import value_text
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import belgian_case

EVENING_MS = 1_795_354_200_000  # 2026-11-22 13:30 UTC


def edited(*changes: str) -> Case:
    case = belgian_case()
    for change in changes:
        place, _, value = change.partition("=")
        assign(case, place, value)
    return case


def outcome(case: Case, place: str, value: str) -> str:
    try:
        assign(case, place, value)
    except ArgumentError as error:
        return error.code
    return "done"


def refused(*changes: str) -> ArgumentError:
    with pytest.raises(ArgumentError) as refusal:
        edited(*changes)
    return refusal.value


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        ("children[c1].date_of_birth=2012-05-17", "children.date_of_birth", "2012-05-17"),
        ("children[c1].date_of_birth=2012-05", "children.date_of_birth", "2012-05"),
        ("children[c1].date_of_birth=2012~", "children.date_of_birth", "2012 (Estimated)"),
        ("children[c1].date_of_birth=not_asked", "children.date_of_birth", "Not asked"),
        ("children[c1].age_years=12-14", "children.age_years", "12–14"),
        ("children[c1].age_years=12-14~", "children.age_years", "12–14 (Estimated)"),
        ("children[c1].age_years=12", "children.age_years", "12"),
        ("children[c1].age_years=12-", "children.age_years", "≥ 12"),
        ("children[c1].age_years=-14", "children.age_years", "≤ 14"),
        ("children[c1].age_years=withheld", "children.age_years", "Withheld"),
        ("found_at=2026-11-22T14:30+01:00", "found_at", "2026-11-22 14:30 +01:00"),
        ("found_at=2026-11-22T14:30", "found_at", "2026-11-22 14:30 UTC"),
        ("found_at=2026-11-22", "found_at", "2026-11-22"),
        ("found_at=2026-11", "found_at", "2026-11"),
        (
            "found_at=2026-11-22T14:30-03:30~",
            "found_at",
            "2026-11-22 14:30 -03:30 (Estimated)",
        ),
        (
            "circumstances.last_seen.seen=2026-11-22T14:00Z/2026-11-22T15:00Z",
            "circumstances.last_seen.seen",
            "2026-11-22 14:00 UTC – 2026-11-22 15:00 UTC",
        ),
        ("circumstances.text=nl:Zij liep weg.", "circumstances.text", "Zij liep weg."),
        (
            "circumstances.last_seen.place.coordinates=50.47,-4.87",
            "circumstances.last_seen.place.coordinates",
            "50.47, -4.87",
        ),
    ],
)
def test_a_value_is_written_as_people_write_it(change, path, text) -> None:
    case = edited(change)
    (found,) = [each.value for each in filled(case) if each.path == path]
    assert value_text(found, "en") == text
    assert check_case(case) == []


def test_fields_of_elements_lists_and_groups() -> None:
    case = edited(
        "status=found_open",
        "urgency=1",
        "children[c1].names[1].given=Ελένα",
        "countries_to=BG,RO",
        "countries_via[+]=MK",
        "legal_situation.mediation.offered=yes",
    )
    assert (case.status, case.urgency) == ("found_open", 1)
    assert [name.given for name in case.children[0].names] == ["Eléni", "Ελένα"]
    assert (list(case.countries_to), list(case.countries_via)) == (["BG", "RO"], ["MK"])
    assert case.legal_situation.mediation.offered == "yes"


def test_a_new_element_has_the_id_that_it_is_given() -> None:
    case = edited(
        "children[+c2].sex=male",
        "children[c2].names[+].full=Testino Fictivo",
        "children[c2].names[0].script=Latn",
        'persons[+p3]={"roles": ["witness"], "id": "p9"}',
    )
    assert [child.id for child in case.children] == ["c1", "c2"]
    assert [(name.full, name.script) for name in case.children[1].names] == [
        ("Testino Fictivo", "Latn")
    ]
    assert [(person.id, list(person.roles)) for person in case.persons[2:]] == [("p3", ["witness"])]


def test_a_field_is_emptied_and_an_element_taken_out() -> None:
    case = edited("status=", "countries_to=", "children[c1].date_of_birth=")
    assert (case.status, list(case.countries_to)) == ("", [])
    assert not case.children[0].HasField("date_of_birth")
    remove(case, "persons[p1]")
    remove(case, "children[c1].names[0]")
    remove(case, "circumstances")
    assert [person.id for person in case.persons] == ["p2"]
    assert [name.script for name in case.children[0].names] == ["Grek"]
    assert not case.HasField("circumstances")


@pytest.mark.parametrize(
    "change",
    [
        "colour=red",
        "children.sex=male",
        "children[c9].sex=male",
        "children[0].sex=male",
        "children[+].sex=male",
        "children[+c1].sex=male",
        "children[c1].names[2].given=x",
        "children[c1].names[+n1].given=x",
        "children[c1]=male",
        "status[0]=open",
        "countries_to[1]=BG",
        "circumstances[0].planned=yes",
        "children[c1].date_of_birth.year=2012",
        "children[c1.sex=male",
        "=x",
        "circumstances=yes",
    ],
)
def test_a_place_that_there_is_not_is_refused(change) -> None:
    assert refused(change).code == "bad_place"


@pytest.mark.parametrize(
    "change",
    [
        "urgency=high",
        "urgency=99999999999",
        "children[c1].date_of_birth=17.05.2012",
        "children[c1].age_years=about 12",
        "children[c1].age_years=-",
        "children[c1].age_years=99999999999",
        "found_at=yesterday",
        "found_at=2026-02-31",
        "circumstances.text=Zij liep weg.",
        "circumstances.last_seen.place.coordinates=Namur",
        "circumstances.last_seen.place.coordinates=nan,1",
        'children[c1].date_of_birth={"year": "Testina"}',
        "files[f1].digest=abc",
    ],
)
def test_a_value_that_cannot_be_is_refused_and_never_repeated(change) -> None:
    error = refused(change)
    assert error.code == "bad_value"
    told = (error.sentence + " " + error.hint).replace(",", "").split()
    assert not set(change.partition("=")[2].split()) & set(told)


def test_a_place_that_is_wrong_tells_the_fields_that_there_are() -> None:
    assert "date_of_birth" in refused("children[c1].birthday=2012").hint


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_typed_is_done_or_refused(place, value) -> None:
    assert outcome(belgian_case(), place, value) in ("done", "bad_place", "bad_value")


@given(
    st.sampled_from(
        ["found_at", "children[c1].date_of_birth", "children[c1].age_years", "circumstances.text"]
    ),
    st.text('0123456789-~:/T+{}",. unkow', max_size=20),
)
def test_whatever_is_typed_for_a_value_is_done_or_refused(place, value) -> None:
    case = belgian_case()
    assert outcome(case, place, value) in ("done", "bad_value")
    assert json_format.Parse(json_format.MessageToJson(case), Case()) == case
