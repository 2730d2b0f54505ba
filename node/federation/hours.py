"""Opening hours as people write them: `mo-fr 09:00-12:30 13:30-17:00; sa 10:00-12:00`.

Reading and writing are inverse to each other, so that what is shown can be typed
again. Hours that run over midnight are written as two days, as they stand in the record.
Whether somebody is there is `node.reminding.working_time`'s to say, which knows holidays.
"""

from __future__ import annotations

import datetime
import itertools
import re
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from keys.members import OpeningHours
from node.errors import ArgumentError

AROUND_THE_CLOCK: Final = "always"
"""Written when a member has no closing times."""

DAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")
"""As they are written, Monday first."""

_EXAMPLE: Final = (
    'for example "mo-fr 09:00-17:00; sa 10:00-12:00", or "always"; '
    "hours over midnight are written as two days"
)
_DAY: Final = "|".join(DAYS)
_DAY_SPAN: Final = re.compile(rf"({_DAY})(?:-({_DAY}))?")
_TIME_SPAN: Final = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])", re.ASCII)
_MINUTES_OF_A_DAY: Final = 24 * 60
_WEEK: Final = 7


def parse_hours(texts: Iterable[str]) -> tuple[OpeningHours, ...]:
    """Read the opening hours of a week; empty means around the clock.

    Raises:
        ArgumentError: they are not written as above, or overlap.
    """
    parts = [part for text in texts for part in text.lower().split(";") if part.strip()]
    if [part.strip() for part in parts] == [AROUND_THE_CLOCK]:
        return ()
    hours = sorted(
        (opening for part in parts for opening in _openings(part)),
        key=lambda opening: (opening.weekday, opening.opens_minute),
    )
    for before, after in itertools.pairwise(hours):
        if before.weekday == after.weekday and after.opens_minute < before.closes_minute:
            raise ArgumentError("argument_invalid", "the opening hours overlap", _EXAMPLE)
    if not hours:
        raise _invalid()
    return tuple(hours)


def hours_text(hours: Iterable[OpeningHours]) -> str:
    """Return opening hours as `parse_hours` reads them, days with the same hours together."""
    days: dict[int, list[str]] = {}
    for opening in sorted(hours, key=lambda opening: (opening.weekday, opening.opens_minute)):
        span = f"{_clock(opening.opens_minute)}-{_clock(opening.closes_minute)}"
        days.setdefault(opening.weekday, []).append(span)
    spans: list[tuple[int, int, str]] = []
    for weekday, times in days.items():
        text = " ".join(times)
        if spans and spans[-1][1:] == (weekday - 1, text):
            spans[-1] = (spans[-1][0], weekday, text)
        else:
            spans.append((weekday, weekday, text))
    return "; ".join(f"{_day_text(*span[:2])} {span[2]}" for span in spans) or AROUND_THE_CLOCK


def zone_of(name: str) -> datetime.tzinfo | None:
    """Return a time zone, None when this machine does not know it or there is no name."""
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
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


def check_time_zone(name: str) -> None:
    """Refuse a time zone that this machine, knowing time zones, does not know.

    Raises:
        ArgumentError: there is no such time zone.
    """
    known = zoneinfo.available_timezones()
    # A small machine may have no list at all; then the form alone is checked later.
    if known and name not in known:
        raise ArgumentError(
            "argument_invalid", "there is no such time zone", "for example Europe/Brussels"
        )


def _moved(opening: OpeningHours, minutes: int) -> Iterator[OpeningHours]:
    """Yield an opening some minutes later, cut at midnight."""
    opens, closes = opening.opens_minute + minutes, opening.closes_minute + minutes
    for day in (-1, 0, 1):
        first = day * _MINUTES_OF_A_DAY
        start, end = max(opens, first), min(closes, first + _MINUTES_OF_A_DAY)
        if start < end:
            weekday = (opening.weekday - 1 + day) % _WEEK + 1
            yield OpeningHours(weekday, start - first, end - first)


def _openings(part: str) -> Iterator[OpeningHours]:
    days, *times = re.sub(r"\s*([,-])\s*", r"\1", part.strip()).split()
    if not times:
        raise _invalid()
    for weekday in _weekdays(days):
        for time in times:
            yield _opening(weekday, time)


def _weekdays(text: str) -> Iterator[int]:
    for part in text.split(","):
        match = _DAY_SPAN.fullmatch(part)
        if match is None:
            raise _invalid()
        first = DAYS.index(match[1]) + 1
        last = DAYS.index(match[2]) + 1 if match[2] else first
        if last < first:
            raise _invalid()
        yield from range(first, last + 1)


def _opening(weekday: int, text: str) -> OpeningHours:
    match = _TIME_SPAN.fullmatch(text)
    if match is None:
        raise _invalid()
    opens = int(match[1]) * 60 + int(match[2])
    closes = int(match[3]) * 60 + int(match[4])
    if not opens < closes <= _MINUTES_OF_A_DAY:
        raise _invalid()
    return OpeningHours(weekday, opens, closes)


def _day_text(first: int, last: int) -> str:
    names = DAYS[first - 1], DAYS[last - 1]
    return names[0] if first == last else "-".join(names)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _invalid() -> ArgumentError:
    return ArgumentError("argument_invalid", "the opening hours cannot be read", _EXAMPLE)
