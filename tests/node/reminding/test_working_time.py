"""Working time: what anybody can check with a calendar on the wall, and what always holds."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.members import OpeningHours
from node.reminding.calendars import Holidays, working_time_of
from node.reminding.working_time import (
    ALWAYS,
    DAY_MS,
    Allowance,
    WorkingTime,
    after,
    after_open_ms,
    closes_ms,
    is_open,
    next_open_ms,
    open_between_ms,
    open_spans,
    opening_of_day_ms,
)

ATHENS = zoneinfo.ZoneInfo("Europe/Athens")
OFFICE = tuple(OpeningHours(day, 9 * 60, 17 * 60) for day in range(1, 6))
GREEK_OFFICE = WorkingTime(ATHENS, OFFICE, Holidays("GR").includes)
NIGHTS = tuple(
    opening
    for day in range(1, 8)
    for opening in (OpeningHours(day, 0, 6 * 60), OpeningHours(day, 22 * 60, 24 * 60))
)


def ms(text: str, zone: datetime.tzinfo = ATHENS) -> int:
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def text(at_ms: int, zone: datetime.tzinfo = ATHENS) -> str:
    return datetime.datetime.fromtimestamp(at_ms / 1000, zone).strftime("%Y-%m-%d %H:%M")


HOUR, TWO_HOURS, TWELVE_HOURS = (Allowance(minutes=60 * count) for count in (1, 2, 12))
ONE_DAY, FIVE_DAYS = Allowance(days=1), Allowance(days=5)
FOUR_WEEKS = Allowance(weeks=4)


@pytest.mark.parametrize(
    ("start", "allowance", "end"),
    [
        # Within a day, to the minute of closing, over a night, over a weekend.
        ("2026-11-24 10:00", TWO_HOURS, "2026-11-24 12:00"),
        ("2026-11-24 15:00", TWO_HOURS, "2026-11-24 17:00"),
        ("2026-11-24 16:30", TWO_HOURS, "2026-11-25 10:30"),
        ("2026-11-27 16:30", TWO_HOURS, "2026-11-30 10:30"),
        # While nobody is there nothing counts down.
        ("2026-11-28 03:00", TWO_HOURS, "2026-11-30 11:00"),
        ("2026-11-24 08:00", TWELVE_HOURS, "2026-11-25 13:00"),
        # Working days end at closing time; the day of arrival is not counted.
        ("2026-11-24 16:30", ONE_DAY, "2026-11-25 17:00"),
        ("2026-11-24 08:00", ONE_DAY, "2026-11-25 17:00"),
        ("2026-11-28 12:00", ONE_DAY, "2026-11-30 17:00"),
        ("2026-11-24 10:00", FIVE_DAYS, "2026-12-01 17:00"),
        # Weeks end on the same weekday, or on the next open one (25 December is a Friday).
        ("2026-11-24 10:00", FOUR_WEEKS, "2026-12-22 17:00"),
        ("2026-11-27 10:00", FOUR_WEEKS, "2026-12-28 17:00"),
        # 25 and 26 December are holidays in Greece, 27 is a Sunday; 1 January as well.
        ("2026-12-24 16:00", TWO_HOURS, "2026-12-28 10:00"),
        ("2026-12-24 16:00", ONE_DAY, "2026-12-28 17:00"),
        ("2026-12-31 16:00", ONE_DAY, "2027-01-04 17:00"),
        # Orthodox Easter moves: Monday 3 May 2027, which Belgium does not keep.
        ("2027-04-29 16:00", ONE_DAY, "2027-05-05 17:00"),
    ],
)
def test_an_office_in_greece(start: str, allowance: Allowance, end: str) -> None:
    assert text(after(GREEK_OFFICE, ms(start), allowance)) == end


def test_each_country_has_its_own_holidays_and_an_unknown_one_has_none() -> None:
    liberation_of_georgia = datetime.date(2026, 5, 26)
    assert Holidays("GE").includes(liberation_of_georgia)
    assert not Holidays("BE").includes(liberation_of_georgia)
    assert not Holidays("XX").includes(datetime.date(2026, 12, 25))


def test_hours_over_midnight_are_one_opening() -> None:
    nights = WorkingTime(ATHENS, NIGHTS)
    assert closes_ms(nights, ms("2026-11-24 23:00")) == ms("2026-11-25 06:00")
    assert text(after(nights, ms("2026-11-24 23:30"), TWO_HOURS)) == "2026-11-25 01:30"
    assert text(after(nights, ms("2026-11-24 05:00"), TWO_HOURS)) == "2026-11-24 23:00"


def test_a_night_is_longer_when_the_clocks_go_back_and_shorter_when_forward() -> None:
    nights = WorkingTime(ATHENS, NIGHTS)
    lengths = [
        open_between_ms(nights, ms(f"{day} 12:00"), ms(f"{day} 12:00") + DAY_MS) // 3_600_000
        for day in ("2026-10-23", "2026-10-24", "2027-03-27")
    ]
    assert lengths == [8, 9, 7]


def test_an_hour_that_does_not_exist_is_not_open_and_one_that_comes_twice_is_open_twice() -> None:
    # In Athens the hour from 3 to 4 is left out in March and comes twice in October.
    early = WorkingTime(ATHENS, (OpeningHours(7, 3 * 60, 4 * 60),))
    spans = list(zip(range(60), open_spans(early, ms("2026-10-19 12:00")), strict=False))
    lengths = {text(start)[:10]: (end - start) // 60_000 for _, (start, end) in spans}
    assert lengths["2026-10-25"] == 120
    assert lengths["2027-03-21"] == 60
    assert "2027-03-28" not in lengths


def test_clocks_that_are_set_at_midnight() -> None:
    cairo = zoneinfo.ZoneInfo("Africa/Cairo")
    but_sundays = WorkingTime(cairo, tuple(OpeningHours(day, 0, 1440) for day in range(1, 7)))
    start, end = ms("2026-04-01 00:00", cairo), ms("2026-06-01 00:00", cairo)
    # In Cairo Friday, 24 April begins at 1.
    assert end - start == 61 * DAY_MS - 3_600_000
    assert open_between_ms(but_sundays, start, end) == end - start - 9 * DAY_MS


def test_a_member_without_hours_is_always_there_and_its_day_has_24_hours() -> None:
    christmas = ms("2026-12-25 03:00")
    assert is_open(ALWAYS, christmas)
    assert closes_ms(ALWAYS, christmas) is None
    assert after(ALWAYS, christmas, ONE_DAY) == christmas + DAY_MS
    assert after(ALWAYS, christmas, HOUR) == christmas + 3_600_000
    assert working_time_of(None).is_around_the_clock


def test_all_hours_of_the_week_are_no_hours() -> None:
    halves = tuple(
        OpeningHours(day, *span) for day in range(1, 8) for span in ((0, 800), (700, 1440))
    )
    assert WorkingTime(ATHENS, halves).is_around_the_clock
    assert not WorkingTime(ATHENS, halves[1:]).is_around_the_clock


def test_a_week_that_is_closed_for_good_counts_as_around_the_clock() -> None:
    closed = WorkingTime(ATHENS, OFFICE, lambda _day: True)
    start = ms("2026-11-24 10:00")
    assert list(open_spans(closed, start)) == []
    assert after(closed, start, TWO_HOURS) == start + 7_200_000
    assert after(closed, start, ONE_DAY) == start + DAY_MS
    assert next_open_ms(closed, start) == start
    assert opening_of_day_ms(closed, start) == start


def test_the_working_day_of_a_moment_and_those_before_it() -> None:
    closing = ms("2026-11-30 17:00")
    assert text(opening_of_day_ms(GREEK_OFFICE, closing)) == "2026-11-30 09:00"
    assert text(opening_of_day_ms(GREEK_OFFICE, closing, 1)) == "2026-11-27 09:00"
    midnight = WorkingTime(ATHENS, (OpeningHours(1, 0, 1440),))
    assert text(opening_of_day_ms(midnight, ms("2026-12-01 00:00"))) == "2026-11-30 00:00"


# --- what always holds

ZONES = st.sampled_from(
    ["Europe/Athens", "Europe/Brussels", "Africa/Cairo", "America/Havana", "Asia/Tbilisi",
     "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Atlantic/Azores", "UTC"]
)  # fmt: skip
OPENINGS = st.builds(
    lambda day, opens, length: OpeningHours(day, opens, min(opens + length, 1440)),
    st.integers(1, 7),
    st.integers(0, 1320),
    st.integers(120, 1440),
)
MOMENTS = st.integers(ms("2026-01-01 00:00"), ms("2029-01-01 00:00"))
DURATIONS = st.integers(1, 2 * DAY_MS)
DAYS = st.integers(1, 15)


@st.composite
def weeks(draw: st.DrawFn) -> WorkingTime:
    hours = tuple(draw(st.lists(OPENINGS, min_size=1, max_size=8)))
    country = draw(st.sampled_from(["GR", "BE", "UA", "XX"]))
    return WorkingTime(zoneinfo.ZoneInfo(draw(ZONES)), hours, Holidays(country).includes)


@given(weeks(), MOMENTS)
@settings(max_examples=200, deadline=None)
def test_the_spans_are_what_clock_and_calendar_on_the_wall_say(week, at_ms) -> None:
    start, end = next(open_spans(week, at_ms))
    assert is_open(week, at_ms) == (start <= at_ms)
    assert start < end
    assert is_open(week, start)
    assert is_open(week, end - 1)
    assert not is_open(week, start - 1)
    assert not is_open(week, end)


@given(weeks(), MOMENTS, DURATIONS)
@settings(max_examples=100, deadline=None)
def test_it_never_ends_in_closed_time(week, at_ms, duration_ms) -> None:
    end = after_open_ms(week, at_ms, duration_ms)
    assert is_open(week, end - 1)
    assert open_between_ms(week, at_ms, end) == duration_ms


@given(weeks(), MOMENTS, DAYS)
@settings(max_examples=100, deadline=None)
def test_working_days_end_when_it_closes(week, at_ms, days) -> None:
    end = after(week, at_ms, Allowance(days=days))
    assert is_open(week, end - 1)
    assert opening_of_day_ms(week, end) < end


@given(weeks(), MOMENTS, DURATIONS, DURATIONS)
@settings(max_examples=60, deadline=None)
def test_one_time_after_another_is_both_together(week, at_ms, first, second) -> None:
    in_two = after_open_ms(week, after_open_ms(week, at_ms, first), second)
    assert in_two == after_open_ms(week, at_ms, first + second)


@given(weeks(), MOMENTS, DAYS, DAYS)
@settings(max_examples=60, deadline=None)
def test_some_working_days_after_others_are_both_together(week, at_ms, first, second) -> None:
    one, two = Allowance(days=first), Allowance(days=second)
    in_two = after(week, after(week, at_ms, one), two)
    assert in_two == after(week, at_ms, Allowance(days=first + second))


@given(weeks(), MOMENTS, DURATIONS, DURATIONS, DAYS)
@settings(max_examples=60, deadline=None)
def test_who_starts_later_ends_no_earlier_and_more_takes_longer(week, at_ms, gap, more, days):
    later = at_ms + gap
    assert after_open_ms(week, at_ms, more) <= after_open_ms(week, later, more)
    assert after_open_ms(week, at_ms, more) < after_open_ms(week, at_ms, more + gap)
    allowance = Allowance(days=days)
    assert after(week, at_ms, allowance) <= after(week, later, allowance)
