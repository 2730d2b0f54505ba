"""A member's hours of the week as another clock shows them.

Whether somebody is there is `node.reminding.working_time`'s to say, which knows holidays.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator, Sequence
from typing import Final

from keys.members import OpeningHours

MINUTES_OF_A_DAY: Final = 24 * 60
_WEEK: Final = 7


def zone_of(name: str) -> datetime.tzinfo | None:
    """Return a time zone, None when this machine does not know it or there is no name."""
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def in_zone(
    hours: Sequence[OpeningHours], zone: datetime.tzinfo, other: datetime.tzinfo, at_ms: int
) -> tuple[OpeningHours, ...]:
    """Return the hours of a week as a clock in another zone shows them at present."""
    at = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC)
    offsets = [each.utcoffset(at.astimezone(each)) for each in (other, zone)]
    ours, theirs = (offset or datetime.timedelta() for offset in offsets)
    minutes = (ours - theirs) // datetime.timedelta(minutes=1)
    return tuple(piece for each in hours for piece in _moved(each, minutes))


def _moved(opening: OpeningHours, minutes: int) -> Iterator[OpeningHours]:
    """Yield an opening some minutes later, cut at midnight."""
    opens, closes = opening.opens_minute + minutes, opening.closes_minute + minutes
    for day in (-1, 0, 1):
        first = day * MINUTES_OF_A_DAY
        start, end = max(opens, first), min(closes, first + MINUTES_OF_A_DAY)
        if start < end:
            weekday = (opening.weekday - 1 + day) % _WEEK + 1
            yield OpeningHours(weekday, start - first, end - first)
