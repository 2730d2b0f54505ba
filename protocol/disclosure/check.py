"""What is malformed in a case: lengths, dates, ranges, codes, local ids.

The same rules hold for a case that is typed in here and for one that came from a
peer. A problem says where and which rule, never the value. A code that this node
does not know is no problem (see `protocol.vocabulary.check_codes`); one that could
be no code in any list is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from protocol.disclosure.dictionary import elements, joined, max_items, max_length
from protocol.disclosure.values import local_time
from protocol.pb.homeward.v1.case_pb2 import (
    Case,
    CaseFile,
    Coordinates,
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
_LOCAL_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
# The shape of a BCP 47 tag, not its registry.
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_YEARS = range(1900, 2200)
_DIGEST_BYTES = 32
_PARTS_OF_PRECISION = {"day": 3, "month": 2, "year": 1}


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that breaks a rule; `path` also counts elements: "children[0].sex"."""

    path: str
    rule: str


def check_case(case: Case) -> list[Problem]:
    """Return every problem of a case."""
    return [*_problems(case, ""), *_id_problems(case)]


def _problems(message: Message, place: str) -> Iterator[Problem]:
    for field, held in message.ListFields():
        if field.is_repeated and len(held) > max_items(field):
            yield Problem(joined(place, field.name), "too_many")
    for field, there, value in elements(message, place):
        if isinstance(value, Message):
            rule = _message_rule(value)
            yield from _problems(value, there)
        else:
            rule = _plain_rule(field, value)
        if rule:
            yield Problem(there, rule)


def _id_problems(case: Case) -> Iterator[Problem]:
    """Yield ids that are missing, malformed or used twice: they are unique within a case."""
    ids = list(_ids(case, ""))
    times_used = Counter(identifier for _, identifier in ids)
    for place, identifier in ids:
        if not _LOCAL_ID.fullmatch(identifier):
            yield Problem(place, "not_an_id")
        elif times_used[identifier] > 1:
            yield Problem(place, "id_repeated")


def _ids(message: Message, place: str) -> Iterator[tuple[str, str]]:
    for field, there, value in elements(message, place):
        if not isinstance(value, Message):
            continue
        # A group that stands alone needs no id.
        if field.is_repeated and "id" in value.DESCRIPTOR.fields_by_name:
            identifier: str = getattr(value, "id")  # noqa: B009  the type is not known here
            yield joined(there, "id"), identifier
        yield from _ids(value, there)


def _plain_rule(field: FieldDescriptor, value: str | int | bytes) -> str | None:
    vocabulary = vocabulary_of(field)
    if isinstance(value, bytes):
        return None if len(value) == _DIGEST_BYTES else "not_a_digest"
    if isinstance(value, int):
        return None if not vocabulary or is_known(vocabulary, str(value)) else "not_a_code"
    if len(value) > max_length(field):
        return "too_long"
    if vocabulary and not _CODE.fullmatch(value):
        return "not_a_code"
    return "control_character" if _CONTROL.search(value) else None


def _message_rule(value: Message) -> str | None:
    """Return the rule that the parts of a message break together."""
    match value:
        case PartialDate():
            return None if _is_date(value) else "not_a_date"
        case Moment():
            return None if _is_moment(value) else "not_a_moment"
        case MomentRange() | NumberRange():
            return "range_reversed" if _is_reversed(value) else None
        case Coordinates():
            return None if _is_on_earth(value) else "not_on_earth"
        case Text():
            return _language_rule(value.language, is_needed=bool(value.text))
        case CaseFile():
            return _language_rule(value.language, is_needed=False)
        case Reference():
            # Whether there is an alert may be known; its number is for the police alone.
            return "sis_number" if value.kind == "sis" and value.number else None
    return None


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


def _is_reversed(value: MomentRange | NumberRange) -> bool:
    if isinstance(value, NumberRange):
        both = value.HasField("at_least") and value.HasField("at_most")
        return both and value.at_least > value.at_most
    ends = (value.earliest, value.latest)
    both = all(value.HasField(end) for end in ("earliest", "latest"))
    is_known = not any(end.precision in NO_ANSWER for end in ends)
    return both and is_known and value.earliest.at_ms > value.latest.at_ms


def _is_on_earth(value: Coordinates) -> bool:
    if not (value.HasField("latitude_hundredths") and value.HasField("longitude_hundredths")):
        return False
    return abs(value.latitude_hundredths) <= 9_000 and abs(value.longitude_hundredths) <= 18_000


def _language_rule(language: str, *, is_needed: bool) -> str | None:
    if not language and not is_needed:
        return None
    return None if _LANGUAGE.fullmatch(language) else "not_a_language"
