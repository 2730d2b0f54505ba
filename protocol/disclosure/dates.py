"""Dates of which only a part may be known, as the days that they may mean."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from protocol.pb.homeward.v1.case_pb2 import PartialDate

# Whoever counts on from a day stays within what a date can be.
_LAST_YEAR = 9000


@dataclass(frozen=True, slots=True)
class DateSpan:
    """The first and the last day that something may be; the same day when it is known."""

    earliest: date
    latest: date


def span_of(value: PartialDate) -> DateSpan | None:
    """Return the days that a date may mean; None when it says no day that there is."""
    if not 0 < value.year <= _LAST_YEAR:
        return None
    try:
        earliest = date(value.year, value.month or 1, value.day or 1)
        if value.day:
            return DateSpan(earliest, earliest)
        month = value.month or 12
        last_day = calendar.monthrange(value.year, month)[1]
        return DateSpan(earliest, date(value.year, month, last_day))
    except (ValueError, OverflowError):
        return None
