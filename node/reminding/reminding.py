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

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from node.errors import NodeError
from node.exchange.context import Context
from node.exchange.legs import Legs
from node.exchange.unsettled import Unsettled, unsettled
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
    """Whether a message of it waits, or a wait ends by itself: no new message tells of that."""

    def at(self, now_ms: int) -> LivingLeg:
        """Return it with what waits at a time, and the reminders that are due then."""
        waits = ((wait, stage_at(due, now_ms)) for wait, due in self._waits_at(now_ms))
        return LivingLeg(self.view, tuple(waits))

    def due_ms(self, now_ms: int) -> int | None:
        """Return when the first thing is due that it waits for at a time."""
        waits = self._waits_at(now_ms)
        return min((wait.due_ms for wait, _ in waits if wait.due_ms), default=None)

    def _waits_at(self, now_ms: int) -> Iterator[tuple[Wait, Moments]]:
        return (each for each in self.waits if each[0].ends_ms is None or now_ms < each[0].ends_ms)


_ByPeer = Mapping[NodeId, Hours]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found when somebody looked at all legs, and up to where they looked."""

    seen: Seen
    unsettled: Unsettled
    hours: _ByPeer
    looked: dict[LegId, _Looked]
    """The oldest first. Those that live no more are forgotten."""


@dataclass(frozen=True, slots=True)
class _News:
    """What somebody has read who looks again."""

    seen: Seen
    again: frozenset[LegId] | None
    """The legs that were read again; None: all of them."""
    found: list[_Looked | _Changed]
    """Those of them that live."""


class Reminding:
    """The clocks of this node's legs."""

    def __init__(self, context: Context, legs: Legs, rules: Rules, report: Report) -> None:
        """Use the context's clock and store; steps are made through `legs`."""
        self._context = context
        self._legs = legs
        self._report = report
        self.rules = rules
        self._known: _Known | None = None
        self.desks: Together[Any] = Together()
        """Those who look at the desk, all at the same one."""
        self.is_time_in_doubt = False
        """Whether something is over by this clock, and no peer has shown that it is that late."""

    async def living(self, leg_id: bytes = b"") -> list[LivingLeg]:
        """Return every leg on which something may wait.

        With `leg_id` only that one, if it is one of them.
        """
        now_ms = self._context.clock.now_ms()
        if not leg_id:
            return [each.at(now_ms) for each in (await self._looked(now_ms)).values()]
        known = self._known.looked if self._known is not None else {}
        found = await self._context.store.read(lambda db: _found(db, known, now_ms, [leg_id]))

        def look() -> list[_Looked]:
            hours = self._hours({each.seen.leg.peer for each in found})
            return self._look_at_all(found, hours, now_ms)

        return [each.at(now_ms) for each in await self._context.compute(look)]

    async def due_ms(self) -> dict[LegId, int]:
        """Return when the first thing is due that a leg waits for; of no leg without that."""
        now_ms = self._context.clock.now_ms()
        looked = await self._looked(now_ms)
        found = ((leg_id, each.due_ms(now_ms)) for leg_id, each in looked.items())
        return {leg_id: due_ms for leg_id, due_ms in found if due_ms is not None}

    async def _looked(self, now_ms: int) -> dict[LegId, _Looked]:
        """Return all living legs, the oldest first."""
        known = self._known
        news = await self._context.store.read(lambda db: _news(db, known, now_ms))
        now_known = await self._context.compute(lambda: self._put(known, news, now_ms))
        self._known = now_known
        return now_known.looked

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

    async def answers_due_ms(
        self, peers: Collection[NodeId], urgencies: Collection[int]
    ) -> dict[NodeId, dict[int, int]]:
        """Return by peer and urgency when an answer would be due if it were asked now."""
        now_ms, directory = self._context.clock.now_ms(), self._context.trust.directory
        levels = {urgency: self.rules.level(urgency) for urgency in urgencies}

        def reckon(peer: NodeId) -> dict[int, int]:
            theirs = working_time_of(directory.member(peer))
            return {
                urgency: after(ALWAYS if each.is_always_running else theirs, now_ms, each.answer)
                for urgency, each in levels.items()
            }

        return await self._context.compute(lambda: {peer: reckon(peer) for peer in peers})

    def _put(self, known: _Known | None, news: _News, now_ms: int) -> _Known:
        """Return what is known with what is new; as it was, where nothing is."""
        peers = {each.seen.leg.peer for each in news.found}
        hours = self._hours(peers.union(known.hours) if known is not None else peers)
        kept: Iterable[_Looked] = ()
        if known is not None and news.again is not None:
            if hours == known.hours and _is_as_it_was(known, news.again, news.found):
                return replace(known, seen=news.seen)
            kept = (each for i, each in known.looked.items() if i not in news.again)
        looked = self._look_at_all([*kept, *news.found], hours, now_ms)
        looked.sort(key=lambda each: (each.seen.leg.opened_at_ms, each.seen.leg.leg_id))
        legs = {each.seen.leg.leg_id: each for each in looked}
        facts = ((i, each.seen.leg.expires_at_ms, each.has_waiting) for i, each in legs.items())
        return _Known(news.seen, unsettled(now_ms, facts), hours, legs)

    def _hours(self, peers: Collection[NodeId]) -> _ByPeer:
        """Return when people are there at both ends."""
        directory = self._context.trust.directory
        ours = working_time_of(directory.member(self._context.node_id))
        return {peer: Hours(ours, working_time_of(directory.member(peer))) for peer in peers}

    def _look_at_all(
        self, found: Iterable[_Looked | _Changed], hours: _ByPeer, now_ms: int
    ) -> list[_Looked]:
        """Return what follows from each leg; where nothing has changed, as before."""
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
        has_waiting = any(row.settled == messages.WAITING for row in rows) or any(
            wait.ends_ms is not None for wait, _ in waits
        )
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


def _news(db: Transaction, known: _Known | None, now_ms: int) -> _News:
    """Return all living legs, or only those of them that can have changed."""
    seen = leg_changes.seen(db)
    changed = leg_changes.changed_since(db, known.seen, seen) if known is not None else None
    # A clock that was put back lets legs live again of which nothing is known.
    unsure = known.unsettled.by(now_ms) if known is not None else None
    looked = known.looked if known is not None else {}
    if changed is None or unsure is None or len(again := changed | unsure) > reminders.MOST_NAMED:
        return _News(seen, None, _found(db, looked, now_ms))
    return _News(seen, again, _found(db, looked, now_ms, again) if again else [])


def _is_as_it_was(
    known: _Known, again: Collection[LegId], found: Sequence[_Looked | _Changed]
) -> bool:
    """Return whether the same of these legs live as before, and nothing of them has changed."""
    if any(isinstance(each, _Changed) for each in found):
        return False
    return len(found) == sum(leg_id in known.looked for leg_id in again)


def _found(
    db: Transaction,
    known: Mapping[LegId, _Looked],
    now_ms: int,
    leg_ids: Collection[bytes] | None = None,
) -> list[_Looked | _Changed]:
    """Return living legs, with all messages of those that are not as they were."""
    marks = reminders.marks_by_leg(db, now_ms, leg_ids)
    told = tellings.told_by_leg(db, leg_ids)
    found: list[_Looked | _Changed] = []
    for leg in reminders.living_legs(db, now_ms, leg_ids):
        of_leg, is_over = told.get(leg.leg_id, NOTHING_TOLD), 0 < leg.expires_at_ms <= now_ms
        seen = _Seen(leg, marks.get(leg.leg_id, ()), of_leg, is_over)
        before = known.get(leg.leg_id)
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
