"""One leg: a sender, a recipient, and the state that both compute alike.

The state is never stored or sent. It is the fold of the steps of both sides
(domain note 2.2; SPEC.md section 8). Rules:

- Each side numbers its own steps from 1 and says with each how many steps of the
  other side it had applied (`peer_steps_seen`). That makes a step's past
  unambiguous: the author's earlier steps and that many of the other side's.
- Steps are applied in an order that respects every step's past. Where two steps
  crossed on the way, the recipient's comes first: an accept that crosses a
  withdrawal leaves a leg in which a cancellation was asked for, not a lost child
  in somebody's accepted pile.
- A step that its own past does not allow is illegal: its author is at fault, and
  the other side refuses it by name. A step that was legal for its author but was
  overtaken by one that crossed it has no effect; both sides see it as overtaken.
- All transitions stand in `TRANSITIONS`. No other code decides a state.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from protocol.errors import PeerError, RefusalCode


class Side(enum.StrEnum):
    """The two ends of a leg: the sender opened it."""

    SENDER = "sender"
    RECIPIENT = "recipient"

    @property
    def other(self) -> Side:
        """The opposite end."""
        return Side.RECIPIENT if self is Side.SENDER else Side.SENDER


class State(enum.StrEnum):
    """Where a leg stands.

    QUEUED and UNDELIVERABLE are what only the sender can know (no receipt yet;
    refused or expired on the way); all others follow from the steps.
    """

    QUEUED = "queued"
    DELIVERED = "delivered"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    INFO_NEEDED = "info_needed"
    OUTCOME_REPORTED = "outcome_reported"
    CANCEL_REQUESTED = "cancel_requested"
    CLOSED = "closed"
    DECLINED = "declined"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    CANCEL_CONFIRMED = "cancel_confirmed"
    UNDELIVERABLE = "undeliverable"


ENDS = frozenset(
    {
        State.CLOSED,
        State.DECLINED,
        State.REDIRECTED,
        State.WITHDRAWN,
        State.CANCEL_CONFIRMED,
        State.UNDELIVERABLE,
    }
)

_WORKING = (State.ACCEPTED, State.IN_PROGRESS, State.INFO_NEEDED)
_OPEN = (State.DELIVERED, State.RECEIVED, *_WORKING, State.OUTCOME_REPORTED)


def _all_to(states: Iterable[State], target: State) -> Mapping[State, State]:
    return dict.fromkeys(states, target)


def _stay(states: Iterable[State]) -> Mapping[State, State]:
    return {state: state for state in states}


S, R = Side.SENDER, Side.RECIPIENT

# (side, step) -> {state before: state after}. The names of the steps are those of
# the `step` oneof in message.proto. `referral` opens the leg and stands in no row.
TRANSITIONS: Mapping[tuple[Side, str], Mapping[State, State]] = {
    (R, "claim"): {State.DELIVERED: State.RECEIVED},
    (R, "accept"): {State.RECEIVED: State.ACCEPTED},
    (R, "decline"): {State.RECEIVED: State.DECLINED},
    (R, "redirect"): {State.RECEIVED: State.REDIRECTED},
    (R, "ask"): _all_to(_WORKING, State.INFO_NEEDED),
    (S, "ask"): _all_to(_WORKING, State.INFO_NEEDED),
    (R, "answer"): {State.INFO_NEEDED: State.IN_PROGRESS},
    (S, "answer"): {State.INFO_NEEDED: State.IN_PROGRESS},
    (R, "note"): _stay((*_OPEN, State.CANCEL_REQUESTED)),
    (S, "note"): _stay((*_OPEN, State.CANCEL_REQUESTED)),
    (R, "outcome"): _all_to(_WORKING, State.OUTCOME_REPORTED),
    (S, "confirm"): {State.OUTCOME_REPORTED: State.CLOSED},
    (S, "dispute"): {State.OUTCOME_REPORTED: State.IN_PROGRESS},
    (S, "withdraw"): {
        State.DELIVERED: State.WITHDRAWN,
        State.RECEIVED: State.WITHDRAWN,
        **_all_to((*_WORKING, State.OUTCOME_REPORTED), State.CANCEL_REQUESTED),
    },
    (R, "confirm_cancel"): {State.CANCEL_REQUESTED: State.CANCEL_CONFIRMED},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One signed step, reduced to what the fold needs."""

    side: Side
    number: int
    peer_steps_seen: int
    name: str
    question: int = 0
    """Of an answer: the number of the other side's ask."""


@dataclass(frozen=True, slots=True)
class Leg:
    """The fold so far: `state` is None before the referral."""

    state: State | None = None
    open_questions: frozenset[tuple[Side, int]] = frozenset()
    overtaken: tuple[Step, ...] = ()


def fold(steps: Sequence[Step]) -> Leg:
    """Compute where a leg stands after these steps, given in any order.

    Steps whose past is not complete yet are left out.
    """
    leg = Leg()
    for step in in_order(steps):
        following = _apply(leg, step)
        if following is None:
            leg = Leg(leg.state, leg.open_questions, (*leg.overtaken, step))
        else:
            leg = following
    return leg


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Return the steps in the one order that both sides use (see the rules above)."""
    pending = {S: _numbered(steps, S), R: _numbered(steps, R)}
    done = {S: 0, R: 0}
    ordered: list[Step] = []
    while True:
        # The recipient's step first where both could be next: the tie-break.
        for side in (R, S):
            step = pending[side].get(done[side] + 1)
            if step is not None and step.peer_steps_seen <= done[side.other]:
                ordered.append(step)
                done[side] += 1
                break
        else:
            return ordered


def check_step(known: Sequence[Step], step: Step) -> None:
    """Refuse a step that does not follow on the known ones, or is illegal.

    `known` are all steps of the leg that this side has applied.

    Raises:
        PeerError: UNKNOWN_LEG (no referral opened it), STEP_OUT_OF_ORDER (an
            earlier step has not come yet), ILLEGAL_STEP (its past does not allow it).
    """
    own = _numbered(known, step.side)
    peer = _numbered(known, step.side.other)
    if step.name != "referral" and not any(s.name == "referral" for s in known):
        raise PeerError(RefusalCode.UNKNOWN_LEG, "no referral opened this leg")
    if step.number != len(own) + 1 or step.peer_steps_seen > len(peer):
        raise PeerError(RefusalCode.STEP_OUT_OF_ORDER, f"step {step.number} of {len(own)} known")
    if own and step.peer_steps_seen < own[len(own)].peer_steps_seen:
        raise PeerError(RefusalCode.ILLEGAL_STEP, "has forgotten what it had seen")
    past = list(own.values())
    past += [s for s in peer.values() if s.number <= step.peer_steps_seen]
    leg = fold(past)
    if _apply(leg, step) is None:
        raise PeerError(RefusalCode.ILLEGAL_STEP, f"{step.name} in state {leg.state}")


def allowed_steps(leg: Leg, side: Side) -> tuple[str, ...]:
    """Name what this side may do next, in the table's order."""
    names = [name for (s, name), row in TRANSITIONS.items() if s is side and leg.state in row]
    answerable = any(asker is side.other for asker, _ in leg.open_questions)
    return tuple(name for name in names if name != "answer" or answerable)


def _numbered(steps: Sequence[Step], side: Side) -> dict[int, Step]:
    return {step.number: step for step in steps if step.side is side}


def _apply(leg: Leg, step: Step) -> Leg | None:
    """Return the leg after the step, or None where the state does not allow it."""
    if step.name == "referral":
        is_opening = leg.state is None and step.side is S and step.number == 1
        return Leg(State.DELIVERED) if is_opening else None
    if leg.state is None:
        return None
    state = TRANSITIONS.get((step.side, step.name), {}).get(leg.state)
    if state is None:
        return None
    questions = leg.open_questions
    if step.name == "ask":
        questions |= {(step.side, step.number)}
    elif step.name == "answer":
        asked = (step.side.other, step.question)
        if asked not in questions:
            return None
        questions -= {asked}
        state = State.INFO_NEEDED if questions else state
    elif state not in _WORKING:
        # Nobody waits for an answer once the leg has moved on.
        questions = frozenset()
    return Leg(state, questions, leg.overtaken)
