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

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from node.errors import NodeError
from node.exchange.context import Context
from node.exchange.legs import Legs
from node.exchange.viewing import LegView, view_of
from node.reminding.calendars import working_time_of
from node.reminding.mails import reminder_mail
from node.reminding.rules import Rules
from node.reminding.stages import Stage, reached
from node.reminding.waits import Hours, Wait, What, outcome_closes_ms, waits_of
from node.reminding.working_time import ALWAYS, after
from node.store import messages, reminders
from node.store.db import Transaction
from node.store.messages import LegRow, MessageRow
from node.store.reminders import ReminderRow
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


class Reminding:
    """The clocks of this node's legs."""

    def __init__(self, context: Context, legs: Legs, rules: Rules, report: Report) -> None:
        """Use the context's clock and store; steps are made through `legs`."""
        self._context = context
        self._legs = legs
        self._report = report
        self.rules = rules
        self.is_time_in_doubt = False
        """Whether something is over by this clock, and no peer has shown that it is that late."""

    async def living(self) -> list[LivingLeg]:
        """Return every leg that has not expired, or on which a request to erase is open."""
        now_ms = self._context.clock.now_ms()

        def read(db: Transaction) -> tuple[list[LegRow], dict[LegId, list[MessageRow]]]:
            steps = dict(reminders.steps_by_leg(db, now_ms))
            return reminders.living_legs(db, now_ms), steps

        legs, steps = await self._context.store.read(read)
        return await self._context.compute(
            lambda: [self._looked_at(leg, steps.get(leg.leg_id, []), now_ms) for leg in legs]
        )

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

    def _looked_at(self, leg: LegRow, rows: list[MessageRow], now_ms: int) -> LivingLeg:
        view, level = view_of(leg, rows, now_ms), self.rules.level(leg.urgency)
        directory = self._context.trust.directory
        hours = Hours(
            working_time_of(directory.member(self._context.node_id)),
            working_time_of(directory.member(leg.peer)),
        )
        waits = waits_of(view, level, hours)
        return LivingLeg(view, tuple((wait, reached(wait, level, now_ms)) for wait in waits))

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


def _waiting_outcomes(db: Transaction, now_ms: int) -> list[tuple[LegRow, int, int]]:
    """Return the sender's legs whose outcome waited too long, since when, after which steps."""
    steps = dict(reminders.steps_by_leg(db, now_ms))
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
