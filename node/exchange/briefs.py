"""All legs at once, each with where it stands and nothing else: to count and to order them.

There may be thousands. What was found of each is kept, and only those that changed since are
read again (`node.store.leg_changes`); it holds nothing of what a referral says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

from node.exchange.context import Context
from node.exchange.unsettled import Unsettled, unsettled
from node.exchange.viewing import view_of
from node.store import briefs, leg_changes, messages
from node.store.briefs import MOST_NAMED, BriefLeg, BriefSteps
from node.store.db import Transaction
from node.store.leg_changes import Seen
from node.store.messages import LegRow, MessageRow
from protocol.exchange.leg import Side, State
from protocol.ids import LegId, MessageId, NodeId

_ALIKE = 4096
_NOBODY, _NOTHING = NodeId(""), b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One leg, and where it stands."""

    leg_id: LegId
    side: str
    kind: str
    urgency: int
    opened_at_ms: int
    expires_at_ms: int
    state: State
    is_over: bool
    """Whether its time was over when this was found."""
    has_waiting: bool
    """Whether a message of it waits; what becomes of that, no new message tells."""


@dataclass(frozen=True, slots=True)
class _Known:
    """All legs as they were found, and up to where it was looked."""

    seen: Seen
    unsettled: Unsettled
    legs: dict[LegId, Brief]
    """The newest first."""


class Briefs:
    """All legs of this node, in brief."""

    def __init__(self, context: Context) -> None:
        """Use the context's clock and store."""
        self._context = context
        self._known: _Known | None = None

    async def all(self) -> list[Brief]:
        """Return all legs, the newest first."""
        now_ms, known = self._context.clock.now_ms(), self._known
        self._known = await self._context.store.read(lambda db: _renewed(db, known, now_ms))
        return list(self._known.legs.values())


def _renewed(db: Transaction, known: _Known | None, now_ms: int) -> _Known:
    """Return all legs; what cannot have changed is not read again."""
    seen = leg_changes.seen(db)
    changed = leg_changes.changed_since(db, known.seen, seen) if known is not None else None
    unsure = known.unsettled.by(now_ms) if known is not None else None
    if known is None or changed is None or unsure is None:
        return _put_together(seen, _found(db, now_ms), now_ms)
    again = changed | unsure
    if len(again) > MOST_NAMED:
        return _put_together(seen, _found(db, now_ms), now_ms)
    found = _found(db, now_ms, again) if again else {}
    if all(known.legs.get(leg_id) == brief for leg_id, brief in found.items()):
        return replace(known, seen=seen)
    return _put_together(seen, {**known.legs, **found}, now_ms)


def _put_together(seen: Seen, legs: dict[LegId, Brief], now_ms: int) -> _Known:
    ordered = sorted(legs.values(), key=lambda each: (-each.opened_at_ms, each.leg_id))
    facts = ((each.leg_id, each.expires_at_ms, each.has_waiting) for each in ordered)
    return _Known(seen, unsettled(now_ms, facts), {each.leg_id: each for each in ordered})


def _found(
    db: Transaction, now_ms: int, leg_ids: Collection[bytes] | None = None
) -> dict[LegId, Brief]:
    steps = briefs.steps(db, leg_ids)
    return {
        LegId(leg[0]): _brief(leg, steps.get(leg[0], ()), now_ms)
        for leg in briefs.legs(db, leg_ids)
    }


def _brief(leg: BriefLeg, steps: BriefSteps, now_ms: int) -> Brief:
    leg_id, side, kind, urgency, opened_at_ms, expires_at_ms = leg
    is_over = _is_over(expires_at_ms, now_ms)
    return Brief(
        leg_id=LegId(leg_id),
        side=side,
        kind=kind,
        urgency=urgency,
        opened_at_ms=opened_at_ms,
        expires_at_ms=expires_at_ms,
        state=_state(side, kind, steps, is_over=is_over),
        is_over=is_over,
        has_waiting=any(step[-1] == messages.WAITING for step in steps),
    )


def _is_over(expires_at_ms: int, now_ms: int) -> bool:
    return 0 < expires_at_ms <= now_ms


@lru_cache(maxsize=_ALIKE)
def _state(side: str, kind: str, steps: BriefSteps, *, is_over: bool) -> State:
    """Return where a leg stands; nothing else of it counts for that."""
    leg = LegRow(
        leg_id=LegId(_NOTHING), side=Side(side), peer=_NOBODY, kind=kind, urgency=0, case_id=None,
        opened_at_ms=0, reply_by_ms=0, expires_at_ms=int(is_over),
    )  # fmt: skip
    return view_of(leg, [_message(leg, step) for step in steps], int(is_over)).state


def _message(leg: LegRow, step: tuple[str, int, int, str, int, str, str]) -> MessageRow:
    direction, step_number, peer_steps_seen, name, question, reason, settled = step
    return MessageRow(
        peer=leg.peer, message_id=MessageId(_NOTHING), direction=direction, leg_id=leg.leg_id,
        step_number=step_number, peer_steps_seen=peer_steps_seen, name=name, question=question,
        reason=reason, salt=_NOTHING, payload=_NOTHING, urgency=0, created_at_ms=0,
        expires_at_ms=0, stored_at_ms=0, settled=settled, code=0, settled_at_ms=None,
    )  # fmt: skip
