"""What has to be done now: the waits of all legs and what soon ends, in the order of the desk.

1 overdue, what could not be delivered, and whatever is at level U1; 2 new and not claimed by
anybody here; 3 waits for this node's people; 4 waits for a peer; 5 outcomes to confirm;
6 drafts that wait for a second person; 7 soon over: look-outs and other referrals within 48
hours, consents likewise, agreements and adequacy decisions of members within 30 days; 8 peers
that cannot be reached while something waits for them.
These are facts; words for them are made by whoever shows them.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator
from dataclasses import dataclass

from keys.members import MemberRecord
from node.exchange.condition import active_peers
from node.exchange.context import Context
from node.exchange.overview import PeerState, failing_peers
from node.exchange.viewing import LegView
from node.reminding.calendars import working_time_of
from node.reminding.reminding import LivingLeg, Reminding, is_overdue
from node.reminding.stages import Stage
from node.reminding.waits import Wait, What
from node.reminding.working_time import DAY_MS, presence
from node.store import approvals, cases, erasures, messages
from node.store.approvals import ApprovalRow
from node.store.db import Transaction
from protocol.exchange.leg import ENDS
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import message_pb2

SOON_MS = 2 * DAY_MS
SOON_DAYS, AGREEMENT_DAYS = 2, 30
RETENTION_WARNING_MS = 30 * DAY_MS


class Section(enum.StrEnum):
    """A part of the desk, in the order in which they stand."""

    OVERDUE = "overdue"
    UNCLAIMED = "unclaimed"
    OURS = "waits_for_us"
    THEIRS = "waits_for_them"
    TO_CONFIRM = "to_confirm"


@dataclass(frozen=True, slots=True)
class Task:
    """One wait on the desk, and how far people were reminded of it."""

    wait: Wait
    stage: Stage | None
    view: LegView


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ring at a peer, and whether somebody is there."""

    name: str
    telephone: str
    languages: tuple[str, ...]
    time_zone: str
    is_open: bool
    changes_at_ms: int | None
    """When it closes or opens next; None: never."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that is over soon; of a member's record, on a day that may be past."""

    what: str
    subject: str
    at_ms: int | None = None
    on: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What has to be done now."""

    now_ms: int
    sections: dict[Section, tuple[Task, ...]]
    drafts: tuple[ApprovalRow, ...]
    endings: tuple[Ending, ...]
    unreachable: tuple[PeerState, ...]


async def look_at_desk(context: Context, reminding: Reminding) -> Desk:
    """Return what has to be done now."""
    desk: Desk = await reminding.desks.ask(lambda: _look_at_desk(context, reminding))
    return desk


async def _look_at_desk(context: Context, reminding: Reminding) -> Desk:
    now_ms = context.clock.now_ms()
    living = await reminding.living()
    sections: dict[Section, list[Task]] = {section: [] for section in Section}
    for task in _tasks(living):
        sections[_section(task.wait, now_ms)].append(task)
    consents = await context.store.read(lambda db: _consents(db, now_ms))
    kept = await context.store.read(lambda db: _kept_long_enough(db, now_ms))
    drafts = await context.store.read(lambda db: approvals.waiting(db, now_ms))
    return Desk(
        now_ms=now_ms,
        sections={name: tuple(sorted(each, key=_rank)) for name, each in sections.items()},
        drafts=tuple(drafts),
        endings=(
            *_legs_ending(living, now_ms),
            *consents,
            *kept,
            *_records_ending(context, now_ms),
        ),
        unreachable=tuple(await failing_peers(context)),
    )


async def tasks_of_leg(context: Context, reminding: Reminding, leg_id: bytes) -> Desk:
    """Return what of it is about one referral, and nothing else."""
    now_ms = context.clock.now_ms()
    sections: dict[Section, list[Task]] = {section: [] for section in Section}
    for task in _tasks(await reminding.living(leg_id)):
        sections[_section(task.wait, now_ms)].append(task)
    return Desk(
        now_ms=now_ms,
        sections={name: tuple(sorted(each, key=_rank)) for name, each in sections.items()},
        drafts=(),
        endings=(),
        unreachable=(),
    )


def _tasks(living: list[LivingLeg]) -> Iterator[Task]:
    for leg in living:
        for wait, stage in leg.waits:
            yield Task(wait, stage, leg.view)


def contact_of(context: Context, task: Task, now_ms: int) -> Contact | None:
    """Return whom to ring about it: who has claimed it there, else the member's telephone."""
    peer = context.trust.directory.member(task.wait.leg.peer)
    if peer is None:
        return None
    is_there, changes_at_ms = presence(working_time_of(peer), now_ms)
    claims = [row for row in task.view.messages if row.name == "claim"]
    claim = message_pb2.Claim()
    if claims and claims[-1].direction == messages.IN:
        claim = message_pb2.Message.FromString(claims[-1].payload).claim
    return Contact(
        name=claim.contact_name,
        telephone=claim.contact_telephone or peer.telephone,
        languages=peer.languages,
        time_zone=peer.time_zone,
        is_open=is_there,
        changes_at_ms=changes_at_ms,
    )


def _section(wait: Wait, now_ms: int) -> Section:
    if wait.what is What.CONFIRMATION:
        return Section.TO_CONFIRM if wait.is_ours else Section.THEIRS
    is_urgent = wait.leg.urgency == 1 and wait.what is not What.ERASURE
    if is_urgent or is_overdue(wait, now_ms):
        return Section.OVERDUE
    if not wait.is_ours:
        return Section.THEIRS
    is_new = wait.what in (What.CLAIM, What.NOTICE)
    return Section.UNCLAIMED if is_new else Section.OURS


def _rank(task: Task) -> tuple[bool, float, int, bytes]:
    wait = task.wait
    due = float("inf") if wait.due_ms is None else wait.due_ms
    return wait.leg.urgency != 1, due, wait.since_ms, wait.leg.leg_id


def _legs_ending(living: list[LivingLeg], now_ms: int) -> Iterator[Ending]:
    for leg in living:
        row = leg.view.row
        if leg.view.state not in ENDS and now_ms < row.expires_at_ms <= now_ms + SOON_MS:
            yield Ending("referral", row.leg_id.hex(), at_ms=row.expires_at_ms)


def _consents(db: Transaction, now_ms: int) -> list[Ending]:
    today = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC).date()
    last = today + datetime.timedelta(days=SOON_DAYS)
    found = cases.consents_ending(db, today.isoformat(), last.isoformat())
    return [
        Ending("consent", case_id, on=datetime.date.fromisoformat(day)) for case_id, day in found
    ]


def _kept_long_enough(db: Transaction, now_ms: int) -> list[Ending]:
    """Return the cases that will be erased: node.erasing warns as long before."""
    rows = erasures.ends(db, now_ms + RETENTION_WARNING_MS)
    return [Ending("retention", row.case_id, at_ms=row.kept_until_ms) for row in rows]


def _records_ending(context: Context, now_ms: int) -> Iterator[Ending]:
    directory = context.trust.directory
    today = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC).date()
    for node_id in (context.node_id, *active_peers(context)):
        member = directory.member(node_id)
        for what, day in _days_of(member):
            if day is not None and (day - today).days <= AGREEMENT_DAYS:
                yield Ending(what, NodeId(node_id), on=day)


def _days_of(member: MemberRecord | None) -> tuple[tuple[str, datetime.date | None], ...]:
    if member is None:
        return ()
    return ("agreement", member.agreement_until), ("adequacy", member.adequacy_until)
