"""Whom one can ask: the peers with what one needs to know before choosing."""

from __future__ import annotations

from keys.members import MemberRecord
from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.commands.nodes import check_joined
from node.federation.facts import record_facts
from node.reminding.calendars import working_time_of
from node.reminding.levels import LEVELS
from node.reminding.working_time import closes_ms, is_open, next_open_ms


async def list_peers(core: Core, arguments: Arguments) -> Answer:
    """Return the active peers by country: whether somebody is there, and when they answer.

    `answer_due_ms` has by urgency when an answer would be due if it were asked now, in
    their opening hours.
    """
    del arguments
    check_joined(core)
    directory, now_ms = core.context.trust.directory, core.context.clock.now_ms()
    peers = [
        {
            **record_facts(member),
            **presence(member, now_ms),
            "answer_due_ms": {
                str(urgency): await core.reminding.answer_due_ms(node_id, urgency)
                for urgency in LEVELS
            },
        }
        for node_id, member in directory.members.items()
        if node_id != core.context.node_id and directory.is_active(node_id)
    ]
    peers.sort(key=lambda peer: (peer["country"], peer["legal_name"]))
    return {"now_ms": now_ms, "peers": peers}


def presence(member: MemberRecord, now_ms: int) -> Answer:
    """Return whether somebody is there, holidays counted, and when that changes."""
    working = working_time_of(member)
    is_there = is_open(working, now_ms)
    changes_at_ms = closes_ms(working, now_ms) if is_there else next_open_ms(working, now_ms)
    return {"is_open": is_there, "changes_at_ms": changes_at_ms}
