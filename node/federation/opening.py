"""When a member is there: by its own clock, and by ours.

Public holidays are not known here: who is told that somebody is there may still find
the day off.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from keys.members import OpeningHours

MINUTES_OF_A_DAY: Final = 24 * 60
_WEEK: Final = 7
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether somebody is there, and when that changes; None: never."""

    is_open: bool
    changes_at_ms: int | None


def zone_of(name: str) -> datetime.tzinfo | None:
    """Return a time zone, None when this machine does not know it or there is no name."""
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def opening_at(hours: Sequence[OpeningHours], zone: datetime.tzinfo, at_ms: int) -> Opening:
    """Return how it stands at a moment; no hours mean around the clock."""
    if not hours:
        return Opening(is_open=True, changes_at_ms=None)
    for start, end in _joined(_spans(hours, zone, at_ms)):
        if start <= at_ms < end:
            is_for_good = end - start >= _WEEK * MINUTES_OF_A_DAY * _MINUTE_MS
            return Opening(is_open=True, changes_at_ms=None if is_for_good else end)
        if start > at_ms:
            return Opening(is_open=False, changes_at_ms=start)
    return Opening(is_open=False, changes_at_ms=None)


def _spans(
    hours: Sequence[OpeningHours], zone: datetime.tzinfo, at_ms: int
) -> Iterator[tuple[int, int]]:
    """Yield the openings from yesterday on, for a little more than a week, in order."""
    today = datetime.datetime.fromtimestamp(at_ms / 1000, zone).date()
    for ahead in range(-1, _WEEK + 2):
        day = today + datetime.timedelta(days=ahead)
        for each in sorted(hours, key=lambda opening: opening.opens_minute):
            if each.weekday == day.isoweekday():
                yield _at_ms(day, each.opens_minute, zone), _at_ms(day, each.closes_minute, zone)


def _at_ms(day: datetime.date, minute: int, zone: datetime.tzinfo) -> int:
    days, minutes = divmod(minute, MINUTES_OF_A_DAY)
    hour = datetime.time(minutes // 60, minutes % 60)
    at = datetime.datetime.combine(day + datetime.timedelta(days=days), hour, zone)
    return int(at.timestamp()) * 1000


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans with those that meet as one."""
    before: tuple[int, int] | None = None
    for span in spans:
        if before is not None and span[0] <= before[1]:
            before = (before[0], max(before[1], span[1]))
            continue
        if before is not None:
            yield before
        before = span
    if before is not None:
        yield before


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
