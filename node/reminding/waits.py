"""What a leg waits for: derived from its messages and the clock each time, never stored.

A wait has a side that is to act, a beginning and, mostly, a time at which it is due. Rules:

- It begins when the side that is to act has got what it is to act on: at the recipient of
  a message when it arrived, at its author when the receipt did (or, before that, when it
  was made). Where the clock always runs it begins when the message was made.
- A question of the recipient stops the clock of its own answer until it is answered; the
  working time that was left then goes on.
- A promise in an accept takes the place of what was asked for. A dispute begins the time
  for an answer anew.
- An outcome waits for its confirmation until the sender's node confirms it by itself.
- A request to erase waits for its answer in every state, also when the leg has expired.
- What could not be delivered waits, in every state, for somebody here to tell it in another
  way: at once, and until they say so (`node.exchange.undelivered`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from node.exchange.undelivered import Undelivered, to_tell
from node.exchange.viewing import LegView, steps_of
from node.reminding.levels import ERASING, Level
from node.reminding.working_time import (
    ALWAYS,
    Allowance,
    WorkingTime,
    after,
    after_open_ms,
    open_between_ms,
)
from node.store import messages
from node.store.messages import LegRow, MessageRow
from node.store.tellings import Told
from protocol import limits
from protocol.exchange.leg import Side, State, fold
from protocol.exchange.patterns import Pattern, pattern_of
from protocol.pb.homeward.v1 import message_pb2


class What(enum.StrEnum):
    """What is waited for."""

    DELIVERY = "delivery"
    CLAIM = "claim"
    NOTICE = "notice"
    """A notice to be acknowledged, in the time of a claim: nobody has looked at it yet."""
    ANSWER = "answer"
    REPLY = "reply"
    OUTCOME = "outcome"
    CONFIRMATION = "confirmation"
    ACKNOWLEDGEMENT = "acknowledgement"
    FILE = "file"
    CUSTODY = "custody"
    CANCELLATION = "cancellation"
    ERASURE = "erasure"
    TELEPHONE = "telephone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One thing that one side of a leg waits for."""

    leg: LegRow
    what: What
    is_ours: bool
    """Whether this node's people are to act."""
    cause: str
    """Which step it hangs on: direction and number, and more where that does not tell it apart."""
    since_ms: int
    due_ms: int | None
    working: WorkingTime
    """By whose hours it is reckoned."""
    ends_ms: int | None = None
    """When it ends though nobody has acted; None: not by itself."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The working time of both ends."""

    ours: WorkingTime
    theirs: WorkingTime


_WORKING = (State.ACCEPTED, State.IN_PROGRESS, State.INFO_NEEDED)
_PROGRESS = frozenset({"note", "outcome", "hand_over"})


def waits_of(view: LegView, level: Level, hours: Hours, told: Told) -> list[Wait]:
    """Return what a leg waits for, in no order; `told` says what people told in another way."""
    waits = [_telephone(view.row, each, hours.ours) for each in to_tell(view.messages, told)]
    return [*waits, *_Reading(view, level, hours).waits()]


def _telephone(leg: LegRow, lost: Undelivered, ours: WorkingTime) -> Wait:
    """Return that somebody here has to tell what could not be delivered: now."""
    return Wait(
        leg=leg,
        what=What.TELEPHONE,
        is_ours=True,
        cause=lost.cause,
        since_ms=lost.known_at_ms,
        due_ms=lost.known_at_ms,
        working=ours,
        ends_ms=lost.told_latest_ms,
    )


class _Reading:
    """One leg, read for what it waits for."""

    def __init__(self, view: LegView, level: Level, hours: Hours) -> None:
        self._view, self._level, self._hours = view, level, hours
        self._side = view.side
        self._rows = [
            row
            for row in view.messages
            if row.settled != messages.REFUSED
            and (row.direction, row.step_number) not in view.overtaken
        ]
        places = enumerate((row.direction, row.step_number) for row in self._rows)
        self._places = {step: place for place, step in places}
        folded = fold(pattern_of(view.row.kind), steps_of(view.row, view.messages))
        # Where nothing can follow any more, nobody can answer either.
        is_broken_off = view.state is State.UNDELIVERABLE
        self._questions = frozenset() if is_broken_off else folded.open_questions
        self._erase_requests = folded.open_erase_requests

    def waits(self) -> Iterator[Wait]:
        """Yield what is waited for in the leg's state, and the questions that are open."""
        for asker, number in sorted(self._questions):
            asked = self._one("ask", asker, number)
            if asked is not None:
                due = self._allowed(asked, asker.other, self._level.answer)
                yield self._wait(What.REPLY, asker.other, asked, due)
        for asker, number in sorted(self._erase_requests):
            asked = self._one("erase_request", asker, number)
            if asked is not None:
                due = self._allowed(asked, asker.other, ERASING)
                yield self._wait(What.ERASURE, asker.other, asked, due)
        yield from self._of_state()

    def _of_state(self) -> Iterator[Wait]:
        opening, state = self._last("referral", Side.SENDER), self._view.state
        if opening is None:
            return
        if state in (State.QUEUED, State.DELIVERED):
            due = self._allowed(opening, Side.RECIPIENT, self._level.claim)
            yield self._wait(self._first(), Side.RECIPIENT, opening, due)
        elif state is State.RECEIVED or state in _WORKING:
            yield from self._of_work(opening)
        elif state is State.HANDED_OVER:
            yield from self._following("hand_over", What.CUSTODY, self._level.answer)
        elif state is State.CANCEL_REQUESTED:
            yield from self._following("withdraw", What.CANCELLATION, self._level.claim)
        elif state is State.OUTCOME_REPORTED:
            outcome = self._last("outcome", Side.RECIPIENT)
            if outcome is not None:
                due = outcome_closes_ms(outcome)
                yield self._wait(What.CONFIRMATION, Side.SENDER, outcome, due)

    def _first(self) -> What:
        """Return what a leg waits for before anybody at the recipient has made a step."""
        if self._view.state is State.QUEUED:
            return What.DELIVERY
        # Whoever is told something answers by acknowledging it; a look-out is claimed.
        is_notice = pattern_of(self._view.row.kind) is Pattern.NOTICE
        return What.NOTICE if is_notice else What.CLAIM

    def _of_work(self, opening: MessageRow) -> Iterator[Wait]:
        pattern = pattern_of(self._view.row.kind)
        accept = self._last("accept", Side.RECIPIENT)
        if pattern is Pattern.HANDOVER and accept is not None:
            due = self._allowed(accept, Side.SENDER, self._level.answer)
            yield self._wait(What.FILE, Side.SENDER, accept, due)
            return
        if any(asker is Side.RECIPIENT for asker, _ in self._questions):
            # The clock of the answer stands still; the reply is waited for.
            return
        begin = self._last("dispute", Side.SENDER) or opening
        if accept is not None and self._is_in_progress(max(accept, begin, key=self._place)):
            yield self._wait(What.OUTCOME, Side.RECIPIENT, begin, None)
            return
        is_notice = pattern in (Pattern.BROADCAST, Pattern.NOTICE)
        what = What.ACKNOWLEDGEMENT if is_notice else What.ANSWER
        yield self._wait(what, Side.RECIPIENT, begin, self._answer_due(begin, accept))

    def _answer_due(self, begin: MessageRow, accept: MessageRow | None) -> int:
        due = self._allowed(begin, Side.RECIPIENT, self._level.answer)
        if begin.name == "referral" and self._view.row.reply_by_ms:
            due = self._view.row.reply_by_ms
        if accept is not None and self._place(accept) > self._place(begin):
            due = _promised_ms(accept) or due
        working = self._reckoned_by(Side.RECIPIENT)
        for start, end in self._pauses(begin):
            if start < due:
                due = after_open_ms(working, end, open_between_ms(working, start, due))
        return due

    def _pauses(self, begin: MessageRow) -> Iterator[tuple[int, int]]:
        """Yield when the recipient waited for replies; of questions at once, the whole time."""
        end = 0
        for asked in self._all("ask", Side.RECIPIENT):
            replies = self._all("answer", Side.SENDER)
            reply = next((row for row in replies if row.question == asked.step_number), None)
            if reply is not None and self._place(asked) > self._place(begin):
                # Whoever asks stops the clock by asking, not by the receipt for it.
                is_ours = asked.direction == messages.OUT
                start = max(asked.created_at_ms if is_ours else asked.stored_at_ms, end)
                end = max(_known_ms(reply), start)
                yield start, end

    def _is_in_progress(self, since: MessageRow) -> bool:
        """Whether the recipient has said more than that it takes it on."""
        return any(
            row.name in _PROGRESS and self._place(row) > self._place(since)
            for row in self._rows
            if self._author(row) is Side.RECIPIENT
        )

    def _following(self, name: str, what: What, allowance: Allowance) -> Iterator[Wait]:
        step = self._last(name, Side.SENDER)
        if step is not None:
            due = self._allowed(step, Side.RECIPIENT, allowance)
            yield self._wait(what, Side.RECIPIENT, step, due)

    def _wait(self, what: What, actor: Side, cause: MessageRow, due_ms: int | None) -> Wait:
        return Wait(
            leg=self._view.row,
            what=what,
            is_ours=actor is self._side,
            cause=f"{cause.direction}{cause.step_number}",
            since_ms=self._since(cause),
            due_ms=due_ms,
            working=self._reckoned_by(actor),
        )

    def _allowed(self, cause: MessageRow, actor: Side, allowance: Allowance) -> int:
        return after(self._reckoned_by(actor), self._since(cause), allowance)

    def _since(self, cause: MessageRow) -> int:
        if self._level.is_always_running and cause.direction == messages.OUT:
            return cause.created_at_ms
        return _known_ms(cause)

    def _reckoned_by(self, actor: Side) -> WorkingTime:
        if self._level.is_always_running:
            return ALWAYS
        return self._hours.ours if actor is self._side else self._hours.theirs

    # --- finding steps

    def _author(self, row: MessageRow) -> Side:
        return self._side if row.direction == messages.OUT else self._side.other

    def _place(self, row: MessageRow) -> int:
        return self._places[row.direction, row.step_number]

    def _all(self, name: str, author: Side) -> Sequence[MessageRow]:
        return [row for row in self._rows if row.name == name and self._author(row) is author]

    def _last(self, name: str, author: Side) -> MessageRow | None:
        found = self._all(name, author)
        return found[-1] if found else None

    def _one(self, name: str, author: Side, number: int) -> MessageRow | None:
        return next((r for r in self._all(name, author) if r.step_number == number), None)


def outcome_closes_ms(outcome: MessageRow) -> int:
    """Return when the sender's node confirms an outcome that nobody has answered."""
    return _known_ms(outcome) + limits.UNCONFIRMED_MS


def _known_ms(row: MessageRow) -> int:
    """Return since when both sides have a step, as far as this node knows."""
    if row.direction == messages.IN:
        return row.stored_at_ms
    return row.created_at_ms if row.settled_at_ms is None else row.settled_at_ms


def _promised_ms(accept: MessageRow) -> int:
    return message_pb2.Message.FromString(accept.payload).accept.next_answer_by_ms
