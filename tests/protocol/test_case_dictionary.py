"""The data dictionary: how far each field may travel, what it is elsewhere, how values read."""

from __future__ import annotations

import re

import pytest

from protocol import limits
from protocol.disclosure import Share, fields, preview
from protocol.disclosure.dictionary import filled, filled_paths
from protocol.disclosure.values import value_text
from protocol.pb.homeward.v1 import case_pb2, options_pb2
from protocol.pb.homeward.v1.case_pb2 import (
    Case,
    Child,
    Coordinates,
    Moment,
    MomentRange,
    NumberRange,
    PartialDate,
    Text,
)
from protocol.vocabularies.terms import NO_ANSWER
from protocol.vocabulary import VOCABULARIES
from tests.support.cases import ALL_FIELDS

# Every message of case.proto is somewhere in a case.
MESSAGES = case_pb2.DESCRIPTOR.message_types_by_name.values()
EVERY_FIELD = [field for message in MESSAGES for field in message.fields]

# Fields of INTERPOL's public interface that describe the person or the event.
YELLOW_FIELDS = {
    "forename",
    "name",
    "birth_name",
    "date_of_birth",
    "place_of_birth",
    "country_of_birth_id",
    "sex_id",
    "height",
    "weight",
    "eyes_colors_id",
    "hairs_id",
    "distinguishing_marks",
    "nationalities",
    "languages_spoken_ids",
    "date_of_event",
    "place",
    "country",
}
# Of PFIF 1.4. Not here: entry_date and source_url, which belong to a publication, the
# free text `other`, and what is particular to a note.
PFIF_FIELDS = {
    "person_record_id",
    "source_date",
    "expiry_date",
    "author_name",
    "author_email",
    "author_phone",
    "source_name",
    "full_name",
    "given_name",
    "family_name",
    "alternate_names",
    "description",
    "sex",
    "date_of_birth",
    "age",
    "home_street",
    "home_neighborhood",
    "home_city",
    "home_state",
    "home_postal_code",
    "home_country",
    "photo_url",
    "profile_urls",
    "linked_person_record_id",
    "status",
    "last_known_location",
    "email_of_found_person",
    "phone_of_found_person",
}


def mapped(name: str) -> dict[str, set[str]]:
    """Name in another format -> the paths that it stands for."""
    found: dict[str, set[str]] = {}
    for info in ALL_FIELDS.values():
        for other in info.mappings.get(name, ()):
            found.setdefault(other, set()).add(info.path)
    return found


# ---- the dictionary ----


@pytest.mark.parametrize("field", EVERY_FIELD, ids=lambda field: field.full_name)
def test_every_field_says_how_far_it_may_travel(field) -> None:
    assert field.GetOptions().Extensions[options_pb2.share]


def test_every_vocabulary_that_is_named_exists() -> None:
    named = {info.vocabulary for info in ALL_FIELDS.values() if info.vocabulary}
    assert named <= set(VOCABULARIES)


def test_every_message_is_part_of_a_case() -> None:
    used = {field.message_type for field in EVERY_FIELD if field.message_type} | {Case.DESCRIPTOR}
    assert used == set(MESSAGES)


def test_a_value_holds_only_plain_parts_or_values() -> None:
    for message in MESSAGES:
        if message.GetOptions().Extensions[options_pb2.is_value]:
            for field in message.fields:
                part = field.message_type
                assert part is None or part.GetOptions().Extensions[options_pb2.is_value]
                assert field.GetOptions().Extensions[options_pb2.share] == Share.ENVELOPE


def test_no_field_is_a_boolean_or_an_enumeration() -> None:
    # Neither could say unknown, not asked and withheld, or keep a newer code.
    forbidden = {EVERY_FIELD[0].TYPE_BOOL, EVERY_FIELD[0].TYPE_ENUM}
    assert [field.full_name for field in EVERY_FIELD if field.type in forbidden] == []


def test_elements_that_people_pick_have_an_id() -> None:
    for path in (
        "children",
        "persons",
        "police",
        "authorities",
        "files",
        "circumstances.sightings",
        "legal_situation.orders",
        "legal_situation.applications",
        "consents",
    ):
        assert f"{path}.id" in ALL_FIELDS


@pytest.mark.parametrize(
    ("path", "share"),
    [
        ("category", Share.ENVELOPE),
        ("child_count", Share.ENVELOPE),
        ("children.sex", Share.ENVELOPE),
        ("children.age_band", Share.ENVELOPE),
        ("children.date_of_birth", Share.MINIMAL),
        ("children.names.given", Share.MINIMAL),
        ("children.description.height_cm", Share.MINIMAL),
        ("circumstances.last_seen.place.street", Share.MINIMAL),
        ("police.references.number", Share.MINIMAL),
        ("police.contact_name", Share.OPTIONAL),
        # As lax as its message, and as strict as the list that it is in.
        ("authorities.references.number", Share.OPTIONAL),
        ("persons.names.given", Share.OPTIONAL),
        ("children.habitual_residence.country", Share.OPTIONAL),
        ("children.description.marks.text", Share.OPTIONAL),
        ("circumstances.contacts_since.said", Share.OPTIONAL),
        ("children.description.intimate_marks.text", Share.SENSITIVE),
        ("children.identity_documents.number", Share.SENSITIVE),
        ("children.residence.status", Share.SENSITIVE),
        ("persons.allegation.offence", Share.SENSITIVE),
        ("exploitation", Share.SENSITIVE),
        ("children.vulnerabilities.medicine", Share.SENSITIVE),
        ("legal_situation.custody.source", Share.OPTIONAL),
        ("legal_situation.criminal_complaints.status", Share.SENSITIVE),
        ("consents.evidence_file_id", Share.OPTIONAL),
        ("sources.names.given", Share.NEVER),
        ("children.police_samples.dna_held_by_police", Share.NEVER),
        ("internal_notes.text", Share.NEVER),
        ("local_case_number", Share.NEVER),
    ],
)
def test_the_strictest_share_on_the_way_counts(path, share) -> None:
    assert ALL_FIELDS[path].share is share


# Of what staff themselves decide, judge or write down, there is no such answer.
DECIDED_HERE = {
    "application_kind", "authority_kind", "authority_wish", "case_status", "category",
    "file_kind", "hold_reason", "link_reason", "person_role", "purpose", "reference_kind",
    "reliability", "retention_basis", "risk_level", "script", "source_role", "urgency",
}  # fmt: skip


def test_what_can_stay_unanswered_says_unknown_not_asked_and_withheld() -> None:
    used = {info.vocabulary for info in ALL_FIELDS.values() if info.vocabulary}
    open_ended = {name for name in used if set(NO_ANSWER) <= set(VOCABULARIES[name].codes)}
    assert used - open_ended == DECIDED_HERE


def test_a_source_is_no_role_of_a_person() -> None:
    assert "source" not in VOCABULARIES["person_role"].codes


def test_every_field_of_a_yellow_notice_has_its_place() -> None:
    assert set(mapped("yellow")) == YELLOW_FIELDS


def test_every_field_of_pfif_has_its_place() -> None:
    assert set(mapped("pfif")) == PFIF_FIELDS


@pytest.mark.parametrize(
    ("format_name", "name", "path"),
    [
        ("pfif", "person_record_id", "federated_id"),
        ("pfif", "home_country", "children.habitual_residence_country"),
        ("yellow", "forename", "children.names.given"),
        ("yellow", "hairs_id", "children.description.hair_colours"),
        ("yellow", "date_of_event", "circumstances.last_seen"),
        ("niem", "j:MissingPersonCircumstanceCode", "category"),
        ("niem", "j:MissingPersonDeclarationDate", "reported_missing_at"),
        ("niem", "j:MissingPersonFoundDate", "found_at"),
        ("niem", "j:MissingPersonLastSeenDate", "circumstances.last_seen"),
        ("niem", "j:MissingPersonLastSeenWitness", "circumstances.last_seen.seen_by"),
        ("niem", "nc:PersonEyeColorCode", "children.description.eye_colours"),
        ("hague", "I.1", "children.identity_documents"),
        ("hague", "III.2", "circumstances.believed_destinations"),
        ("hague", "IV", "circumstances"),
        ("hague", "II", "legal_situation.applications.applicant_person_id"),
        ("hague", "V", "legal_situation.factual_grounds"),
        ("hague", "V", "legal_situation.legal_grounds"),
        ("hague", "VI", "legal_situation.civil_proceedings"),
        ("hague", "VII", "legal_situation.return_to_person_id"),
        ("hague", "VIII", "legal_situation.return_arrangements"),
        ("hague", "IX", "legal_situation.other_remarks"),
        ("hague", "X", "files"),
    ],
)
def test_a_field_is_known_by_its_name_elsewhere(format_name, name, path) -> None:
    assert path in mapped(format_name)[name]


def test_fields_stand_in_reading_order_with_groups_before_their_fields() -> None:
    paths = [info.path for info in fields(Child)]
    assert paths[:4] == ["id", "status", "names", "names.type"]
    assert next(iter(ALL_FIELDS)) == "child_wishes"


def test_a_path_that_any_element_fills_is_told_once_and_in_reading_order() -> None:
    case = Case(status="open")
    case.children.add(id="c1", sex="female").names.add(family="Fictiva")
    case.children.add(id="c2").names.add(given="Testina", script="Latn")
    reading = [info.path for info in fields(Case)]
    told = filled_paths(case)
    assert told == sorted({leaf.path for leaf in filled(case)}, key=reading.index)
    assert {"children.names.given", "children.names.family", "children.sex"} < set(told)
    assert filled_paths(Case()) == []


def test_limits_have_defaults_by_kind() -> None:
    assert (ALL_FIELDS["category"].max_length, ALL_FIELDS["category"].max_items) == (64, 1)
    assert ALL_FIELDS["children.names.given"].max_length == 200
    assert ALL_FIELDS["children.names"].max_items == 50
    assert ALL_FIELDS["children"].max_items == 20
    text = case_pb2.Text.DESCRIPTOR.fields_by_name["text"].GetOptions()
    assert text.Extensions[options_pb2.max_length] == limits.TEXT_CHARACTERS


def test_units_are_in_the_names_of_numbers() -> None:
    units = re.compile(r"_(ms|cm|kg|years|bytes|metres|hundredths|before)$|^(year|month|day)$")
    countless = {"urgency", "child_count", "at_least", "at_most"}
    ranges = {"NumberRange"}
    for field in EVERY_FIELD:
        kind = field.message_type.name if field.message_type else field.cpp_type
        if kind in ranges or (not isinstance(kind, str) and field.cpp_type <= field.CPPTYPE_UINT64):
            assert units.search(field.name) or field.name in countless, field.full_name


# ---- values ----


def test_unknown_not_asked_and_withheld_read_differently() -> None:
    case = Case()
    for code in ("unknown", "not_asked", "withheld"):
        child = case.children.add(stateless=code)
        child.date_of_birth.precision = code
        child.age_years.certainty = code
    rows = [row.text for row in preview(case, "en")]
    assert rows == [word for word in ("Unknown", "Not asked", "Withheld") for _ in range(3)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NumberRange(at_least=150), "≥ 150"),
        (NumberRange(at_most=0), "≤ 0"),
        (NumberRange(at_least=3, at_most=3, certainty="measured"), "3 (Measured or on record)"),
        (NumberRange(at_least=3, certainty="certainty_of_2031"), "≥ 3 (certainty_of_2031)"),
        (PartialDate(year=2011, month=6, day=3, precision="day"), "2011-06-03"),
        (PartialDate(year=2011, precision="estimated"), "2011 (Estimated)"),
        (MomentRange(earliest=Moment(precision="day")), "1970-01-01 –"),
        (MomentRange(latest=Moment(precision="day")), "– 1970-01-01"),
        (MomentRange(earliest=Moment(), latest=Moment()), "1970-01-01 00:00 UTC"),
        (Coordinates(latitude_hundredths=-5, accuracy_metres=2000), "-0.05, 0.00 (± 2000 m)"),
        (Text(text="één", language="nl"), "één"),
    ],
)
def test_a_value_reads_the_same_in_every_language(value, text) -> None:
    assert value_text(value, "en") == text


def test_only_values_are_read_as_values() -> None:
    with pytest.raises(ValueError, match="Child is not a value"):
        value_text(Child(), "en")
