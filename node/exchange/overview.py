"""What is on its way, how each peer is doing, and which receipts are held.

Read-only. A message is delivered when the peer's log says so and this node holds
the proof; nothing else counts. Words for it are made by whoever shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.exchange.context import Context
from node.store import attachments, envelopes, messages, outbox
from node.store.db import Transaction
from node.store.envelopes import EnvelopeRow
from node.store.messages import MessageRow
from node.store.outbox import OutboxRow, QueueRow
from protocol.ids import NodeId
from protocol.log import parse_leaf
from protocol.notes import origin_of
from protocol.wire import parse_log_proof


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry in the other side's log, of which the proof is held here."""

    origin: str
    position: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """How one message got from one log into the other.

    `own_position` is this node's own leaf (SENT or RECEIVED), None while it is not
    sealed; `peer_entry` the other side's. For a message of one's own that still
    waits, `queued` and `queue` say how it stands.
    """

    own_position: int | None
    peer_entry: LogEntry | None
    files_entry: LogEntry | None
    is_waiting_for_files: bool
    queued: OutboxRow | None
    queue: QueueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerState:
    """What waits for one peer, and when it last showed itself."""

    queue: QueueRow
    waiting: tuple[OutboxRow, ...]
    attachment_sets: int
    last_exchange_ms: int | None


async def passages(context: Context, rows: tuple[MessageRow, ...]) -> list[Passage]:
    """Return how each of these messages got to the other side."""
    return await context.store.read(lambda db: [_passage(db, row) for row in rows])


async def peer_states(context: Context) -> list[PeerState]:
    """Return the state of every peer that the directory names."""
    peers = sorted(n for n in context.trust.directory.members if n != context.node_id)

    def job(db: Transaction) -> list[PeerState]:
        last_ms = messages.last_exchanges_ms(db)
        return [_peer_state(db, peer, last_ms.get(peer)) for peer in peers]

    return await context.store.read(job)


async def failing_peers(context: Context) -> list[PeerState]:
    """Return the peers of the directory for whom something waits that could not be brought."""

    def job(db: Transaction) -> list[PeerState]:
        found = [peer for peer in outbox.failing(db) if peer in context.trust.directory.members]
        states = [_peer_state(db, peer, None) for peer in found]
        return [state for state in states if state.waiting]

    return await context.store.read(job)


def _passage(db: Transaction, row: MessageRow) -> Passage:
    found = envelopes.of_message(db, row.direction, row.peer, row.message_id)
    proven = next((each for each in found if each.peer_proof is not None), None)
    envelope = proven or (found[-1] if found else None)
    whole = attachments.get_set(db, envelope.envelope_id) if envelope is not None else None
    return Passage(
        own_position=envelope.log_position if envelope is not None else None,
        peer_entry=_peer_entry(proven),
        files_entry=_log_entry(whole.peer_proof) if whole is not None else None,
        is_waiting_for_files=whole is not None and not whole.is_complete,
        queued=outbox.get(db, row.message_id),
        queue=outbox.queue(db, row.peer),
    )


def _peer_entry(envelope: EnvelopeRow | None) -> LogEntry | None:
    return None if envelope is None else _log_entry(envelope.peer_proof)


def _log_entry(log_proof: bytes | None) -> LogEntry | None:
    """Read a proof that was verified before it was stored."""
    if log_proof is None:
        return None
    proof = parse_log_proof(log_proof)
    return LogEntry(origin_of(proof.checkpoint), proof.index, parse_leaf(proof.leaf).at_ms)


def _peer_state(db: Transaction, peer: NodeId, last_exchange_ms: int | None) -> PeerState:
    return PeerState(
        queue=outbox.queue(db, peer),
        waiting=tuple(outbox.of_peer(db, peer)),
        attachment_sets=len(attachments.waiting_sets(db, peer)),
        last_exchange_ms=last_exchange_ms,
    )
