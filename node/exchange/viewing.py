"""A leg as people see it: the fold of its stored steps, with what the clock and delivery add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.store import messages
from node.store.messages import LegRow, MessageRow
from protocol.exchange.leg import (
    ENDS,
    Leg,
    Side,
    State,
    Step,
    allowed_steps,
    fold,
    has_gap,
    has_lead_moved,
    state_at,
)
from protocol.exchange.patterns import ERASING, pattern_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LegView:
    """A leg as people see it: how it was opened, where it stands, what may follow."""

    row: LegRow
    state: State
    allowed: tuple[str, ...]
    messages: tuple[MessageRow, ...]
    overtaken: frozenset[tuple[str, int]]
    """Direction and step number of steps that came too late to have an effect."""
    open_questions: tuple[int, ...]
    """Step numbers of the other side's questions that this side has not answered."""
    open_erase_requests: tuple[int, ...]
    """Step numbers of the other side's requests to erase that this side has not answered."""
    has_lead_moved: bool
    """Whether a transfer has made the recipient the lead."""

    @property
    def side(self) -> Side:
        """Which end of the leg this node is."""
        return Side(self.row.side)


def steps_of(leg: LegRow, rows: Sequence[MessageRow]) -> list[Step]:
    """Return the steps of both sides that count; refused ones do not."""
    side = Side(leg.side)
    return [
        Step(
            side if row.direction == messages.OUT else side.other,
            row.step_number,
            row.peer_steps_seen,
            row.name,
            row.question,
            row.reason,
        )
        for row in rows
        if row.settled != messages.REFUSED
    ]


def _state(leg: LegRow, rows: Sequence[MessageRow], folded: Leg, now_ms: int) -> State:
    """Add to the fold what the clock says, and what only an author knows of delivery."""
    mine = [row for row in rows if row.direction == messages.OUT]
    if any(row.settled == messages.EXPIRED and row.name not in ERASING for row in mine):
        return State.UNDELIVERABLE
    if folded.state is State.DELIVERED and leg.side == Side.SENDER:
        opening = next(row for row in mine if row.name == "referral")
        if opening.settled != messages.RECEIVED:
            return State.QUEUED
    return state_at(folded, leg.expires_at_ms, now_ms) or State.UNDELIVERABLE


def view_of(leg: LegRow, rows: Sequence[MessageRow], now_ms: int) -> LegView:
    """Return a leg as people see it at a time; `rows` are all its messages."""
    pattern = pattern_of(leg.kind)
    steps = steps_of(leg, rows)
    folded = fold(pattern, steps)
    side = Side(leg.side)
    state = _state(leg, rows, folded, now_ms)
    # The peer has given up a step that never came here: nothing can follow on it any more.
    if state not in ENDS and has_gap(steps, side.other):
        state = State.UNDELIVERABLE
    ours = {side: messages.OUT, side.other: messages.IN}
    is_over = state in (State.UNDELIVERABLE, State.EXPIRED)
    return LegView(
        row=leg,
        state=state,
        allowed=() if is_over else allowed_steps(pattern, folded, side),
        messages=tuple(rows),
        overtaken=frozenset((ours[step.side], step.number) for step in folded.overtaken),
        open_questions=tuple(
            sorted(number for asker, number in folded.open_questions if asker is side.other)
        ),
        open_erase_requests=tuple(
            sorted(number for asker, number in folded.open_erase_requests if asker is side.other)
        ),
        has_lead_moved=has_lead_moved(pattern, folded),
    )
