from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.pb.homeward.v1.case_pb2 import Case
from protocol.pb.homeward.v1.message_pb2 import Message
from protocol.vocabularies.dutch import DUTCH
from protocol.vocabularies.french import FRENCH
from protocol.vocabularies.greek import GREEK
from protocol.vocabularies.terms import NO_ANSWER
from protocol.vocabulary import VOCABULARIES, check_codes, is_known, label

PROTO = Path(__file__).resolve().parents[2] / "proto" / "homeward" / "v1"
TRANSLATED = [
    "referral_kind",
    "urgency",
    "category",
    "sex",
    "outcome",
    "decline_reason",
    "purpose",
    "yes_no",
    "country",
    "language",
]
# The lists of the domain that are not only labels: other code acts on these codes.
FIXED = {
    "referral_kind": "info_request alert tracing_request transfer sighting reunification "
    "found_notice statistic",
    "urgency": "1 2 3 4",
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
def test_no_two_codes_of_a_list_read_the_same(name) -> None:
    terms = VOCABULARIES[name].codes.values()
    for language in ("en", "nl", "fr", "el"):
        labels = [term.labels[language] for term in terms if language in term.labels]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_three_ways_of_no_answer_come_in_full_or_as_a_choice(name) -> None:
    codes = set(VOCABULARIES[name].codes)
    if {"not_asked", "withheld"} <= codes:
        assert "unknown" in codes


@pytest.mark.parametrize("name", TRANSLATED)
@pytest.mark.parametrize("language", ["nl", "fr", "el"])
def test_these_lists_are_translated_in_full(name, language) -> None:
    missing = [c for c, term in VOCABULARIES[name].codes.items() if language not in term.labels]
    assert missing == []


@pytest.mark.parametrize("table", [DUTCH, FRENCH, GREEK])
def test_no_translation_is_for_a_code_that_does_not_exist(table) -> None:
    for name, translated in table.items():
        assert set(translated) <= set(VOCABULARIES[name].codes)


def test_no_answer_is_translated_in_every_list() -> None:
    for code, english in NO_ANSWER.items():
        assert label("body_region", code, "nl") == DUTCH["yes_no"][code] != english


def test_a_label_is_in_the_language_else_in_english() -> None:
    assert label("sex", "female", "fr") == "Féminin"
    assert label("sex", "female", "nl-BE") == "Vrouwelijk"
    assert label("sex", "female", "uk") == "Female"
    assert label("country", "GR", "el") == "Ελλάδα"
    assert label("urgency", "1", "en") == "U1 – immediate"


@given(st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_an_unknown_code_is_never_lost(code, words) -> None:
    if not is_known("outcome", code):
        assert label("outcome", code, "en") == code
        shown = label("outcome", code, "en", sender_label=words)
        assert code in shown
        assert words in shown


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
    assert check_codes(message) == [("referral.disclosure.category", "category_of_2031")]
    assert check_codes(Message()) == []


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        VOCABULARIES["sex"].codes["x"] = VOCABULARIES["sex"].codes["female"]
    with pytest.raises(AttributeError):
        VOCABULARIES["sex"].codes["female"].code = "x"
