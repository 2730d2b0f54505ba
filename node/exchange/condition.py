"""What can keep this node from the exchange without anybody having done wrong.

Its own log key has ended, its clock is off, nobody answers it, or what it says of
itself is not what it has. How it stands with its federation is in `standing`. These
are facts; words for them are made by whoever shows them.
"""

from __future__ import annotations

import enum
from typing import Any

from node.exchange.context import Context
from node.exchange.descriptors import Descriptors
from node.exchange.reach import Reach
from protocol.ids import NodeId


class OwnKey(enum.StrEnum):
    """What the directory says of the log key that this node signs with."""

    GOOD = "good"
    # No word of it: the directory knows another key, or does not name this node.
    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    ENDED = "ended"
    STOLEN = "stolen"


async def condition_facts(context: Context, descriptors: Descriptors) -> dict[str, Any]:
    """Return what is of note, as it stands in answers."""
    key, since_ms = _own_key(context)
    return {
        "own_key": key.value,
        "own_key_since_ms": since_ms,
        "descriptor": await _descriptor(context, descriptors),
        "clock_ahead_ms": context.clocks.own_ahead_ms(),
        "clocks_agreeing": context.clocks.agreeing,
        "peers_silent": len(silent_endpoints(context)),
        "peers_active": len(active_peers(context)),
    }


def silent_endpoints(context: Context) -> frozenset[str]:
    """Return the addresses of peers that did not answer when they were tried last."""
    return context.link.silent if isinstance(context.link, Reach) else frozenset()


def active_peers(context: Context) -> list[NodeId]:
    """Return the active members but this node."""
    directory = context.trust.directory
    peers = sorted(peer for peer in directory.members if peer != context.node_id)
    return [peer for peer in peers if directory.is_active(peer)]


def _own_key(context: Context) -> tuple[OwnKey, int | None]:
    """Return how the log key stands, and since or until when."""
    now_ms = context.clock.now_ms()
    member = context.trust.directory.member(context.node_id)
    key = None if member is None else member.log_key(context.logbook.signer.key_id)
    if key is None:
        return OwnKey.UNKNOWN, None
    if key.compromised_since_ms is not None:
        return OwnKey.STOLEN, key.compromised_since_ms
    if now_ms < key.valid_from_ms:
        return OwnKey.NOT_YET, key.valid_from_ms
    if key.valid_until_ms is not None and key.valid_until_ms <= now_ms:
        return OwnKey.ENDED, key.valid_until_ms
    return OwnKey.GOOD, None


async def _descriptor(context: Context, descriptors: Descriptors) -> dict[str, Any] | None:
    """Return one's own newest descriptor, and whether peers can go by it now."""
    known, now_ms = await descriptors.known(context.node_id), context.clock.now_ms()
    if known is None:
        return None
    own = known.descriptor
    is_of_now = own.created_at_ms <= now_ms < own.expires_at_ms
    is_of_keys = own.epochs == context.trust.epochs.published(now_ms)
    return {
        "serial": own.serial,
        "created_at_ms": own.created_at_ms,
        "expires_at_ms": own.expires_at_ms,
        "epochs": [epoch.number for epoch in own.epochs],
        "is_current": is_of_now and is_of_keys and _is_of_key(context, own.log_key),
    }


def _is_of_key(context: Context, log_key: bytes) -> bool:
    return log_key == context.logbook.signer.key_id
