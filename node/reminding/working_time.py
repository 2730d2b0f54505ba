"""When a member is there, and when an allowance of such time is used up.

Pure arithmetic on a member's week, its public holidays and its time zone; the clock comes
in as an argument. Rules:

- A moment is open if a clock on the wall there shows a time within the opening hours of
  that weekday, and the day is no holiday. On the day on which clocks are set, an hour that
  is shown twice is open twice, one that is left out not at all.
- No hours at all mean around the clock, as in the directory, and so do all hours of the
  week; then holidays do not count either, and a working day is 24 hours.
- Hours count down only while it is open. Working days end with the closing time: the day
  on which something arrives is not counted, whatever the hour (as in Regulation 1182/71).
  Weeks end on the same weekday, or the next one that is open.
- What ends at closing time ends there, and not at the next opening.
- A week that never opens within two years (holidays only) counts as around the clock.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from keys.members import OpeningHours

MINUTE_MS: Final = 60_000
MINUTES_OF_A_DAY: Final = 24 * 60
DAY_MS: Final = MINUTES_OF_A_DAY * MINUTE_MS
# No holiday season and no sane week is longer.
LONGEST_CLOSED_DAYS: Final = 2 * 366
# No offset is larger, so a day of any zone lies within its own day in UTC and this around.
_FARTHEST_MS: Final = 15 * 3600 * 1000
# A week and its days are worked out once: thousands of clocks run by the same few.
_MEMBERS: Final = 256
_DAYS: Final = 8192
_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()

Span = tuple[int, int]
"""From a moment to another, in milliseconds since 1970-01-01 UTC, without the second."""


def _no_holiday(_day: datetime.date) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The opening hours of one member, or of nobody: then it is always open."""

    zone: datetime.tzinfo = datetime.UTC
    hours: tuple[OpeningHours, ...] = ()
    is_holiday: Callable[[datetime.date], bool] = _no_holiday

    @property
    def is_around_the_clock(self) -> bool:
        """Whether it never closes: no hours are given, or all there are."""
        return _is_whole_week(self.hours)


@lru_cache(maxsize=_MEMBERS)
def _is_whole_week(hours: tuple[OpeningHours, ...]) -> bool:
    return not hours or all(_is_whole_day(hours, weekday) for weekday in range(1, 8))


def _is_whole_day(hours: tuple[OpeningHours, ...], weekday: int) -> bool:
    closes_minute = 0
    for opening in sorted(hours, key=lambda opening: opening.opens_minute):
        if opening.weekday == weekday and opening.opens_minute <= closes_minute:
            closes_minute = max(closes_minute, opening.closes_minute)
    return closes_minute >= MINUTES_OF_A_DAY


ALWAYS: Final = WorkingTime()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How long something may take: minutes of working time, working days, or weeks."""

    minutes: int = 0
    days: int = 0
    weeks: int = 0


def is_open(working: WorkingTime, at_ms: int) -> bool:
    """Return whether somebody is there at this moment."""
    if working.is_around_the_clock:
        return True
    local = _local(working.zone, at_ms)
    if working.is_holiday(local.date()):
        return False
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return any(
        opening.weekday == local.isoweekday()
        and opening.opens_minute * 60 <= seconds < opening.closes_minute * 60
        for opening in working.hours
    )


def next_open_ms(working: WorkingTime, at_ms: int) -> int:
    """Return the first moment from this one on at which somebody is there."""
    return next((max(start, at_ms) for start, _ in open_spans(working, at_ms)), at_ms)


def closes_ms(working: WorkingTime, at_ms: int) -> int | None:
    """Return when the opening of this moment, or the next one, ends; None: never."""
    if working.is_around_the_clock:
        return None
    return next((end for _, end in open_spans(working, at_ms)), None)


def presence(working: WorkingTime, at_ms: int) -> tuple[bool, int | None]:
    """Return whether somebody is there, and when that changes; None: never."""
    is_there = is_open(working, at_ms)
    return is_there, closes_ms(working, at_ms) if is_there else next_open_ms(working, at_ms)


def after(working: WorkingTime, from_ms: int, allowance: Allowance) -> int:
    """Return when the allowance is used up: first its weeks, then days, then minutes."""
    at_ms = from_ms
    if allowance.weeks:
        at_ms = _after_weeks(working, at_ms, allowance.weeks)
    if allowance.days:
        at_ms = _after_days(working, at_ms, allowance.days)
    return _after_open(working, at_ms, allowance.minutes * MINUTE_MS)


def open_between_ms(working: WorkingTime, from_ms: int, until_ms: int) -> int:
    """Return how much of the time between two moments is working time."""
    if working.is_around_the_clock:
        return max(0, until_ms - from_ms)
    total = 0
    for start, end in open_spans(working, from_ms):
        if start >= until_ms:
            break
        total += min(end, until_ms) - max(start, from_ms)
    return total


def after_open_ms(working: WorkingTime, from_ms: int, duration_ms: int) -> int:
    """Return when this much working time has gone by."""
    return _after_open(working, from_ms, duration_ms)


def opening_of_day_ms(working: WorkingTime, at_ms: int, days_before: int = 0) -> int:
    """Return when the working day of a moment begins, or one so many working days before.

    The moment at which a day closes still belongs to it. Around the clock a day begins
    at midnight there.
    """
    day = _day_of_end(working, at_ms)
    if working.is_around_the_clock:
        return _midnight_ms(working.zone, day - datetime.timedelta(days=days_before))
    left = days_before
    for back in range(LONGEST_CLOSED_DAYS):
        spans = _spans_of_day(working, day - datetime.timedelta(days=back))
        if spans and left == 0:
            return spans[0][0]
        left -= bool(spans)
    return at_ms


def open_spans(working: WorkingTime, from_ms: int) -> Iterator[Span]:
    """Yield the open times that end after this moment, in order, until it is closed for good.

    Times that touch (hours over midnight) are one.
    """
    if working.is_around_the_clock:
        yield from_ms, from_ms + LONGEST_CLOSED_DAYS * DAY_MS
        return
    day = _local(working.zone, from_ms).date() - datetime.timedelta(days=1)
    last: Span | None = None
    closed_days = 0
    while closed_days < LONGEST_CLOSED_DAYS:
        spans = _spans_of_day(working, day)
        closed_days = 0 if spans else closed_days + 1
        for start, end in spans:
            if last is not None and start <= last[1]:
                last = last[0], max(last[1], end)
                continue
            if last is not None and last[1] > from_ms:
                yield last
            last = start, end
        day += datetime.timedelta(days=1)
    if last is not None and last[1] > from_ms:
        yield last


def _after_open(working: WorkingTime, from_ms: int, duration_ms: int) -> int:
    if working.is_around_the_clock:
        return from_ms + duration_ms
    if duration_ms == 0:
        return from_ms
    left_ms = duration_ms
    for start, end in open_spans(working, from_ms):
        begin = max(start, from_ms)
        if begin + left_ms <= end:
            return begin + left_ms
        left_ms -= end - begin
    return from_ms + duration_ms


def _after_days(working: WorkingTime, from_ms: int, days: int) -> int:
    if working.is_around_the_clock:
        return from_ms + days * DAY_MS
    day, left, closed_days = _day_of_end(working, from_ms), days, 0
    while closed_days < LONGEST_CLOSED_DAYS:
        day += datetime.timedelta(days=1)
        spans = _spans_of_day(working, day)
        closed_days = 0 if spans else closed_days + 1
        left -= bool(spans)
        if left == 0:
            return spans[-1][1]
    return from_ms + days * DAY_MS


def _after_weeks(working: WorkingTime, from_ms: int, weeks: int) -> int:
    """Return the closing time of the same weekday, or of the next day that has one."""
    if working.is_around_the_clock:
        return from_ms + weeks * 7 * DAY_MS
    first = _day_of_end(working, from_ms) + datetime.timedelta(days=7 * weeks)
    for ahead in range(LONGEST_CLOSED_DAYS):
        spans = _spans_of_day(working, first + datetime.timedelta(days=ahead))
        if spans:
            return spans[-1][1]
    return from_ms + weeks * 7 * DAY_MS


def _day_of_end(working: WorkingTime, at_ms: int) -> datetime.date:
    """Return the day to which a moment belongs; midnight is the end of the day before."""
    return _local(working.zone, at_ms - 1).date()


@lru_cache(maxsize=_DAYS)
def _spans_of_day(working: WorkingTime, day: datetime.date) -> tuple[Span, ...]:
    """Return the open times of one day there, in order and without overlap."""
    openings = [opening for opening in working.hours if opening.weekday == day.isoweekday()]
    if not openings or working.is_holiday(day):
        return ()
    midnight_ms = (day.toordinal() - _EPOCH) * DAY_MS
    spans = []
    for start, end, offset_ms in _regimes(working.zone, midnight_ms):
        for opening in openings:
            opens_ms = midnight_ms + opening.opens_minute * MINUTE_MS - offset_ms
            closes_ms = midnight_ms + opening.closes_minute * MINUTE_MS - offset_ms
            if max(start, opens_ms) < min(end, closes_ms):
                spans.append((max(start, opens_ms), min(end, closes_ms)))
    return tuple(_joined(sorted(spans)))


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _regimes(zone: datetime.tzinfo, midnight_ms: int) -> list[tuple[int, int, int]]:
    """Return the times around a day in which clocks there keep one offset from UTC."""
    first_ms, last_ms = midnight_ms - _FARTHEST_MS, midnight_ms + DAY_MS + _FARTHEST_MS
    edges = [first_ms, last_ms]
    if _offset_ms(zone, first_ms) != _offset_ms(zone, last_ms):
        edges.insert(1, _change_ms(zone, first_ms, last_ms))
    return [(start, end, _offset_ms(zone, start)) for start, end in itertools.pairwise(edges)]


def _change_ms(zone: datetime.tzinfo, early_ms: int, late_ms: int) -> int:
    """Return the moment between the two from which the clocks keep the later offset."""
    late_offset_ms = _offset_ms(zone, late_ms)
    while late_ms - early_ms > 1:
        middle_ms = (early_ms + late_ms) // 2
        if _offset_ms(zone, middle_ms) == late_offset_ms:
            late_ms = middle_ms
        else:
            early_ms = middle_ms
    return late_ms


def _midnight_ms(zone: datetime.tzinfo, day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), zone).timestamp() * 1000)


def _local(zone: datetime.tzinfo, at_ms: int) -> datetime.datetime:
    # Whole seconds, rounded down: a moment just before midnight is of the day before.
    return datetime.datetime.fromtimestamp(at_ms // 1000, zone)


def _offset_ms(zone: datetime.tzinfo, at_ms: int) -> int:
    offset = _local(zone, at_ms).utcoffset() or datetime.timedelta()
    return int(offset.total_seconds() * 1000)
