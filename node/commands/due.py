"""What has to be done now, and what happened in a shift, as commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.exchange.overview import PeerState
from node.reminding.desk import Desk, Ending, Task, contact_of, look_at_desk, tasks_of_leg
from node.reminding.digest import make_digest
from node.store.approvals import ApprovalRow
from node.store.reminders import StepSince
from protocol.ids import NodeId

T = TypeVar("T")


async def show_due(core: Core, arguments: Arguments) -> Answer:
    """Return what has to be done now, in the order in which to do it.

    All of it, or of each pile no more than `limit`; `pile` alone, from `skip` on; or only
    what is about the referral `leg`. How many there are in all is told each time.
    """
    leg = arguments.text("leg", "")
    if leg:
        leg_id = await core.legs.find(leg)
        return desk_answer(core, await tasks_of_leg(core.context, core.reminding, leg_id))
    desk = await look_at_desk(core.context, core.reminding)
    limit, skip = arguments.number("limit", 0) or None, arguments.number("skip", 0)
    return desk_answer(core, desk, Shown(arguments.text("pile", ""), skip, limit))


async def show_digest(core: Core, arguments: Arguments) -> Answer:
    """Return what came in and went out since `since_ms`, and what has to be done now."""
    digest = await make_digest(core.context, core.reminding, arguments.number("since_ms"))
    return {
        "since_ms": digest.since_ms,
        "counts": dict(digest.counts),
        "steps": [_step(step) for step in digest.steps],
        "desk": desk_answer(core, digest.desk),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of the piles is told: of one of them or of all, from where, how many."""

    pile: str = ""
    skip: int = 0
    limit: int | None = None

    def of(self, pile: str, items: Sequence[T]) -> Sequence[T]:
        """Return what is told of a pile."""
        if self.pile not in ("", pile):
            return ()
        return items[self.skip :][: self.limit]


_ALL = Shown()


def desk_answer(core: Core, desk: Desk, shown: Shown = _ALL) -> Answer:
    """Return the desk as it stands in answers."""
    own = core.context.trust.directory.member(core.context.node_id)
    return {
        "node_id": core.context.node_id,
        "now_ms": desk.now_ms,
        "time_zone": own.time_zone if own is not None else "",
        "sections": [
            {
                "section": section.value,
                "count": len(tasks),
                "tasks": [
                    _task(core, task, desk.now_ms) for task in shown.of(section.value, tasks)
                ],
            }
            for section, tasks in desk.sections.items()
        ],
        "urgent_count": sum(
            task.wait.leg.urgency == 1 for tasks in desk.sections.values() for task in tasks
        ),
        "drafts": [_draft(row) for row in desk.drafts],
        "endings": [_ending(ending) for ending in shown.of("endings", desk.endings)],
        "endings_count": len(desk.endings),
        "unreachable": [_unreachable(core, state) for state in desk.unreachable],
    }


def _task(core: Core, task: Task, now_ms: int) -> Answer:
    wait, leg = task.wait, task.wait.leg
    late_ms = None if wait.due_ms is None else now_ms - wait.due_ms
    contact = contact_of(core.context, task, now_ms)
    return {
        "leg": leg.leg_id.hex(),
        "side": leg.side,
        "peer": leg.peer,
        "kind": leg.kind,
        "urgency": leg.urgency,
        "state": task.view.state.value,
        "case_id": leg.case_id,
        "what": wait.what.value,
        "is_ours": wait.is_ours,
        "since_ms": wait.since_ms,
        "due_ms": wait.due_ms,
        "late_ms": late_ms if late_ms is not None and late_ms > 0 else None,
        "stage": task.stage.audience.value if task.stage is not None else None,
        "contact": None
        if contact is None
        else {
            "name": contact.name,
            "telephone": contact.telephone,
            "languages": list(contact.languages),
            "time_zone": contact.time_zone,
            "is_open": contact.is_open,
            "changes_at_ms": contact.changes_at_ms,
        },
    }


def _draft(row: ApprovalRow) -> Answer:
    return {
        "approval_id": row.approval_id.hex(),
        "step": row.step,
        "peers": row.peers.split(),
        "leg": row.leg_id.hex() if row.leg_id is not None else None,
        "case_id": row.case_id,
        "asked_by": row.asked_by,
        "asked_at_ms": row.asked_at_ms,
        "expires_at_ms": row.expires_at_ms,
    }


def _ending(ending: Ending) -> Answer:
    return {
        "what": ending.what,
        "subject": ending.subject,
        "at_ms": ending.at_ms,
        "on": ending.on.isoformat() if ending.on is not None else None,
    }


def _unreachable(core: Core, state: PeerState) -> Answer:
    member = core.context.trust.directory.members[NodeId(state.queue.peer)]
    return {
        "peer": state.queue.peer,
        "telephone": member.telephone,
        "languages": list(member.languages),
        "last_failure": state.queue.last_failure,
        "failures": state.queue.failures,
        "next_try_ms": state.queue.next_try_ms,
        "waiting": len(state.waiting),
        "oldest_queued_at_ms": min(row.queued_at_ms for row in state.waiting),
    }


def _step(step: StepSince) -> Answer:
    return {
        "leg": step.leg_id.hex(),
        "peer": step.peer,
        "kind": step.kind,
        "urgency": step.urgency,
        "is_ours": step.direction == "out",
        "name": step.name,
        "made_by": step.made_by,
        "at_ms": step.stored_at_ms,
    }
