"""Looks each minute at what is waited for, tells whom it concerns, and ends what nobody ends.

What is due follows from the legs; that it was told is a row, written together with the
mail that tells it. So a run that was missed or cut off loses nothing and repeats nothing:
after a long standstill one reminder goes out for each wait, the last of those that were
due. Nothing of a case is in a log line or in a mail.

An outcome that nobody here has confirmed or disputed for 14 days is confirmed by the node,
as a step like any other that says it is automatic. Only when a peer has shown that it is
that late: a clock that leapt ahead would else end referrals that somebody is looking at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from node.errors import NodeError
from node.exchange.context import Context
from node.exchange.legs import Legs
from node.exchange.viewing import LegView, view_of
from node.reminding.calendars import working_time_of
from node.reminding.mails import reminder_mail
from node.reminding.rules import Rules
from node.reminding.stages import Moments, Stage, moments, stage_at
from node.reminding.together import Together
from node.reminding.waits import Hours, Wait, What, outcome_closes_ms, waits_of
from node.reminding.working_time import ALWAYS, after
from node.store import leg_changes, messages, reminders, tellings
from node.store.db import Transaction
from node.store.leg_changes import Seen
from node.store.messages import LegRow, MessageRow
from node.store.reminders import Marks, ReminderRow
from node.store.tellings import NOTHING_TOLD, Told
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import message_pb2

THE_NODE = "node"
"""Who made a step that no person made."""

Report = Callable[[str, NodeId, str], None]


@dataclass(frozen=True, slots=True)
class LivingLeg:
    """A leg on which something may wait, what that is, and how far people were reminded."""

    view: LegView
    waits: tuple[tuple[Wait, Stage | None], ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that can change of a leg and its messages, and of what was told in another way."""

    leg: LegRow
    marks: Marks
    told: Told
    is_over: bool


@dataclass(frozen=True, slots=True)
class _Changed:
    """A leg that was not seen like this before, with its messages."""

    seen: _Seen
    rows: list[MessageRow]


@dataclass(frozen=True, slots=True)
class _Looked:
    """What follows from a leg, until something of it changes.

    Most legs have not changed since the last look, and to work it out costs far more than
    to see that. What it follows from is kept beside it and compared, so it cannot be old.
    """

    seen: _Seen
    hours: Hours
    view: LegView
    waits: tuple[tuple[Wait, Moments], ...]
    has_waiting: bool
    """Whether a message of it waits; what becomes of that, no new message tells."""

    def is_to_look_at(self, now_ms: int) -> bool:
        """Whether more can have changed of it than that a message came: it waits, or it ended."""
        is_over = 0 < self.seen.leg.expires_at_ms <= now_ms
        return self.has_waiting or is_over != self.seen.is_over

    def at(self, now_ms: int) -> LivingLeg:
        """Return it with what waits at a time, and the reminders that are due then."""
        waits = (
            (wait, stage_at(due, now_ms))
            for wait, due in self.waits
            if wait.ends_ms is None or now_ms < wait.ends_ms
        )
        return LivingLeg(self.view, tuple(waits))


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found when somebody looked at all legs, and up to where they looked."""

    seen: Seen | None
    at_ms: int
    looked: dict[LegId, _Looked]


class Reminding:
    """The clocks of this node's legs."""

    def __init__(self, context: Context, legs: Legs, rules: Rules, report: Report) -> None:
        """Use the context's clock and store; steps are made through `legs`."""
        self._context = context
        self._legs = legs
        self._report = report
        self.rules = rules
        self._known = _Known(None, 0, {})
        self.desks: Together[Any] = Together()
        """Those who look at the desk, all at the same one."""
        self.is_time_in_doubt = False
        """Whether something is over by this clock, and no peer has shown that it is that late."""

    async def living(self, leg_id: bytes = b"") -> list[LivingLeg]:
        """Return every leg on which something may wait.

        With `leg_id` only that one, if it is one of them.
        """
        now_ms, known = self._context.clock.now_ms(), self._known

        def read(db: Transaction) -> tuple[Seen, list[_Looked | _Changed]]:
            if leg_id:
                return leg_changes.seen(db), _found(db, known, now_ms, [leg_id])
            return _all_found(db, known, now_ms)

        seen, found = await self._context.store.read(read)
        looked = await self._context.compute(lambda: self._look_at_all(found, now_ms))
        if not leg_id:
            # Those that live no more are forgotten.
            by_leg = {each.seen.leg.leg_id: each for each in looked}
            self._known = _Known(seen, now_ms, by_leg)
        return [each.at(now_ms) for each in looked]

    async def look(self) -> int:
        """Tell what is due now; return how many reminders that were."""
        now_ms = self._context.clock.now_ms()
        due = [
            (wait, stage)
            for leg in await self.living()
            for wait, stage in leg.waits
            if stage is not None
        ]
        told = await self._context.store.write(lambda db: self._tell(db, due, now_ms))
        # If we crash here, the log lacks the lines; the mails are queued.
        for wait, stage in told:
            code = f"u{wait.leg.urgency} {wait.what.value} {stage.audience.value} {stage.number}"
            self._report("reminder", wait.leg.peer, code)
        return len(told)

    async def confirm_unanswered(self) -> list[NodeId]:
        """Confirm the outcomes that waited too long; return to whom."""
        now_ms, confirmed_ms = self._context.clock.now_ms(), self._context.clocks.confirmed_ms
        waiting = await self._context.store.read(lambda db: _waiting_outcomes(db, now_ms))
        self.is_time_in_doubt = any(at_ms > confirmed_ms for _, at_ms, _ in waiting)
        closed = []
        for leg, at_ms, steps_count in waiting:
            if at_ms > confirmed_ms:
                continue
            content = message_pb2.Confirm(is_automatic=True)
            try:
                await self._legs.step(
                    leg.leg_id,
                    content,
                    made_by=THE_NODE,
                    also=partial(_check_unchanged, leg_id=leg.leg_id, steps_count=steps_count),
                )
            except (NodeError, PolicyRefusal):
                # Somebody was faster, or the peer takes no part now: the next run looks again.
                continue
            closed.append(leg.peer)
            self._report("confirmed_by_node", leg.peer, f"u{leg.urgency}")
        return closed

    async def answer_due_ms(self, peer: NodeId, urgency: int) -> int:
        """Return when a peer's answer would be due if it were asked now."""
        level, now_ms = self.rules.level(urgency), self._context.clock.now_ms()
        member = self._context.trust.directory.member(peer)

        def reckon() -> int:
            working = ALWAYS if level.is_always_running else working_time_of(member)
            return after(working, now_ms, level.answer)

        return await self._context.compute(reckon)

    def _look_at_all(self, found: list[_Looked | _Changed], now_ms: int) -> list[_Looked]:
        """Return what follows from each leg; where nothing has changed, as before."""
        directory = self._context.trust.directory
        ours = working_time_of(directory.member(self._context.node_id))
        peers = {each.seen.leg.peer for each in found}
        hours = {peer: Hours(ours, working_time_of(directory.member(peer))) for peer in peers}
        looked = []
        for each in found:
            theirs = hours[each.seen.leg.peer]
            if isinstance(each, _Changed):
                looked.append(self._looked_at(each.seen, each.rows, theirs, now_ms))
            elif each.hours != theirs:
                rows = list(each.view.messages)
                looked.append(self._looked_at(each.seen, rows, theirs, now_ms))
            else:
                looked.append(each)
        return looked

    def _looked_at(self, seen: _Seen, rows: list[MessageRow], hours: Hours, now_ms: int) -> _Looked:
        level, view = self.rules.level(seen.leg.urgency), view_of(seen.leg, rows, now_ms)
        found = waits_of(view, level, hours, seen.told)
        waits = tuple((wait, moments(wait, level)) for wait in found)
        # What most of them say is not needed again, and would fill the memory.
        light = tuple(r if r.name in reminders.READ else replace(r, payload=b"") for r in rows)
        has_waiting = any(row.settled == messages.WAITING for row in rows)
        return _Looked(seen, hours, replace(view, messages=light), waits, has_waiting)

    def _tell(
        self, db: Transaction, due: list[tuple[Wait, Stage]], now_ms: int
    ) -> list[tuple[Wait, Stage]]:
        told = reminders.told_stages(db, now_ms)
        new = [
            (wait, stage)
            for wait, stage in due
            if stage.number > told.get((wait.leg.leg_id, wait.what.value, wait.cause), 0)
        ]
        for wait, stage in new:
            row = ReminderRow(
                leg_id=wait.leg.leg_id,
                what=wait.what.value,
                cause=wait.cause,
                stage=stage.number,
                audience=stage.audience.value,
                told_at_ms=now_ms,
            )
            reminders.add(db, row)
            if self.rules.has_mail:
                domain = self.rules.mail_domain
                mail = reminder_mail(wait, stage, now_ms=now_ms, domain=domain)
                reminders.queue_mail(db, mail)
        return new


def _all_found(
    db: Transaction, known: _Known, now_ms: int
) -> tuple[Seen, list[_Looked | _Changed]]:
    """Return all living legs, the oldest first; those that cannot have changed are not read."""
    seen = leg_changes.seen(db)
    changed = None
    # A clock that was put back lets legs live again of which nothing is known.
    if known.seen is not None and known.at_ms <= now_ms:
        changed = leg_changes.changed_since(db, known.seen, seen)
    if changed is None:
        return seen, _found(db, known, now_ms)
    again = {i for i, each in known.looked.items() if each.is_to_look_at(now_ms)} | changed
    if len(again) > reminders.MOST_NAMED:
        return seen, _found(db, known, now_ms)
    same = [each for leg_id, each in known.looked.items() if leg_id not in again]
    found = [*same, *_found(db, known, now_ms, again)]
    return seen, sorted(found, key=lambda each: (each.seen.leg.opened_at_ms, each.seen.leg.leg_id))


def _found(
    db: Transaction, known: _Known, now_ms: int, leg_ids: Collection[bytes] | None = None
) -> list[_Looked | _Changed]:
    """Return living legs, with all messages of those that are not as they were."""
    marks = reminders.marks_by_leg(db, now_ms, leg_ids)
    told = tellings.told_by_leg(db, leg_ids)
    found: list[_Looked | _Changed] = []
    for leg in reminders.living_legs(db, now_ms, leg_ids):
        of_leg, is_over = told.get(leg.leg_id, NOTHING_TOLD), 0 < leg.expires_at_ms <= now_ms
        seen = _Seen(leg, marks.get(leg.leg_id, ()), of_leg, is_over)
        before = known.looked.get(leg.leg_id)
        if before is not None and before.seen == seen:
            found.append(before)
        else:
            found.append(_Changed(seen, messages.of_leg(db, leg.leg_id)))
    return found


def _waiting_outcomes(db: Transaction, now_ms: int) -> list[tuple[LegRow, int, int]]:
    """Return the sender's legs whose outcome waited too long, since when, after which steps."""
    steps = reminders.steps_by_leg(db, now_ms)
    found = []
    for leg in reminders.living_legs(db, now_ms):
        rows = steps.get(leg.leg_id, [])
        outcome = next((row for row in reversed(rows) if row.name == "outcome"), None)
        # One of this node's own waits for the other side, whose node confirms it.
        if outcome is None or outcome.direction == messages.OUT:
            continue
        at_ms = outcome_closes_ms(outcome)
        if at_ms <= now_ms and view_of(leg, rows, now_ms).state is State.OUTCOME_REPORTED:
            found.append((leg, at_ms, len(rows)))
    return found


def _check_unchanged(db: Transaction, *, leg_id: LegId, steps_count: int) -> None:
    """Refuse to go on where a step came in between: it may be another outcome.

    Raises:
        NodeError: leg_changed.
    """
    if len(messages.of_leg(db, leg_id)) != steps_count:
        raise NodeError("leg_changed", "there is another step on this referral by now")


def is_overdue(wait: Wait, now_ms: int) -> bool:
    """Return whether what is waited for should have been there."""
    return wait.due_ms is not None and wait.due_ms <= now_ms and wait.what is not What.CONFIRMATION
