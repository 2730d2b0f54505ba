"""The Hague form in its own order, and what is missing for a Yellow Notice."""

from __future__ import annotations

from datetime import date

import pytest

from node.forms.hague import TITLES, Section, hague_request, sixteenth_birthday
from node.forms.yellow import WORDS, readiness
from node.training.cases import invented_case
from protocol.disclosure import fields
from protocol.pb.homeward.v1 import case_pb2


def abduction() -> case_pb2.Case:
    """An invented case between parents, with two children at least."""
    cases = (invented_case(number, "hague", date(2026, 11, 22)).case for number in range(400))
    return next(
        case
        for case in cases
        if case.category == "parental_abduction_international" and len(case.children) == 2
    )


def by_number(case: case_pb2.Case) -> dict[str, Section]:
    return {section.number: section for section in hague_request(case, "en")}


def lacks(section: Section) -> list[str]:
    return [missing.words for missing in section.missing]


def test_all_sections_stand_in_the_order_of_the_form_also_of_an_empty_case() -> None:
    for case in (abduction(), case_pb2.Case()):
        assert [section.number for section in hague_request(case, "en")] == list(TITLES)
    empty = by_number(case_pb2.Case())
    assert lacks(empty["I"]) == ["the child", "a parent", "the other parent"]
    assert all(empty[number].missing for number in ("II", "III", "IV", "V", "VI", "VII", "X"))
    assert not any(section.blocks for section in empty.values())


def test_each_child_and_each_parent_has_a_block() -> None:
    case = abduction()
    titles = [block.title for block in by_number(case)["I"].blocks]
    assert [title.split(":")[0] for title in titles] == ["Child c1", "Child c2", "Mother", "Father"]
    for child, block in zip(case.children, by_number(case)["I"].blocks, strict=False):
        texts = {text for _, text, _ in block.rows}
        assert child.names[0].given in texts
        others = {other.names[0].given for other in case.children if other.id != child.id}
        assert not others & texts


def test_what_is_missing_is_said_for_the_child_that_lacks_it_and_goes_when_it_is_there() -> None:
    case = abduction()
    case.children[1].ClearField("nationalities")
    assert "nationality of child c2" in lacks(by_number(case)["I"])
    assert "nationality of child c1" not in lacks(by_number(case)["I"])
    case.children[1].nationalities.append("BE")
    assert "nationality of child c2" not in lacks(by_number(case)["I"])
    legal = case.legal_situation
    legal.ClearField("return_to_person_id")
    assert by_number(case)["VII"].missing
    legal.return_to_person_id = case.persons[0].id
    assert not by_number(case)["VII"].missing
    assert by_number(case)["VII"].blocks[0].title.startswith("Return to: ")


def test_applicant_taker_and_circumstances_stand_in_their_sections() -> None:
    case = abduction()
    form = by_number(case)
    applicant_id = case.legal_situation.applications[0].applicant_person_id
    applicant = next(person for person in case.persons if person.id == applicant_id)
    taker = next(person for person in case.persons if "taker_alleged" in person.roles)
    assert [block.title for block in form["II"].blocks] == [
        f"Applicant: {applicant.names[0].given} {applicant.names[0].family}"
    ]
    assert form["III"].blocks[0].title.endswith(f"{taker.names[0].given} {taker.names[0].family}")
    paths = {path for block in form["IV"].blocks for path, _, _ in block.rows}
    assert "legal_situation.removals.happened_on" in paths
    assert "circumstances.text" in paths


def test_every_section_that_the_dictionary_names_is_printed() -> None:
    """A field that is moved to another section of the form must not vanish from it."""
    named = {
        section.split(".")[0]
        for info in fields(case_pb2.Case)
        for section in info.mappings.get("hague", ())
    }
    assert named <= set(TITLES)


def test_what_never_leaves_and_what_only_a_doctor_sees_is_not_printed() -> None:
    case = abduction()
    case.children[0].description.intimate_marks.add().text.text = "Secret mark"
    case.children[0].police_samples.dna_held_by_police = "yes"
    case.sources.add(id="s1").names.add(full="Secret source")
    case.internal_notes.add().text.text = "Secret note"
    case.files.add(id="f1", kind="court_order", local_name="secret name.pdf")
    case.files.add(id="f2", kind="csam")
    printed = str(hague_request(case, "en"))
    assert "ecret" not in printed
    assert "samples" not in printed
    assert [block.title for block in by_number(case)["X"].blocks] == ["Document f1"]
    assert not by_number(case)["X"].missing


def test_coded_values_are_in_the_language_that_is_asked_for() -> None:
    case = abduction()
    english, greek = (str(hague_request(case, language)) for language in ("en", "el"))
    assert english != greek
    assert "Joint custody" in english
    assert "Joint custody" not in greek


@pytest.mark.parametrize(
    ("born", "turns"),
    [
        ((2012, 5, 17, "day"), "2028-05-17"),
        ((2012, 5, 0, "month"), "2028-05"),
        ((2012, 0, 0, "year"), "2028"),
        ((2012, 2, 29, "day"), "2028-02-29"),
        ((2012, 5, 17, "estimated"), ""),
        ((0, 0, 0, ""), ""),
    ],
)
def test_the_day_on_which_the_convention_ends_is_as_exact_as_the_birthday(
    born: tuple[int, int, int, str], turns: str
) -> None:
    year, month, day, precision = born
    value = case_pb2.PartialDate(year=year, month=month, day=day, precision=precision)
    assert sixteenth_birthday(value) == turns


def ready() -> case_pb2.Case:
    case = case_pb2.Case()
    child = case.children.add(id="c1", sex="female")
    child.names.add(given="Testina", family="Fictiva")
    child.date_of_birth.year = 2012
    child.description.height_cm.at_least = 150
    case.police.add(id="a1").references.add(kind="police_case", number="TEST-1")
    return case


def test_a_case_with_all_five_is_ready_and_one_with_none_is_not() -> None:
    (told,) = readiness(ready())
    assert told.there == tuple(WORDS)
    assert told.missing == ()
    empty = case_pb2.Case()
    empty.children.add(id="c1")
    assert readiness(empty)[0].missing == tuple(WORDS)
    assert readiness(case_pb2.Case()) == []


@pytest.mark.parametrize(
    ("key", "spoil"),
    [
        ("police_record", lambda case: case.police[0].references[0].ClearField("number")),
        ("police_record", lambda case: case.ClearField("police")),
        ("name", lambda case: case.children[0].names[0].ClearField("family")),
        ("name", lambda case: setattr(case.children[0].names[0], "type", "nickname")),
        ("sex", lambda case: setattr(case.children[0], "sex", "unknown")),
        ("birth_year", lambda case: case.children[0].ClearField("date_of_birth")),
        ("looks", lambda case: case.children[0].ClearField("description")),
    ],
)
def test_each_thing_that_is_taken_away_is_the_one_that_is_missing(key: str, spoil) -> None:
    case = ready()
    spoil(case)
    assert readiness(case)[0].missing == (key,)


def test_a_photo_of_this_child_or_samples_stand_for_a_description() -> None:
    case = ready()
    case.children[0].ClearField("description")
    case.children[0].description.skin_tone.text = "no field of a Yellow Notice"
    file = case.files.add(id="f1", kind="photo", child_ids=["c2"])
    assert readiness(case)[0].missing == ("looks",)
    file.child_ids.append("c1")
    assert readiness(case)[0].missing == ()
    case.ClearField("files")
    case.children[0].police_samples.fingerprints_held_by_police = "no"
    assert readiness(case)[0].missing == ("looks",)
    case.children[0].police_samples.fingerprints_held_by_police = "yes"
    assert readiness(case)[0].missing == ()
