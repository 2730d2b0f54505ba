"""Figures of this node: read what is stored, piece by piece, and count it."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from node.errors import StoreError
from node.exchange.context import Context
from node.exchange.viewing import LegView, view_of
from node.federation.hours import zone_of
from node.figures.counting import CaseFacts, CaseTally, LegFacts, leg_figures, year_of
from node.store import figures, leg_changes, messages
from node.store.cases import CaseRow
from node.store.db import Transaction
from node.store.figures import NewVersion, Places
from node.store.leg_changes import Seen
from node.store.messages import LegRow
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2

# Other readers of the database get their turn in between.
LEGS_AT_ONCE, CASES_AT_ONCE = 200, 500
# What is new is counted on top of the rest; more of it than this, and all is counted again.
MOST_NEWS = 1000
# Years that people leaf through.
KEPT_FIGURES = 8
# Steps of the recipient that say something on the matter.
_ANSWERS = frozenset(
    {"accept", "decline", "redirect", "ask", "answer", "outcome", "disposition", "acknowledge"}
)


@dataclass(frozen=True, slots=True)
class _Leg:
    """What is counted of a leg, and what of that another message does not tell."""

    facts: LegFacts
    expires_at_ms: int
    is_over: bool
    has_waiting: bool

    def is_to_look_at(self, now_ms: int) -> bool:
        """Whether more can have changed of it than that a message came."""
        return self.has_waiting or self.is_over != (0 < self.expires_at_ms <= now_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """All that was counted, and up to where; how many more cases others lead."""

    at_ms: int
    zone: datetime.tzinfo
    places: Places
    tally: CaseTally
    elsewhere: int
    seen: Seen
    legs: dict[LegId, _Leg]


@dataclass(frozen=True, slots=True)
class _News:
    """What is new since it was counted; None: all is to be counted again."""

    places: Places
    seen: Seen
    versions: list[NewVersion] | None
    legs: dict[LegId, _Leg] | None


class Figures:
    """The figures of this node.

    To count all takes seconds where there are many cases. So it is done once, and what has
    changed since is counted on top of it. When a case was erased, all is counted again, and
    until that is done people see what was counted before, and as of when.
    """

    def __init__(self, context: Context) -> None:
        """Use the context's store."""
        self._context = context
        self._counted: _Counted | None = None
        self._answers: dict[int, dict[str, Any]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._counting_again: asyncio.Task[None] | None = None

    async def count(self, year: int) -> dict[str, Any]:
        """Return the figures of a year, by this member's own clock; of all years: 0.

        They must not be changed. They have `at_ms` when they are of an earlier time.
        """
        async with self._one_at_a_time:
            counted, is_new = await self._renewed()
            if year not in self._answers:
                if len(self._answers) >= KEPT_FIGURES:
                    self._answers.clear()
                answer = await self._context.compute(lambda: _figures(counted, year))
                self._answers[year] = answer
            answer = self._answers[year]
        return answer if is_new else {**answer, "at_ms": counted.at_ms}

    async def finish(self) -> None:
        """Wait until what is counted again in the background is counted."""
        if self._counting_again is not None:
            await self._counting_again

    async def _renewed(self) -> tuple[_Counted, bool]:
        """Count what is new; return all, and whether nothing is new beyond that.

        Where that takes long, it goes on by itself.
        """
        before, now_ms, zone = self._counted, self._context.clock.now_ms(), self._zone()
        if before is None or before.zone != zone:
            return self._put(await self._count_all()), True
        news = await self._context.store.read(lambda db: _news(db, before, now_ms))
        if news.versions is None or news.legs is None:
            if self._counting_again is None:
                self._counting_again = asyncio.create_task(self._count_again())
            return before, False
        if news.versions or news.legs:
            own = self._context.node_id
            return self._put(
                await self._context.compute(lambda: _added(before, news, now_ms, own))
            ), True
        return before, True

    async def _count_again(self) -> None:
        try:
            counted = await self._count_all()
            async with self._one_at_a_time:
                self._put(counted)
        except StoreError:
            # The node is being stopped, or cannot read; who asks next begins anew.
            return
        finally:
            self._counting_again = None

    def _put(self, counted: _Counted) -> _Counted:
        self._counted = counted
        self._answers.clear()
        return counted

    async def _count_all(self) -> _Counted:
        now_ms, zone = self._context.clock.now_ms(), self._zone()
        # Before all else: what changes while it is read is counted on top of it then.
        places, seen = await self._context.store.read(
            lambda db: (figures.places(db), leg_changes.seen(db))
        )
        tally, elsewhere, after = CaseTally(zone), 0, ""
        while True:
            read = partial(figures.cases_after, case_id=after, until=places, limit=CASES_AT_ONCE)
            rows = await self._context.store.read(read)
            count = partial(_add_all, tally, rows, self._context.node_id)
            elsewhere += await self._context.compute(count)
            if len(rows) < CASES_AT_ONCE:
                break
            after = rows[-1][0].case_id
        return _Counted(
            at_ms=now_ms, zone=zone, places=places, tally=tally, elsewhere=elsewhere, seen=seen,
            legs=await self._legs(now_ms),
        )  # fmt: skip

    def _zone(self) -> datetime.tzinfo:
        own = self._context.trust.directory.member(self._context.node_id)
        return (zone_of(own.time_zone) if own is not None else None) or datetime.UTC

    async def _legs(self, now_ms: int) -> dict[LegId, _Leg]:
        found, after = dict[LegId, _Leg](), b""
        while True:
            legs = await self._context.store.read(partial(_legs_after, after=after, now_ms=now_ms))
            found |= legs
            if len(legs) < LEGS_AT_ONCE:
                return found
            after = max(legs)


def _figures(counted: _Counted, year: int) -> dict[str, Any]:
    legs = [leg.facts for leg in counted.legs.values()]
    of_year = [leg for leg in legs if not year or year_of(leg.opened_at_ms, counted.zone) == year]
    of_cases, of_legs = counted.tally.figures(year), leg_figures(of_year)
    return {
        "year": year,
        "years": counted.tally.years(),
        "led_elsewhere": counted.elsewhere,
        **of_cases,
        **of_legs,
        "tables": [*of_cases["tables"], *of_legs["tables"]],
    }


def _news(db: Transaction, before: _Counted, now_ms: int) -> _News:
    """Return what is new since it was counted."""
    places, seen = figures.places(db), leg_changes.seen(db)
    versions = None
    if not figures.is_case_erased_since(db, before.places):
        versions = figures.versions_since(db, before.places, places, MOST_NEWS + 1)
    changed = leg_changes.changed_since(db, before.seen, seen)
    if changed is None or versions is None or len(versions) > MOST_NEWS:
        return _News(places, seen, None, None)
    again = {i for i, each in before.legs.items() if each.is_to_look_at(now_ms)} | changed
    if len(again) > MOST_NEWS:
        return _News(places, seen, None, None)
    rows = (messages.leg(db, leg_id) for leg_id in sorted(again))
    legs = _legs_of(db, [row for row in rows if row is not None], now_ms)
    return _News(
        places, seen, versions, {i: leg for i, leg in legs.items() if before.legs.get(i) != leg}
    )


def _added(before: _Counted, news: _News, now_ms: int, own: NodeId) -> _Counted:
    """Return what was counted with what is new."""
    tally, elsewhere = before.tally.copy(), before.elsewhere
    for each in news.versions or ():
        for body, count in ((each.before, -1), (each.body, 1)):
            if body is not None:
                case = case_pb2.Case.FromString(body)
                elsewhere += count * _add(tally, case, each.first_made_at_ms, own, count)
    return replace(
        before, at_ms=now_ms, places=news.places, tally=tally, elsewhere=elsewhere,
        seen=news.seen, legs={**before.legs, **(news.legs or {})},
    )  # fmt: skip


def _add_all(tally: CaseTally, rows: Sequence[tuple[CaseRow, int]], own: NodeId) -> int:
    """Count cases; return how many others lead."""
    return sum(
        _add(tally, case_pb2.Case.FromString(row.body), made_at_ms, own, 1)
        for row, made_at_ms in rows
    )


def _add(tally: CaseTally, case: case_pb2.Case, made_at_ms: int, own: NodeId, count: int) -> int:
    """Count a case if this node leads it; return 1 if another one does."""
    if (case.lead_node or own) != own:
        return 1
    tally.add(case_facts(case, made_at_ms), count)
    return 0


def _legs_after(db: Transaction, *, after: bytes, now_ms: int) -> dict[LegId, _Leg]:
    return _legs_of(db, figures.legs_after(db, after, LEGS_AT_ONCE), now_ms)


def _legs_of(db: Transaction, legs: Sequence[LegRow], now_ms: int) -> dict[LegId, _Leg]:
    views = (view_of(leg, messages.of_leg(db, leg.leg_id), now_ms) for leg in legs)
    return {
        view.row.leg_id: _Leg(
            facts=leg_facts(view),
            expires_at_ms=view.row.expires_at_ms,
            is_over=0 < view.row.expires_at_ms <= now_ms,
            has_waiting=any(row.settled == messages.WAITING for row in view.messages),
        )
        for view in views
    }


def case_facts(case: case_pb2.Case, made_at_ms: int) -> CaseFacts:
    """Return what is counted of a case; `made_at_ms`: its first version was made then."""
    is_closed = case.status == "closed"
    seen = case.circumstances.last_seen.seen
    return CaseFacts(
        opened_at_ms=_at_ms(case.opened_at) or made_at_ms,
        closed_at_ms=_at_ms(case.closed_at) if is_closed or case.HasField("closed_at") else None,
        status=case.status,
        category=case.category,
        cross_border=case.cross_border,
        missing_from_ms=_first(_at_ms(seen.latest), _at_ms(case.reported_missing_at)),
        found_at_ms=_at_ms(case.found_at),
        child_count=max(case.child_count, len(case.children)),
        children=tuple((child.status, child.sex, child.age_band) for child in case.children),
    )


def leg_facts(view: LegView) -> LegFacts:
    """Return what is counted of a leg."""
    is_sent = view.side.value == "sender"
    theirs = messages.IN if is_sent else messages.OUT
    opened_at_ms = view.messages[0].stored_at_ms if view.messages else view.row.opened_at_ms
    steps = [(row.name, row.stored_at_ms) for row in view.messages if row.direction == theirs]
    outcome = _outcome(view)
    return LegFacts(
        opened_at_ms=view.row.opened_at_ms,
        is_sent=is_sent,
        kind=view.row.kind,
        peer=view.row.peer,
        state=view.state.value,
        to_claim_ms=_after(steps, {"claim"}, opened_at_ms),
        to_answer_ms=_after(steps, _ANSWERS, opened_at_ms),
        outcome=outcome.code if outcome is not None else None,
        found_by=outcome.found_by if outcome is not None else "",
    )


def _outcome(view: LegView) -> message_pb2.Outcome | None:
    """Return the outcome that was reported last."""
    rows = [row for row in view.messages if row.name == "outcome" and row.settled != "refused"]
    # Erased content is empty.
    if not rows or not rows[-1].payload:
        return None
    return message_pb2.Message.FromString(rows[-1].payload).outcome


def _after(
    steps: Sequence[tuple[str, int]], wanted: frozenset[str] | set[str], from_ms: int
) -> int | None:
    return next((max(0, at_ms - from_ms) for name, at_ms in steps if name in wanted), None)


def _first(*moments: int | None) -> int | None:
    return next((moment for moment in moments if moment), None)


def _at_ms(moment: case_pb2.Moment) -> int | None:
    return moment.at_ms or None
