"""Figures of this node: read what is stored, piece by piece, and count it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from typing import Any

from node.exchange.context import Context
from node.exchange.viewing import LegView, view_of
from node.federation.opening import zone_of
from node.figures.counting import CaseFacts, LegFacts, case_figures, leg_figures, year_of
from node.store import cases, figures, messages
from node.store.cases import CaseRow
from node.store.db import Transaction
from protocol.pb.homeward.v1 import case_pb2, message_pb2

# Other readers of the database get their turn in between.
LEGS_AT_ONCE = 200
# Steps of the recipient that say something on the matter.
_ANSWERS = frozenset(
    {"accept", "decline", "redirect", "ask", "answer", "outcome", "disposition", "acknowledge"}
)


class Figures:
    """The figures of this node."""

    def __init__(self, context: Context) -> None:
        """Use the context's store."""
        self._context = context

    async def count(self, year: int) -> dict[str, Any]:
        """Return the figures of a year, by this member's own clock; of all years: 0."""
        zone = self._zone()
        led, elsewhere = await self._cases()
        legs = [
            leg for leg in await self._legs() if not year or year_of(leg.opened_at_ms, zone) == year
        ]
        of_cases, of_legs = case_figures(led, year=year, zone=zone), leg_figures(legs)
        return {
            "year": year,
            "years": sorted({year_of(case.opened_at_ms, zone) for case in led}),
            "led_elsewhere": elsewhere,
            **of_cases,
            **of_legs,
            "tables": [*of_cases["tables"], *of_legs["tables"]],
        }

    def _zone(self) -> datetime.tzinfo:
        own = self._context.trust.directory.member(self._context.node_id)
        return (zone_of(own.time_zone) if own is not None else None) or datetime.UTC

    async def _cases(self) -> tuple[list[CaseFacts], int]:
        """Return the cases that this node leads, and how many more it has."""

        def job(db: Transaction) -> tuple[list[CaseRow], dict[str, int]]:
            return cases.all_latest(db), figures.first_made(db)

        rows, made = await self._context.store.read(job)
        led, own = [], self._context.node_id
        for row in rows:
            case = case_pb2.Case.FromString(row.body)
            if (case.lead_node or own) == own:
                led.append(case_facts(case, made[row.case_id]))
        return led, len(rows) - len(led)

    async def _legs(self) -> list[LegFacts]:
        now_ms, found = self._context.clock.now_ms(), list[LegFacts]()
        after = b""
        while True:
            views = await self._context.store.read(partial(_views, after=after, now_ms=now_ms))
            found += [leg_facts(view) for view in views]
            if len(views) < LEGS_AT_ONCE:
                return found
            after = views[-1].row.leg_id


def _views(db: Transaction, *, after: bytes, now_ms: int) -> list[LegView]:
    legs = figures.legs_after(db, after, LEGS_AT_ONCE)
    return [view_of(leg, messages.of_leg(db, leg.leg_id), now_ms) for leg in legs]


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
