"""The values of the dictionary (dates, moments, ranges) as text and as time.

Numbers and dates are written the same in every language: ISO 8601, 24 hours, local
to where it happened. What a value says about itself ("estimated", "not asked") is
a code and is put into words.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from google.protobuf.message import Message

from protocol.pb.homeward.v1.case_pb2 import (
    Coordinates,
    Moment,
    MomentRange,
    NumberRange,
    PartialDate,
    Text,
)
from protocol.vocabularies.terms import NO_ANSWER
from protocol.vocabulary import NO_LABELS, SenderLabels, label

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)")
# The way the value is written says these already.
_SHOWN_BY_FORM = frozenset({"", "minute", "day", "month", "year"})
_DATE_CHARACTERS = {"day": 10, "month": 7, "year": 4}


def value_text(value: Message, language: str, sender: SenderLabels = NO_LABELS) -> str:
    """Return a value message in words of the language; `sender` names codes of a peer."""
    match value:
        case Text():
            return value.text
        case Moment():
            return _moment_text(value, language, sender)
        case MomentRange():
            return _moment_range_text(value, language, sender)
        case PartialDate():
            text = _partial_date_text(value)
            return _qualified(text, "date_precision", value.precision, language, sender)
        case NumberRange():
            text = _number_range_text(value)
            return _qualified(text, "certainty", value.certainty, language, sender)
        case Coordinates():
            return _coordinates_text(value)
    raise ValueError(f"{value.DESCRIPTOR.name} is not a value")


def local_time(moment: Moment) -> datetime | None:
    """Return a moment as the clock stood where it happened; None if there is no such time."""
    zone = _zone(moment.zone)
    if zone is None:
        return None
    try:
        return (_EPOCH + timedelta(milliseconds=moment.at_ms)).astimezone(zone)
    except OverflowError:
        return None


def _zone(offset: str) -> timezone | None:
    if not offset:
        return UTC
    match = _ZONE.fullmatch(offset)
    if match is None:
        return None
    sign = -1 if match[1] == "-" else 1
    return timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3])))


def _moment_text(moment: Moment, language: str, sender: SenderLabels) -> str:
    if moment.precision in NO_ANSWER:
        return label("moment_precision", moment.precision, language, sender)
    time = local_time(moment)
    if time is None:
        # A peer wrote what is no time: show what is there rather than nothing.
        return f"{moment.at_ms} {moment.zone}".strip()
    text = time.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
    if moment.precision in _DATE_CHARACTERS:
        return text[: _DATE_CHARACTERS[moment.precision]]
    text = f"{text} {moment.zone or 'UTC'}"
    return _qualified(text, "moment_precision", moment.precision, language, sender)


def _moment_range_text(moments: MomentRange, language: str, sender: SenderLabels) -> str:
    earliest = (
        _moment_text(moments.earliest, language, sender) if moments.HasField("earliest") else ""
    )
    latest = _moment_text(moments.latest, language, sender) if moments.HasField("latest") else ""
    return earliest if earliest == latest else f"{earliest} – {latest}".strip()


def _partial_date_text(date: PartialDate) -> str:
    if not date.year:
        return ""
    text = f"{date.year:04}"
    for part in (date.month, date.day):
        if not part:
            return text
        text += f"-{part:02}"
    return text


def _number_range_text(numbers: NumberRange) -> str:
    has_least, has_most = numbers.HasField("at_least"), numbers.HasField("at_most")
    if has_least and has_most:
        least, most = numbers.at_least, numbers.at_most
        return str(least) if least == most else f"{least}–{most}"
    if has_least:
        return f"≥ {numbers.at_least}"
    return f"≤ {numbers.at_most}" if has_most else ""


def _coordinates_text(coordinates: Coordinates) -> str:
    latitude = coordinates.latitude_hundredths / 100
    longitude = coordinates.longitude_hundredths / 100
    text = f"{latitude:.2f}, {longitude:.2f}"
    return f"{text} (± {coordinates.accuracy_metres} m)" if coordinates.accuracy_metres else text


def _qualified(text: str, vocabulary: str, code: str, language: str, sender: SenderLabels) -> str:
    """Add what the value says about itself."""
    if code in _SHOWN_BY_FORM:
        return text
    words = label(vocabulary, code, language, sender)
    return f"{text} ({words})" if text and code not in NO_ANSWER else words
