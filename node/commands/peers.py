"""The command on all members at once: who is there, how they are reached, what waits for them."""

from __future__ import annotations

import datetime

from keys.members import MemberRecord
from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.commands.nodes import check_joined
from node.exchange.condition import active_peers, silent_endpoints
from node.exchange.overview import PeerState, peer_states
from node.exchange.standing import Standing, standing_of
from node.federation.facts import record_facts
from node.federation.hours import hours_text, in_zone, zone_of
from node.reminding.calendars import working_time_of
from node.reminding.levels import LEVELS
from node.reminding.working_time import presence


async def list_peers(core: Core, arguments: Arguments) -> Answer:
    """Return all members by country: who is there, when they answer, queue, last contact.

    `answer_due_ms` has by urgency when an answer would be due if it were asked now, in
    their opening hours; nothing of those whom nobody can ask: this node itself, and whoever
    is suspended or has left.
    """
    del arguments
    check_joined(core)
    directory, now_ms = core.context.trust.directory, core.context.clock.now_ms()
    states = {state.queue.peer: state for state in await peer_states(core.context)}
    own = directory.member(core.context.node_id)
    here = zone_of(own.time_zone) if own is not None else None
    due_ms = await core.reminding.answers_due_ms(active_peers(core.context), LEVELS)
    members = sorted(
        directory.members.values(), key=lambda each: (each.country, each.legal_name, each.node_id)
    )
    return {
        "federation": directory.federation_name,
        "directory_version": directory.version,
        "now_ms": now_ms,
        "time_zone": own.time_zone if own is not None else "",
        "members": [
            {
                **record_facts(member),
                **_presence(member, here, now_ms),
                **_contact(core, member, states.get(member.node_id)),
                "answer_due_ms": {
                    str(urgency): at_ms for urgency, at_ms in due_ms.get(member.node_id, {}).items()
                },
            }
            for member in members
        ],
    }


def _presence(member: MemberRecord, here: datetime.tzinfo | None, now_ms: int) -> Answer:
    """Return whether somebody is there; None where the record does not say by which clock."""
    there = zone_of(member.time_zone)
    if there is None and member.hours:
        return {"is_open": None, "changes_at_ms": None, "hours_here": ""}
    is_there, changes_at_ms = presence(working_time_of(member), now_ms)
    hours = ""
    if there is not None and here is not None:
        hours = hours_text(in_zone(member.hours, there, here, now_ms))
    return {"is_open": is_there, "changes_at_ms": changes_at_ms, "hours_here": hours}


def _contact(core: Core, member: MemberRecord, state: PeerState | None) -> Answer:
    standing = standing_of(core.context.trust.directory, member.node_id)
    queued = [row.queued_at_ms for row in state.waiting] if state is not None else []
    silent = silent_endpoints(core.context)
    return {
        "standing": standing.value,
        "suspended_since_ms": core.context.trust.directory.suspended_since_ms(member.node_id),
        "is_own": state is None,
        "reach": _reach(standing, state, is_silent=not silent.isdisjoint(member.endpoints)),
        "waiting": len(queued),
        "oldest_waiting_ms": min(queued, default=None),
        "failures": state.queue.failures if state is not None else 0,
        "next_try_ms": state.queue.next_try_ms if state is not None else None,
        "last_exchange_ms": state.last_exchange_ms if state is not None else None,
    }


def _reach(standing: Standing, state: PeerState | None, *, is_silent: bool) -> str:
    """Return in one word how it stands with a member."""
    if standing is not Standing.ACTIVE:
        return "suspended"
    if state is None:
        return "own"
    if state.queue.failures or is_silent:
        return "unreachable"
    return "reachable" if state.last_exchange_ms or state.queue.last_contact_ms else "untried"
