"""For how long a case is kept after its end: data, by category and by outcome.

The outcome counts if there is a time for it, else the category. A node sets other times in
its settings, by "category", "outcome" or "category/outcome"; the closest counts. These are
times to start from: what the law of a country demands is the member's to know.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from protocol.pb.homeward.v1 import case_pb2

DAY_MS: Final = 24 * 3600 * 1000
WARNING_DAYS: Final = 30
NEVER_MS: Final = 2**62
"""Until when a case is kept that has not ended."""
_YEAR: Final = 365

DAYS: Mapping[str, int] = MappingProxyType(
    {
        # By category.
        "runaway": 2 * _YEAR,
        "parental_abduction_national": 3 * _YEAR,
        "parental_abduction_international": 5 * _YEAR,
        "third_person_abduction": 10 * _YEAR,
        "unaccompanied_migrant": 5 * _YEAR,
        "lost_injured_other": 2 * _YEAR,
        # By outcome: who was not found, or died, may be asked for much later.
        "located_deceased": 10 * _YEAR,
        "not_located": 10 * _YEAR,
        "located_harmed": 5 * _YEAR,
        "returned_by_court": 5 * _YEAR,
        "turned_18": _YEAR,
        "info_full": _YEAR,
        "info_partial": _YEAR,
        "info_none": _YEAR,
    }
)
OTHERWISE_DAYS: Final = 2 * _YEAR
"""For a category that nobody has named here."""


def kept_days(category: str, outcome: str, own: Mapping[str, int]) -> tuple[int, str]:
    """Return for how many days a case is kept, and by which rule (list retention_basis)."""
    for key, basis in (
        (f"{category}/{outcome}", "outcome_rule"),
        (outcome, "outcome_rule"),
        (category, "category_rule"),
    ):
        days = own.get(key, DAYS.get(key))
        if days is not None:
            return days, basis
    return OTHERWISE_DAYS, "category_rule"


def set_end(case: case_pb2.Case, *, ended_at_ms: int, days: int, basis: str) -> int:
    """Write into a case until when it is kept; return the moment after that day."""
    end = datetime.datetime.fromtimestamp(ended_at_ms / 1000, datetime.UTC).date()
    last = end + datetime.timedelta(days=days)
    case.retention.basis = basis
    case.retention.ends_on.CopyFrom(
        case_pb2.PartialDate(year=last.year, month=last.month, day=last.day, precision="day")
    )
    return _after_ms(last)


def end_ms(case: case_pb2.Case) -> int | None:
    """Return the moment after the last day on which a case is kept; None if none is set.

    People may set another day than the rules did.
    """
    on = case.retention.ends_on
    month = on.month or 12
    try:
        last = calendar.monthrange(on.year, month)[1]
        return _after_ms(datetime.date(on.year, month, on.day or last))
    except ValueError:
        return None


def _after_ms(day: datetime.date) -> int:
    start = datetime.datetime.combine(day, datetime.time.min, datetime.UTC)
    return int((start + datetime.timedelta(days=1)).timestamp() * 1000)
