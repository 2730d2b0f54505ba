"""The command on all members at once: how they are reached, and what waits for them."""

from __future__ import annotations

import datetime
from typing import Any

from keys.members import MemberRecord
from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.commands.asking import presence
from node.commands.nodes import check_joined
from node.exchange.condition import silent_endpoints
from node.exchange.overview import PeerState, peer_states
from node.exchange.standing import Standing, standing_of
from node.federation.facts import record_facts
from node.federation.hours import hours_text
from node.federation.opening import in_zone, zone_of


async def list_peers(core: Core, arguments: Arguments) -> Answer:
    """Return all members by country: hours here and there, queue, last contact, standing."""
    del arguments
    check_joined(core)
    directory, now_ms = core.context.trust.directory, core.context.clock.now_ms()
    states = {state.queue.peer: state for state in await peer_states(core.context)}
    own = directory.member(core.context.node_id)
    here = zone_of(own.time_zone) if own is not None else None
    members = sorted(directory.members.values(), key=lambda each: (each.country, each.node_id))
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
            }
            for member in members
        ],
    }


def _presence(member: MemberRecord, here: datetime.tzinfo | None, now_ms: int) -> Answer:
    """Return whether somebody is there; None where the record does not say by which clock."""
    there = zone_of(member.time_zone)
    unknown: dict[str, Any] = {"is_open": None, "changes_at_ms": None, "hours_here": ""}
    if there is None:
        return unknown if member.hours else {**unknown, "is_open": True}
    hours = hours_text(in_zone(member.hours, there, here, now_ms)) if here is not None else ""
    return {**presence(member, now_ms), "hours_here": hours}


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
