"""A shift in a few lines: what came in and went out since a time, and what the desk holds.

For the hand-over between two people it names referrals; by mail, at the times that the
settings name, there are counts only. A time that was missed is made up for once, with the
counts of now; those before it are not.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from node.exchange.context import Context
from node.reminding.calendars import zone_of
from node.reminding.desk import Desk, Section, look_at_desk
from node.reminding.mailing import DIGEST
from node.reminding.reminding import THE_NODE, Reminding
from node.store import messages, reminders
from node.store.db import Transaction
from node.store.reminders import NewMail, StepSince

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What happened since a time, and what is to be done."""

    since_ms: int
    steps: tuple[StepSince, ...]
    desk: Desk

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each, without naming one."""
        came = [step for step in self.steps if step.direction == messages.IN]
        went = [step for step in self.steps if step.direction == messages.OUT]
        sections = {name.value: len(tasks) for name, tasks in self.desk.sections.items()}
        return {
            "new_in": sum(step.name == "referral" for step in came),
            "new_out": sum(step.name == "referral" for step in went),
            "steps_in": len(came),
            "steps_out": len(went),
            "closed_by_node": sum(step.made_by == THE_NODE for step in went),
            **sections,
            "drafts": len(self.desk.drafts),
            "soon_over": len(self.desk.endings),
            "peers_unreachable": len(self.desk.unreachable),
        }


async def make_digest(context: Context, reminding: Reminding, since_ms: int) -> Digest:
    """Return what happened since a time."""
    steps = await context.store.read(lambda db: reminders.steps_since(db, since_ms))
    desk = await look_at_desk(context, reminding)
    return Digest(since_ms=since_ms, steps=tuple(steps), desk=desk)


async def queue_digest_mail(context: Context, reminding: Reminding) -> bool:
    """Queue the digest whose time has come, if it was not yet; return whether."""
    times = reminding.rules.digest_times
    if not reminding.rules.has_mail or not times:
        return False
    now_ms = context.clock.now_ms()
    slot_ms, before_ms = _slots(context, times, now_ms)
    last_ms = await context.store.read(lambda db: reminders.last_digest_ms(db, now_ms))
    if last_ms is not None and last_ms >= slot_ms:
        return False
    digest = await make_digest(context, reminding, before_ms)
    mail = _mail(digest, slot_ms, now_ms, reminding.rules.mail_domain)

    def job(db: Transaction) -> None:
        reminders.add_digest(db, slot_ms)
        reminders.queue_mail(db, mail)

    await context.store.write(job)
    return True


def _slots(context: Context, times: tuple[datetime.time, ...], now_ms: int) -> tuple[int, int]:
    """Return the last two times of a digest, by the clock of this member."""
    zone = zone_of(context.trust.directory.member(context.node_id))
    today = datetime.datetime.fromtimestamp(now_ms / 1000, zone).date()
    slots = sorted(
        int(datetime.datetime.combine(today - back * DAY, time, zone).timestamp() * 1000)
        for back in range(3)
        for time in set(times)
    )
    past = [slot for slot in slots if slot <= now_ms]
    return past[-1], past[-2]


_WORDS = {
    "new_in": "new referrals in",
    "new_out": "new referrals out",
    "steps_in": "steps in",
    "steps_out": "steps out",
    "closed_by_node": "closed by the node",
    Section.OVERDUE: "overdue or U1",
    Section.UNCLAIMED: "not claimed",
    Section.OURS: "wait for us",
    Section.THEIRS: "wait for them",
    Section.TO_CONFIRM: "outcomes to confirm",
    "drafts": "drafts for a second person",
    "soon_over": "soon over",
    "peers_unreachable": "peers not reached",
}


def _mail(digest: Digest, slot_ms: int, now_ms: int, domain: str) -> NewMail:
    lines = [f"{count:>5}  {_WORDS[name]}" for name, count in digest.counts.items()]
    body = ["Since the last digest, and now:", "", *lines, "", "`homeward node digest` has more."]
    digits = hashlib.sha256(f"digest {slot_ms}".encode()).hexdigest()[:32]
    return NewMail(
        message_id=f"<{digits}@{domain}>",
        audience=DIGEST,
        subject="Homeward: digest",
        body="\n".join(body) + "\n",
        queued_at_ms=now_ms,
    )
