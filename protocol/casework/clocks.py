"""The legal dates of a case: which run, when they end, what is left.

Computed from what is recorded, for a day that is given. They warn; they decide nothing:
a court may count otherwise, and what is recorded may be wrong. Rules of counting:

- A period does not count the day on which it begins, and its last day still counts. A
  year ends on the same date, or on 28 February for one that began on 29 February; six
  weeks end on the same weekday (Regulation 1182/71, Art. 3). That a period ends later
  when its last day is a holiday is left out: to warn too early harms nobody.
- An age is reached on the birthday. For a child of 29 February that is 28 February in
  some countries and 1 March in others where there is no such day: both are given.
- Where only a month or a year is known, everything is given as the first and the last
  day that it may be.

The laws, by article: Hague Convention of 1980, Art. 4 (it ends to apply at 16), Art. 11
(six weeks for a decision), Art. 12 (return within a year before proceedings begin);
Regulation (EU) 2019/1111, Art. 24 (six weeks for each instance).
"""

from __future__ import annotations

import calendar
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from protocol.disclosure.dates import DateSpan, span_of
from protocol.pb.homeward.v1.case_pb2 import Application, Case, Child, PartialDate, Removal

_SIX_WEEKS = timedelta(weeks=6)
_ONE_YEAR = 1
_CONVENTION_AGE, _FULL_AGE = 16, 18
_ABDUCTION = "parental_abduction_international"
# Applications that no court decides any more.
_OVER = frozenset({"none", "withdrawn", "enforced"})


class Law(enum.StrEnum):
    """What a clock runs under; a stable code."""

    ONE_YEAR = "hague_1980_art_12"
    SIXTEEN = "hague_1980_art_4"
    SIX_WEEKS = "hague_1980_art_11"
    SIX_WEEKS_EU = "regulation_2019_1111_art_24"
    FULL_AGE = "full_age"


class Standing(enum.StrEnum):
    """How a clock stands on the day in question."""

    RUNNING = "running"
    # Only a part of a date is known, so that it may have passed.
    UNSURE = "unsure"
    PASSED = "passed"
    # What the period asks for was done within it.
    MET = "met"
    # The date that it runs from is not recorded.
    NO_DATE = "no_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One legal date of a case.

    `place` is the element that it comes from ("children[c1]"), `child_ids` are those whom
    it concerns. `on` is the last day of a period, or the birthday; None where no date is
    recorded. `days_left` runs from `on.earliest` to `on.latest`, below zero when past.
    """

    law: Law
    place: str
    child_ids: tuple[str, ...]
    starts: DateSpan | None
    on: DateSpan | None
    days_left: tuple[int, int] | None
    standing: Standing


def legal_clocks(case: Case, today: date) -> list[Clock]:
    """Return every legal date of a case, the next one first, those without a date last."""
    clocks = [*_births(case, today), *_removals(case, today), *_applications(case, today)]
    return sorted(clocks, key=lambda clock: clock.on.earliest if clock.on else date.max)


def _births(case: Case, today: date) -> Iterator[Clock]:
    for child in case.children:
        if _is_of_convention(case):
            yield _birthday(child, Law.SIXTEEN, _CONVENTION_AGE, today)
        yield _birthday(child, Law.FULL_AGE, _FULL_AGE, today)


def _birthday(child: Child, law: Law, age: int, today: date) -> Clock:
    born = span_of(child.date_of_birth)
    on = None
    if born is not None:
        latest = _anniversary(born.latest, age)
        if born.latest.day != latest.day:
            latest += timedelta(days=1)
        on = DateSpan(_anniversary(born.earliest, age), latest)
    # On the day itself the age is reached.
    standing = _standing(on, today + timedelta(days=1))
    return _clock(
        law, f"children[{child.id}]", (child.id,), span=(born, on), standing=standing, today=today
    )


def _removals(case: Case, today: date) -> Iterator[Clock]:
    """Yield the year of Art. 12: it is met when a court was seised within it."""
    situation = case.legal_situation
    if situation.hague_1980_applies == "no":
        return
    removals = list(situation.removals)
    if not removals and _ABDUCTION in (case.category, *case.further_categories):
        # Nobody has recorded yet when it was: that is worth a line of its own.
        removals = [Removal()]
    for number, removal in enumerate(removals):
        starts = span_of(removal.happened_on)
        on = None
        if starts is not None:
            on = DateSpan(*(_anniversary(d, _ONE_YEAR) for d in (starts.earliest, starts.latest)))
        child_ids = _children(case, removal.child_ids)
        seised = _seised(situation.applications, child_ids, case)
        standing = _standing(on, today, done=seised)
        place = f"legal_situation.removals[{number}]"
        yield _clock(
            Law.ONE_YEAR, place, child_ids, span=(starts, on), standing=standing, today=today
        )


def _seised(
    applications: Iterable[Application], child_ids: tuple[str, ...], case: Case
) -> DateSpan | None:
    """Return when a court had the return of all these children before it.

    An application with a Central Authority does not stop the year.
    """
    days: dict[str, DateSpan] = {}
    for application in applications:
        day = span_of(application.court_seised_on)
        if day is None or application.kind not in ("", "return"):
            continue
        for child_id in _children(case, application.child_ids):
            known = days.get(child_id, day)
            days[child_id] = DateSpan(
                min(known.earliest, day.earliest), min(known.latest, day.latest)
            )
    if not child_ids or any(child_id not in days for child_id in child_ids):
        return None
    spans = [days[child_id] for child_id in child_ids]
    return DateSpan(max(s.earliest for s in spans), max(s.latest for s in spans))


def _applications(case: Case, today: date) -> Iterator[Clock]:
    situation = case.legal_situation
    for application in situation.applications:
        if application.kind not in ("", "return") or application.status in _OVER:
            continue
        if situation.hague_1980_applies != "no":
            yield _six_weeks(case, application, Law.SIX_WEEKS, today)
        if situation.brussels_iib_applies == "yes":
            yield _six_weeks(case, application, Law.SIX_WEEKS_EU, today)


def _six_weeks(case: Case, application: Application, law: Law, today: date) -> Clock:
    """Return the six weeks, from when the court had it, else from the filing."""
    starts = _first(application.court_seised_on, application.filed_on)
    on = None
    if starts is not None:
        on = DateSpan(starts.earliest + _SIX_WEEKS, starts.latest + _SIX_WEEKS)
    standing = _standing(on, today, done=span_of(application.decided_on))
    place = f"legal_situation.applications[{application.id}]"
    child_ids = _children(case, application.child_ids)
    return _clock(law, place, child_ids, span=(starts, on), standing=standing, today=today)


def _clock(
    law: Law,
    place: str,
    child_ids: tuple[str, ...],
    *,
    span: tuple[DateSpan | None, DateSpan | None],
    standing: Standing,
    today: date,
) -> Clock:
    starts, on = span
    left = ((on.earliest - today).days, (on.latest - today).days) if on is not None else None
    return Clock(
        law=law,
        place=place,
        child_ids=child_ids,
        starts=starts,
        on=on,
        days_left=left,
        standing=standing,
    )


def _standing(on: DateSpan | None, today: date, *, done: DateSpan | None = None) -> Standing:
    """Return how a period stands whose last day is `on`; `done` is what it asks for."""
    if on is None:
        return Standing.NO_DATE
    day = DateSpan(today, today) if done is None else done
    if day.earliest > on.latest:
        return Standing.PASSED
    if day.latest > on.earliest:
        return Standing.UNSURE
    return Standing.RUNNING if done is None else Standing.MET


def _is_of_convention(case: Case) -> bool:
    situation = case.legal_situation
    if situation.hague_1980_applies == "no":
        return False
    is_abduction = _ABDUCTION in (case.category, *case.further_categories)
    return is_abduction or bool(situation.removals or situation.applications)


def _children(case: Case, child_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the children who are meant: all of the case when none is named."""
    return tuple(child_ids) or tuple(child.id for child in case.children)


def _first(*dates: PartialDate) -> DateSpan | None:
    return next((span for span in map(span_of, dates) if span is not None), None)


def _anniversary(day: date, years: int) -> date:
    """Return the same date so many years later; 28 February where there is no 29th."""
    year = day.year + years
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)
