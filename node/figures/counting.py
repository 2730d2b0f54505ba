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


def case_figures(cases: Sequence[CaseFacts], *, year: int, zone: datetime.tzinfo) -> dict[str, Any]:
    """Return the counts of cases and of children; of one year, or of all (0)."""
    new = [case for case in cases if not year or year_of(case.opened_at_ms, zone) == year]
    carried = [case for case in cases if year and _is_carried_over(case, year, zone)]
    closed = [
        case for case in cases
        if case.closed_at_ms is not None and (not year or year_of(case.closed_at_ms, zone) == year)
    ]  # fmt: skip
    tables = [
        _table("cases_by_category", "cases", (case.category for case in new)),
        _table("cases_by_status", "cases", (case.status for case in new)),
        _table("cases_cross_border", "cases", (case.cross_border for case in new)),
        _found(new),
        *(
            _table(name, "children", (child[place] for case in new for child in _children(case)))
            for place, name in enumerate(
                ("children_by_status", "children_by_sex", "children_by_age")
            )
        ),
    ]
    return {
        "cases": {"new": len(new), "carried_over": len(carried), "closed": len(closed)},
        "children": {"new": sum(case.child_count for case in new)},
        "tables": [table.answer() for table in tables],
        "months": _months(cases, year, zone).answer(),
    }


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


def _is_carried_over(case: CaseFacts, year: int, zone: datetime.tzinfo) -> bool:
    was_open = case.closed_at_ms is None or year_of(case.closed_at_ms, zone) >= year
    return year_of(case.opened_at_ms, zone) < year and was_open


def _children(case: CaseFacts) -> Iterable[tuple[str, str, str]]:
    """Return the children of a case; of those who are not described nothing is recorded."""
    missing = max(0, case.child_count - len(case.children))
    return (*case.children, *[("", "", "")] * missing)


def _table(name: str, unit: str, codes: Iterable[str]) -> Table:
    table = Table(name, unit)
    for code in codes:
        table.add(code)
    return _sorted(table)


def _sorted(table: Table) -> Table:
    """Put the largest row first, and what is not recorded last."""
    order = sorted(table.rows.items(), key=lambda row: (row[0] == "", -sum(row[1]), row[0]))
    table.rows = dict(order)
    return table


def _found(cases: Sequence[CaseFacts]) -> Table:
    """Return how long it took until a child was found, in the cases where that is recorded."""
    counted = Counter(
        band(case.found_at_ms - case.missing_from_ms)
        for case in cases
        if case.found_at_ms is not None
        and case.missing_from_ms is not None
        and case.found_at_ms >= case.missing_from_ms
    )
    table = Table("time_to_found", "cases")
    for name in BANDS:
        table.add(name, count=counted[name])
    table.add("", count=len(cases) - counted.total())
    return table


def _months(cases: Sequence[CaseFacts], year: int, zone: datetime.tzinfo) -> Table:
    table = Table("months", "cases", ("opened", "closed"))
    moments = [(case.opened_at_ms, 0) for case in cases]
    moments += [(case.closed_at_ms, 1) for case in cases if case.closed_at_ms is not None]
    for at_ms, column in sorted(moments):
        at = datetime.datetime.fromtimestamp(at_ms / 1000, zone)
        if not year or at.year == year:
            table.add(f"{at:%Y-%m}", column)
    return table


def _median(durations: Sequence[int | None]) -> dict[str, Any]:
    known = [duration for duration in durations if duration is not None]
    return {
        "count": len(known),
        "of": len(durations),
        "median_ms": int(statistics.median(known)) if known else None,
    }
