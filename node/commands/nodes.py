"""Commands on the node itself: its keys, its peers, what waits for them."""

from __future__ import annotations

from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.errors import NodeError
from node.exchange.condition import condition_facts
from node.exchange.overview import PeerState, peer_states
from node.exchange.standing import standing_facts, standing_of
from node.reminding.mailing import mail_facts
from node.store.outbox import OutboxRow
from protocol.signed_note import SignatureType, verifier_key
from protocol.training import is_training


def check_joined(core: Core) -> None:
    """Refuse what needs a federation while there is none.

    Raises:
        NodeError: not_joined.
    """
    if not core.context.trust.directory.members:
        raise NodeError(
            "not_joined",
            "this node has not joined a federation yet",
            "homeward federation join-request, then homeward federation join",
        )


async def show_keys(core: Core, arguments: Arguments) -> Answer:
    """Return the node's name and public keys."""
    del arguments
    identity, signer = core.identity, core.context.logbook.signer
    origin = identity.origin
    return {
        "node_id": identity.node_id,
        "origin": origin,
        "log_key_id": signer.key_id.hex(),
        "transport_key": identity.transport_public_key.hex(),
        "vkeys": [
            verifier_key(origin, SignatureType.ED25519, signer.ed25519_public),
            verifier_key(origin, SignatureType.MLDSA44, signer.mldsa44_public),
        ],
    }


async def show_status(core: Core, arguments: Arguments) -> Answer:
    """Return how the node and its peers are doing."""
    del arguments
    context = core.context
    directory = context.trust.directory
    now_ms = context.clock.now_ms()
    return {
        "node_id": context.node_id,
        "now_ms": now_ms,
        "federation": directory.federation_name,
        **standing_facts(
            directory, context.node_id, now_ms=now_ms, grace_ms=context.trust.directory_grace_ms
        ),
        "is_active": directory.is_active(context.node_id),
        "is_training": is_training(context.node_id),
        **await condition_facts(context, core.descriptors),
        "mail": dict(await mail_facts(context, is_configured=core.has_mail)),
        "epochs": [epoch.number for epoch in context.trust.epochs.published(now_ms)],
        "peers": [_peer(core, state) for state in await peer_states(context)],
    }


def _peer(core: Core, state: PeerState) -> Answer:
    directory = core.context.trust.directory
    member = directory.members[state.queue.peer]
    return {
        "node_id": member.node_id,
        "legal_name": member.legal_name,
        "telephone": member.telephone,
        "status": standing_of(directory, member.node_id).value,
        "failures": state.queue.failures,
        "last_failure": state.queue.last_failure,
        "next_try_ms": state.queue.next_try_ms,
        "last_exchange_ms": state.last_exchange_ms,
        "clock_ahead_ms": core.context.clocks.ahead_ms(member.node_id),
        "attachment_sets": state.attachment_sets,
        "waiting": [_waiting(row) for row in state.waiting],
    }


def _waiting(row: OutboxRow) -> Answer:
    return {
        "leg": row.leg_id.hex(),
        "urgency": row.urgency,
        "queued_at_ms": row.queued_at_ms,
        "expires_at_ms": row.expires_at_ms,
        "tries": row.tries,
        "not_before_ms": row.not_before_ms,
        "is_sealed": row.envelope_id is not None,
    }
