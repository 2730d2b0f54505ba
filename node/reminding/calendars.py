"""The working time of a member, from its record: hours, time zone, and its country's holidays.

A zone or a country that this version does not know leaves the hours in UTC, or the week
without holidays: a clock that is a little off is better than none.
"""

from __future__ import annotations

import datetime
import importlib
from functools import lru_cache

from keys.members import MemberRecord
from node.federation import hours
from node.reminding.working_time import ALWAYS, WorkingTime


def working_time_of(member: MemberRecord | None) -> WorkingTime:
    """Return when somebody is there; of nobody known: always."""
    if member is None:
        return ALWAYS
    return WorkingTime(zone_of(member), member.hours, _holidays_of(member.country).includes)


def zone_of(member: MemberRecord | None) -> datetime.tzinfo:
    """Return the time zone of a member, UTC when it has named none that is known."""
    return (hours.zone_of(member.time_zone) if member is not None else None) or datetime.UTC


class Holidays:
    """The public holidays of a country, as they are known to date; no region's own."""

    def __init__(self, country: str) -> None:
        """Read nothing yet: years are worked out when they are asked for."""
        self._country = country

    def includes(self, day: datetime.date) -> bool:
        """Return whether a day is one."""
        return day in _holidays(self._country, day.year)


@lru_cache(maxsize=256)
def _holidays_of(country: str) -> Holidays:
    """Return the same object for a country each time, so that working times are equal too."""
    return Holidays(country)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[datetime.date]:
    # Half a second to load: only where a peer's hours are looked at.
    holidays = importlib.import_module("holidays")
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except (NotImplementedError, ValueError):
        # A country or a year of which the library knows nothing: only weekends count then.
        return frozenset()
