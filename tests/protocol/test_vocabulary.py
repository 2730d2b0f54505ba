from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from protocol.pb.homeward.v1.message_pb2 import Message
from protocol.vocabulary import (
    VOCABULARIES,
    check_codes,
    is_known,
    label,
    label_language,
    vocabulary_of,
)

PROTO = Path(__file__).resolve().parents[2] / "proto" / "homeward" / "v1"
# The lists of the domain that are not only labels: other code acts on these codes.
FIXED = {
    "referral_kind": "info_request alert tracing_request transfer sighting reunification "
    "found_notice statistic",
    "urgency": "1 2 3 4",
    "transfer_basis": "eea adequacy safeguards derogation",
    "art49_derogation": "explicit_consent contract contract_for_person public_interest "
    "legal_claims vital_interests public_register",
    "decline_reason": "wrong_country outside_mandate no_capacity not_enough_information duplicate "
    "already_handled_here authority_has_lead authority_forbids no_legal_basis consent_missing "
    "conflict_of_interest safety_risk_in_disclosing cannot_serve_language other",
    "outcome": "located_safe located_harmed located_deceased returned_voluntarily "
    "returned_by_court returned_by_agreement stays_with_agreement recovered_by_police "
    "in_care_of_authority turned_18 passed_to_police passed_to_central_authority info_full "
    "info_partial info_none not_located sighting_confirmed sighting_ruled_out mediation_full "
    "mediation_partial mediation_none refused_by_child refused_by_family unknown",
    "withdraw_reason": "found duplicate in_error consent_withdrawn authority_asked "
    "no_longer_needed",
    "category": "runaway parental_abduction_national parental_abduction_international "
    "third_person_abduction unaccompanied_migrant lost_injured_other",
    "case_status": "open found_open transferred duplicate closed",
    "whereabouts_may_be_told_to": "nobody police authorities parent_a parent_b unknown not_asked "
    "withheld",
}


@pytest.mark.parametrize("name", FIXED)
def test_the_lists_that_code_acts_on_hold_these_codes(name) -> None:
    assert list(VOCABULARIES[name].codes) == FIXED[name].split()


def test_every_list_that_a_message_names_exists() -> None:
    named: set[str] = set()
    for path in PROTO.glob("*.proto"):
        named |= set(re.findall(r'[Vv]ocabulary\)? =? ?"(\w+)"', path.read_text(encoding="utf-8")))
    assert {"outcome", "art9_condition", "body_region"} <= named <= set(VOCABULARIES)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_code_is_well_formed_and_has_english_words(name) -> None:
    vocabulary = VOCABULARIES[name]
    assert vocabulary.name == name
    assert vocabulary.version >= 1
    assert vocabulary.codes
    for code, term in vocabulary.codes.items():
        assert term.code == code
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", code)
        assert term.labels["en"].strip()


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_three_ways_of_no_answer_come_in_full_or_as_a_choice(name) -> None:
    codes = set(VOCABULARIES[name].codes)
    if {"not_asked", "withheld"} <= codes:
        assert "unknown" in codes


def test_a_label_is_in_the_language_else_in_english() -> None:
    assert label("sex", "female", "fr") == "Féminin"
    assert label("sex", "female", "nl-BE") == "Vrouwelijk"
    assert label("sex", "female", "sv") == "Female"
    assert label("country", "GR", "el") == "Ελλάδα"
    assert label("urgency", "1", "en") == "U1 – immediate"


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        ("nl-BE", "nl"),
        ("pt-BR", "pt"),
        ("sr", "sr"),
        ("sr-RS", "sr"),
        ("sr-Cyrl", "sr"),
        ("sr-Latn-RS", "sr-Latn"),
        ("SR-latn", "sr-Latn"),
        ("sv", "en"),
        ("srx", "en"),
        ("", "en"),
    ],
)
def test_a_language_falls_back_to_the_next_wider_one(language, tag) -> None:
    assert label_language(language) == tag
    assert label("sex", "male", language) == VOCABULARIES["sex"].codes["male"].labels[tag]


@given(st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_an_unknown_code_is_never_lost(code, words) -> None:
    if not is_known("outcome", code):
        assert label("outcome", code, "en") == code
        shown = label("outcome", code, "en", {("outcome", code): {"en": words}})
        assert code in shown
        assert words in shown


def test_every_list_that_a_step_names_in_a_comment_is_that_of_its_field() -> None:
    text = (PROTO / "message.proto").read_text(encoding="utf-8")
    fields = re.compile(r'Vocabulary "(\w+)".*\n(?: *//.*\n)* *(?:repeated )?\w+ (\w+) = \d+;')
    messages = re.findall(r"^message (\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    named = {
        (message, field): name for message, body in messages for name, field in fields.findall(body)
    }
    assert len(named) > 10
    # What stands elsewhere: in words, and in Case as an option.
    named["Referral", "urgency"] = "urgency"
    found = {
        (message.name, field.name): vocabulary_of(field)
        for message in message_pb2.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if vocabulary_of(field)
    }
    assert found == named


def test_a_list_that_does_not_exist_is_our_own_mistake() -> None:
    for misuse in (lambda: label("outcomes", "x", "en"), lambda: is_known("outcomes", "x")):
        with pytest.raises(ValueError, match="no vocabulary 'outcomes'"):
            misuse()


def test_unknown_codes_are_listed_with_their_path() -> None:
    case = Case(category="category_of_2031", status="open", urgency=9, countries_to=["GR", "QQ"])
    case.children.add(sex="female", nationalities=["BE", "QX"]).date_of_birth.precision = "week"
    assert check_codes(case) == [
        ("category", "category_of_2031"),
        ("countries_to", "QQ"),
        ("urgency", "9"),
        ("children.date_of_birth.precision", "week"),
        ("children.nationalities", "QX"),
    ]


def test_codes_are_found_in_the_case_within_a_message() -> None:
    message = Message()
    message.referral.disclosure.category = "category_of_2031"
    message.referral.legal_basis.purpose = "purpose_of_2031"
    assert check_codes(message) == [
        ("referral.legal_basis.purpose", "purpose_of_2031"),
        ("referral.disclosure.category", "category_of_2031"),
    ]
    assert check_codes(Message()) == []


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        VOCABULARIES["sex"].codes["x"] = VOCABULARIES["sex"].codes["female"]
    with pytest.raises(AttributeError):
        VOCABULARIES["sex"].codes["female"].code = "x"
