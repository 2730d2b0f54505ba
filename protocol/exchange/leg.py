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
- Steps about erasing change no state and wait for no other step: they may follow on
  steps of their author that never arrive, since these were given up.
- All transitions stand in `patterns.TRANSITIONS`, one table for each pattern. No other
  code decides a state; only that it is over because of its expiry is `state_at`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from protocol.errors import PeerError, RefusalCode
from protocol.exchange.patterns import (
    ENDS,
    ERASE_REQUEST,
    ERASING,
    TRANSITIONS,
    Pattern,
    Side,
    State,
)

__all__ = [
    "ENDS",
    "Leg",
    "Side",
    "State",
    "Step",
    "allowed_steps",
    "check_step",
    "first_behind_gap",
    "fold",
    "has_gap",
    "has_lead_moved",
    "in_order",
    "next_step_numbers",
    "state_at",
]

S, R = Side.SENDER, Side.RECIPIENT
_WITH_QUESTIONS = (State.ACCEPTED, State.IN_PROGRESS, State.INFO_NEEDED)


@dataclass(frozen=True, slots=True)
class Step:
    """One signed step, reduced to what the fold needs."""

    side: Side
    number: int
    peer_steps_seen: int
    name: str
    question: int = 0
    """The number of the other side's ask, or erase_request, that this one answers."""
    reason: str = ""
    """Of a withdraw: its code."""


@dataclass(frozen=True, slots=True)
class Leg:
    """The fold so far: `state` is None before the referral."""

    state: State | None = None
    open_questions: frozenset[tuple[Side, int]] = frozenset()
    overtaken: tuple[Step, ...] = ()
    open_erase_requests: frozenset[tuple[Side, int]] = frozenset()


def fold(pattern: Pattern, steps: Sequence[Step]) -> Leg:
    """Compute where a leg stands after these steps, given in any order.

    Steps whose past is not complete yet are left out.
    """
    leg = Leg()
    for step in in_order(steps):
        following = _apply(pattern, leg, step)
        leg = following or replace(leg, overtaken=(*leg.overtaken, step))
    return replace(leg, open_erase_requests=_open_erase_requests(steps))


def state_at(leg: Leg, expires_at_ms: int, now_ms: int) -> State | None:
    """Return the state at a time: what is open past its expiry (0: none) has expired.

    What happened before both sides see alike; which steps they still make is the
    callers' to decide by the same function. Steps that were made in time and come
    late count, so an end that was reached in time stays.
    """
    is_over = 0 < expires_at_ms <= now_ms
    return State.EXPIRED if is_over and leg.state not in (None, *ENDS) else leg.state


def has_lead_moved(pattern: Pattern, leg: Leg) -> bool:
    """Return whether the recipient leads the case now: it has taken custody of the file."""
    return pattern is Pattern.HANDOVER and leg.state is State.CLOSED


def first_behind_gap(numbers: Iterable[int]) -> int | None:
    """Return the first of a side's step numbers before which one is missing; None: none is.

    What is missing was given up by its author (SPEC.md 8.6).
    """
    counted = enumerate(sorted(numbers), 1)
    return next((number for count, number in counted if number > count), None)


def has_gap(steps: Sequence[Step], side: Side) -> bool:
    """Return whether a step of this side is missing."""
    return first_behind_gap(_numbered(steps, side)) is not None


def next_step_numbers(steps: Sequence[Step], side: Side) -> tuple[int, int]:
    """Return the number of this side's next step, and how many of the other's it follows on."""
    own, others = _numbered(steps, side), _numbered(steps, side.other)
    # What comes after a gap is no part of a step's past: its author might mean other steps.
    seen = next(number for number in range(len(others) + 1) if number + 1 not in others)
    return max(own, default=0) + 1, seen


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


def check_step(pattern: Pattern, known: Sequence[Step], step: Step) -> None:
    """Refuse a step that does not follow on the known ones, or is illegal.

    `known` are all steps of the leg that this side has applied.

    Raises:
        PeerError: UNKNOWN_LEG (no referral opened it), STEP_OUT_OF_ORDER (an
            earlier step has not come yet, or was passed over by one about erasing),
            ILLEGAL_STEP (its past does not allow it).
    """
    own = _numbered(known, step.side)
    peer = _numbered(known, step.side.other)
    if step.name != "referral" and not any(s.name == "referral" for s in known):
        raise PeerError(RefusalCode.UNKNOWN_LEG, "no referral opened this leg")
    last = max(own, default=0)
    is_next = step.number == last + 1 and not has_gap(known, step.side)
    if not is_next and not (step.name in ERASING and step.number > last):
        raise PeerError(RefusalCode.STEP_OUT_OF_ORDER, f"step {step.number} of {last} known")
    if step.peer_steps_seen > len(peer):
        raise PeerError(RefusalCode.STEP_OUT_OF_ORDER, "has seen what was not made")
    if own and step.peer_steps_seen < own[last].peer_steps_seen:
        raise PeerError(RefusalCode.ILLEGAL_STEP, "has forgotten what it had seen")
    past = list(own.values())
    past += [s for s in peer.values() if s.number <= step.peer_steps_seen]
    leg = fold(pattern, past)
    if _apply(pattern, leg, step) is None or not _answers_what_was_asked(known, step):
        raise PeerError(RefusalCode.ILLEGAL_STEP, f"{step.name} in state {leg.state}")


def allowed_steps(pattern: Pattern, leg: Leg, side: Side) -> tuple[str, ...]:
    """Name what this side may do next, in the table's order."""
    rows = TRANSITIONS[pattern].items()
    # A step with a reason is no other step.
    found = [name.partition(" ")[0] for (s, name), row in rows if s is side and leg.state in row]
    names = dict.fromkeys(found)
    answerable = any(asker is side.other for asker, _ in leg.open_questions)
    return tuple(name for name in names if name != "answer" or answerable)


def _numbered(steps: Sequence[Step], side: Side) -> dict[int, Step]:
    return {step.number: step for step in steps if step.side is side}


def _row(pattern: Pattern, step: Step) -> Mapping[State, State]:
    table = TRANSITIONS[pattern]
    special = table.get((step.side, f"{step.name} {step.reason}"))
    return table.get((step.side, step.name), {}) if special is None else special


def _apply(pattern: Pattern, leg: Leg, step: Step) -> Leg | None:
    """Return the leg after the step, or None where the state does not allow it."""
    if step.name == "referral":
        is_opening = leg.state is None and step.side is S and step.number == 1
        return Leg(State.DELIVERED) if is_opening else None
    if leg.state is None:
        return None
    if step.name in ERASING:
        return leg
    state = _row(pattern, step).get(leg.state)
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
    elif state not in _WITH_QUESTIONS:
        # Nobody waits for an answer once the leg has moved on.
        questions = frozenset()
    return replace(leg, state=state, open_questions=questions)


def _open_erase_requests(steps: Sequence[Step]) -> frozenset[tuple[Side, int]]:
    """Return side and number of each request that is not answered, in whatever order they came."""
    asked = {(step.side, step.number) for step in steps if step.name == ERASE_REQUEST}
    answered = {
        (step.side.other, step.question)
        for step in steps
        if step.name in ERASING and step.name != ERASE_REQUEST
    }
    return frozenset(asked - answered)


def _answers_what_was_asked(known: Sequence[Step], step: Step) -> bool:
    """Whether a step about erasing answers an open request, or is one; others answer none."""
    if step.name not in ERASING or step.name == ERASE_REQUEST:
        return True
    # Not by what its author says to have seen: whoever names a request has seen it.
    return (step.side.other, step.question) in _open_erase_requests(known)
