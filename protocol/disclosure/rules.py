"""The rules that one value of a case must obey by itself: form, range, calendar.

A rule is a name ("not_a_date"), never a sentence and never the value. All that is asked
of a code here is that it could be one; whether this node knows it is asked elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from protocol.disclosure.dates import DateSpan, span_of
from protocol.disclosure.dictionary import max_length
from protocol.disclosure.values import local_time
from protocol.pb.homeward.v1.case_pb2 import (
    CaseFile,
    Consent,
    ContactPoint,
    Coordinates,
    IdentityDocument,
    Moment,
    MomentRange,
    NumberRange,
    PartialDate,
    Reference,
    Text,
)
from protocol.vocabularies.terms import NO_ANSWER
from protocol.vocabulary import is_known, vocabulary_of

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# Lists that follow a standard have codes of its form: ISO 3166-1, 639-3 and 15924.
_STANDARD_CODES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "country": re.compile(r"[A-Z]{2}"),
        "language": re.compile(r"[a-z]{3}"),
        "script": re.compile(r"[A-Z][a-z]{3}"),
    }
)
# The shape of a BCP 47 tag, not its registry.
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
# Marks that turn the direction of writing are no controls: names are kept as they were
# written, and who shows them makes the marks visible.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINES = str.maketrans("", "", "\t\n")
# As people write it: E.164 with or without its plus, in groups; digits count apart.
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()./\-]*")
_TELEPHONE_DIGITS = range(3, 16)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_YEARS = range(1900, 2200)
_DIGEST_BYTES = 32
_PARTS_OF_PRECISION = {"day": 3, "month": 2, "year": 1}
# What a person can be; outside of it somebody slipped, or took another unit.
_PLAUSIBLE: Mapping[str, range] = MappingProxyType(
    {
        "height_cm": range(20, 251),
        "weight_kg": range(401),
        "age_years": range(31),
        "times_missing_before": range(10_001),
    }
)


def plain_rule(field: FieldDescriptor, value: str | int | bytes) -> str | None:
    """Return the rule that a plain value breaks, or None."""
    vocabulary, longest = _form(field)
    if isinstance(value, bytes):
        return None if len(value) == _DIGEST_BYTES else "not_a_digest"
    if isinstance(value, int):
        return None if not vocabulary or is_known(vocabulary, str(value)) else "not_a_code"
    if len(value) > longest:
        return "too_long"
    if vocabulary:
        return None if _is_code(vocabulary, value) else "not_a_code"
    is_prose = field.containing_type is not None and field.containing_type.name == "Text"
    kept = value.translate(_LINES) if is_prose else value
    return "control_character" if _CONTROL.search(kept) else None


@lru_cache(maxsize=1024)
def _form(field: FieldDescriptor) -> tuple[str, int]:
    """Return the list and the most characters of a field; there are a few hundred."""
    return vocabulary_of(field), max_length(field)


def message_rule(field: FieldDescriptor, value: Message) -> str | None:
    """Return the rule that the parts of a message break together, or None."""
    if isinstance(value, NumberRange):
        return _number_rule(field.name, value)
    match value:
        case PartialDate():
            return None if _is_date(value) else "not_a_date"
        case Moment():
            return None if _is_moment(value) else "not_a_moment"
        case MomentRange():
            return "range_reversed" if _is_reversed(value) else None
        case Coordinates():
            return None if _is_on_earth(value) else "not_on_earth"
        case Text():
            return _language_rule(value.language, is_needed=bool(value.text))
    return _group_rule(value)


def _group_rule(value: Message) -> str | None:
    match value:
        case CaseFile(kind="csam"):
            # A crime to have, whoever sends it: it is never attached.
            return "never_attached"
        case CaseFile():
            return _language_rule(value.language, is_needed=False)
        case Reference(kind="sis", number=number) if number:
            # Whether there is an alert may be known; its number is for the police alone.
            return "sis_number"
        case ContactPoint():
            return _contact_rule(value)
        case Consent():
            return _order_rule(value.given_on, value.expires_on)
        case IdentityDocument():
            return _order_rule(value.valid_from, value.valid_until)
    return None


def _is_code(vocabulary: str, value: str) -> bool:
    form = _STANDARD_CODES.get(vocabulary, _CODE)
    return form.fullmatch(value) is not None or value in NO_ANSWER


def _is_date(value: PartialDate) -> bool:
    parts = [value.year, value.month, value.day]
    known = next((number for number, part in enumerate(parts) if not part), 3)
    if any(parts[known:]):
        return False
    if value.precision in NO_ANSWER:
        return known == 0
    # A code of a newer list, or none, does not say how many parts there are.
    if known == 0 or known != _PARTS_OF_PRECISION.get(value.precision, known):
        return False
    return value.year in _YEARS and _is_in_calendar(value)


def _is_in_calendar(value: PartialDate) -> bool:
    try:
        date(value.year, value.month or 1, value.day or 1)
    except ValueError:
        return False
    return True


def _is_moment(value: Moment) -> bool:
    time = local_time(value)
    return time is not None and time.year in _YEARS


def _is_reversed(value: MomentRange) -> bool:
    ends = (value.earliest, value.latest)
    both = all(value.HasField(end) for end in ("earliest", "latest"))
    is_told = not any(end.precision in NO_ANSWER for end in ends)
    return both and is_told and value.earliest.at_ms > value.latest.at_ms


def _number_rule(name: str, value: NumberRange) -> str | None:
    bounds = [getattr(value, end) for end in ("at_least", "at_most") if value.HasField(end)]
    if value.certainty in NO_ANSWER:
        return "not_a_number" if bounds else None
    if not bounds:
        return "not_a_number"
    if bounds[0] > bounds[-1]:
        return "range_reversed"
    plausible = _PLAUSIBLE.get(name)
    if plausible is not None and not all(bound in plausible for bound in bounds):
        return "not_plausible"
    return None


def _is_on_earth(value: Coordinates) -> bool:
    if not (value.HasField("latitude_hundredths") and value.HasField("longitude_hundredths")):
        return False
    return abs(value.latitude_hundredths) <= 9_000 and abs(value.longitude_hundredths) <= 18_000


def _language_rule(language: str, *, is_needed: bool) -> str | None:
    if not language and not is_needed:
        return None
    return None if _LANGUAGE.fullmatch(language) else "not_a_language"


def _contact_rule(contact: ContactPoint) -> str | None:
    if not contact.value:
        return None
    if contact.kind == "telephone":
        digits = sum(character.isdecimal() for character in contact.value)
        is_good = _TELEPHONE.fullmatch(contact.value) and digits in _TELEPHONE_DIGITS
        return None if is_good else "not_a_telephone"
    if contact.kind == "email":
        return None if _EMAIL.fullmatch(contact.value) else "not_an_email"
    return None


def _order_rule(first: PartialDate, last: PartialDate) -> str | None:
    begins, ends = span_of(first), span_of(last)
    return "range_reversed" if _is_after(begins, ends) else None


def _is_after(first: DateSpan | None, last: DateSpan | None) -> bool:
    return first is not None and last is not None and first.earliest > last.latest
