"""Counting, pure: from facts about cases and legs to tables.

Cases, children and referrals are counted each for themselves and never added up: a case
may be about three children and lead to five referrals. Contacts (calls, chats) are not
recorded by a node. "" is a value of its own: not recorded. A case counts where its lead
is, so that two countries that work on it do not count it twice.
"""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

SMALL: Final = 5
"""A count from 1 to below this may point at one child; it is not published."""

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
# The bands in which the hotlines' network publishes: up to when, and what they are called.
_BANDS: Final = (
    (_DAY_MS, "under_1_day"),
    (3 * _DAY_MS, "1_to_3_days"),
    (7 * _DAY_MS, "4_to_7_days"),
    (28 * _DAY_MS, "1_to_4_weeks"),
    (183 * _DAY_MS, "1_to_6_months"),
)
_LONGEST: Final = "over_6_months"
BANDS: Final = (*(name for _, name in _BANDS), _LONGEST)
_BY_CASE: Final = ("cases_by_category", "cases_by_status", "cases_cross_border")
_BY_CHILD: Final = ("children_by_status", "children_by_sex", "children_by_age")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is counted of a case that this node leads."""

    opened_at_ms: int
    closed_at_ms: int | None
    status: str
    category: str
    cross_border: str
    missing_from_ms: int | None
    found_at_ms: int | None
    child_count: int
    children: tuple[tuple[str, str, str], ...]
    """Status, sex and age band of each child that is described."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFacts:
    """What is counted of a referral; times are by this node's clock."""

    opened_at_ms: int
    is_sent: bool
    kind: str
    peer: str
    state: str
    to_claim_ms: int | None
    to_answer_ms: int | None
    outcome: str | None
    found_by: str
    """Of the last outcome, if there is one."""


@dataclass(slots=True)
class Table:
    """Counts of one unit by a code; one column, or two: sent and received."""

    name: str
    unit: str
    columns: tuple[str, ...] = ("count",)
    rows: dict[str, list[int]] = field(default_factory=dict)

    def add(self, code: str, column: int = 0, count: int = 1) -> None:
        """Count something."""
        self.rows.setdefault(code, [0] * len(self.columns))[column] += count

    def answer(self) -> dict[str, Any]:
        """Return it as it stands in answers, with what may be published of each column."""
        columns = [[row[number] for row in self.rows.values()] for number in range(self._width)]
        public = [publishable(column) for column in columns]
        return {
            "name": self.name,
            "unit": self.unit,
            "columns": list(self.columns),
            "rows": [
                {"code": code, "counts": counts, "public": [column[place] for column in public]}
                for place, (code, counts) in enumerate(self.rows.items())
            ],
        }

    @property
    def _width(self) -> int:
        return len(self.columns)


def publishable(counts: Sequence[int]) -> list[int | None]:
    """Return the counts that may be published, None for the others.

    Small ones may not. A single one that is left out could be reckoned from the total, so
    the next larger goes with it, until those left out together are not small either.
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < SMALL}
    others = sorted(
        (place for place, count in enumerate(counts) if count >= SMALL),
        key=lambda place: counts[place],
    )
    while hidden and others and (len(hidden) < 2 or sum(counts[p] for p in hidden) < SMALL):
        hidden.add(others.pop(0))
    return [None if place in hidden else count for place, count in enumerate(counts)]


def band(duration_ms: int) -> str:
    """Return in which band of the time to being found this is."""
    return next((name for limit_ms, name in _BANDS if duration_ms < limit_ms), _LONGEST)


def year_of(at_ms: int, zone: datetime.tzinfo) -> int:
    """Return the year in which something happened there."""
    return datetime.datetime.fromtimestamp(at_ms / 1000, zone).year


class CaseTally:
    """Counts of cases and of children, of each year: a case can be put in and taken out."""

    def __init__(self, zone: datetime.tzinfo) -> None:
        """Years and months are those of this clock; nothing is counted yet."""
        self._zone = zone
        # By a name and what is counted under it; nothing that is counted of one case alone.
        self._counts: Counter[tuple[str | int, ...]] = Counter()

    def add(self, case: CaseFacts, count: int = 1) -> None:
        """Count a case; with -1, count it no more."""
        opened, closed = self._month(case.opened_at_ms), self._month(case.closed_at_ms)
        year, counts = opened[0], self._counts
        counts["span", year, closed[0]] += count
        counts["children", year] += count * case.child_count
        for column, (at_year, month) in enumerate((opened, closed)):
            if at_year:
                counts["month", at_year, month, column] += count
        for name, code in (
            ("cases_by_category", case.category),
            ("cases_by_status", case.status),
            ("cases_cross_border", case.cross_border),
            ("time_to_found", _band_of(case)),
        ):
            counts[name, year, code] += count
        for child in _children(case):
            for name, code in zip(_BY_CHILD, child, strict=True):
                counts[name, year, code] += count

    def copy(self) -> CaseTally:
        """Return another one with the same counts."""
        copied = CaseTally(self._zone)
        copied._counts = self._counts.copy()
        return copied

    def years(self) -> list[int]:
        """Return the years in which cases were opened."""
        spans = self._of("span")
        return sorted({opened for (opened, _), _count in spans if isinstance(opened, int)})

    def figures(self, year: int) -> dict[str, Any]:
        """Return the counts of a year, or of all (0)."""
        spans = self._of("span")
        return {
            "cases": {
                "new": sum(n for (opened, _), n in spans if not year or opened == year),
                "carried_over": sum(
                    n for (opened, closed), n in spans
                    if year and int(opened) < year and (not closed or int(closed) >= year)
                ),
                "closed": sum(
                    n for (_, closed), n in spans if closed and (not year or closed == year)
                ),
            },
            "children": {
                "new": sum(n for (at,), n in self._of("children") if not year or at == year)
            },
            "tables": [
                *(self._table(name, "cases", year).answer() for name in _BY_CASE),
                self._found(year).answer(),
                *(self._table(name, "children", year).answer() for name in _BY_CHILD),
            ],
            "months": self._months(year).answer(),
        }  # fmt: skip

    def _month(self, at_ms: int | None) -> tuple[int, int]:
        """Return year and month; zeros where there is no such moment."""
        if at_ms is None:
            return 0, 0
        at = datetime.datetime.fromtimestamp(at_ms / 1000, self._zone)
        return at.year, at.month

    def _of(self, name: str) -> list[tuple[tuple[str | int, ...], int]]:
        """Return what is counted under a name, and how often; nothing that is none by now."""
        return [(key[1:], count) for key, count in self._counts.items() if key[0] == name and count]

    def _codes(self, name: str, year: int) -> Counter[str]:
        codes: Counter[str] = Counter()
        for (at, code), count in self._of(name):
            if not year or at == year:
                codes[str(code)] += count
        return codes

    def _table(self, name: str, unit: str, year: int) -> Table:
        table = Table(name, unit)
        for code, count in self._codes(name, year).items():
            table.add(code, count=count)
        return _sorted(table)

    def _found(self, year: int) -> Table:
        """Return how long it took until a child was found, in the cases where that is recorded."""
        counted, table = self._codes("time_to_found", year), Table("time_to_found", "cases")
        for name in (*BANDS, ""):
            table.add(name, count=counted[name])
        return table

    def _months(self, year: int) -> Table:
        table = Table("months", "cases", ("opened", "closed"))
        months = sorted((tuple(map(int, key)), count) for key, count in self._of("month"))
        for (at_year, month, column), count in months:
            if not year or at_year == year:
                table.add(f"{at_year}-{month:02}", column, count)
        return table


def leg_figures(legs: Sequence[LegFacts]) -> dict[str, Any]:
    """Return the counts of referrals, and how long things took."""
    columns = ("sent", "received")
    by = {name: Table(f"referrals_by_{name}", "referrals", columns)
          for name in ("kind", "peer", "state", "outcome", "found_by")}  # fmt: skip
    for leg in legs:
        column = 0 if leg.is_sent else 1
        by["kind"].add(leg.kind, column)
        by["peer"].add(leg.peer, column)
        by["state"].add(leg.state, column)
        if leg.outcome is not None:
            by["outcome"].add(leg.outcome, column)
            by["found_by"].add(leg.found_by, column)
    sent = sum(leg.is_sent for leg in legs)
    return {
        "referrals": {"sent": sent, "received": len(legs) - sent},
        "tables": [_sorted(table).answer() for table in by.values()],
        "times": [
            {
                "name": name,
                "is_ours": not is_sent,
                **_median([getattr(leg, name) for leg in legs if leg.is_sent is is_sent]),
            }
            for name in ("to_claim_ms", "to_answer_ms")
            for is_sent in (True, False)
        ],
    }


def _children(case: CaseFacts) -> Iterable[tuple[str, str, str]]:
    """Return the children of a case; of those who are not described nothing is recorded."""
    missing = max(0, case.child_count - len(case.children))
    return (*case.children, *[("", "", "")] * missing)


def _sorted(table: Table) -> Table:
    """Put the largest row first, and what is not recorded last."""
    order = sorted(table.rows.items(), key=lambda row: (row[0] == "", -sum(row[1]), row[0]))
    table.rows = dict(order)
    return table


def _band_of(case: CaseFacts) -> str:
    """Return how long it took until a child was found; "" where that is not recorded."""
    found_ms, missing_ms = case.found_at_ms, case.missing_from_ms
    if found_ms is None or missing_ms is None or found_ms < missing_ms:
        return ""
    return band(found_ms - missing_ms)


def _median(durations: Sequence[int | None]) -> dict[str, Any]:
    known = [duration for duration in durations if duration is not None]
    return {
        "count": len(known),
        "of": len(durations),
        "median_ms": int(statistics.median(known)) if known else None,
    }
