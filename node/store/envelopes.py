"""Table group: envelopes with both sides' proofs, the streams, and the refusals."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from protocol.ids import EnvelopeId, MessageId, NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeRow:
    """One envelope; the ciphertext of an outgoing one is kept until its receipt.

    `log_number` and `log_position` are the place of this node's own leaf (SENT or
    RECEIVED), `peer_proof` the other side's serialised LogProof (RECEIVED or REFUSED,
    or SENT).
    """

    envelope_id: EnvelopeId
    direction: str
    peer: NodeId
    message_id: MessageId
    header: bytes
    ciphertext: bytes | None
    ciphertext_size: int
    ciphertext_digest: bytes
    log_number: int
    log_position: int
    peer_proof: bytes | None = None
    code: int = 0
    logged_at_ms: int
    peer_descriptor_serial: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRow:
    """One envelope that was refused with a REFUSED leaf; `is_proven`: the sender sent it."""

    envelope_id: EnvelopeId
    code: int
    claimed_sender: NodeId
    is_proven: bool
    log_number: int
    log_position: int
    at_ms: int


def add(db: Database, row: EnvelopeRow) -> None:
    """Insert an envelope."""
    rows.insert(db, "envelopes", row)


def get(db: Database, envelope_id: bytes) -> EnvelopeRow | None:
    """Return an envelope, or None."""
    return rows.select_one(db, "envelopes", EnvelopeRow, "WHERE envelope_id = ?", [envelope_id])


def of_message(db: Database, direction: str, peer: str, message_id: bytes) -> list[EnvelopeRow]:
    """Return the envelopes in which a message was sealed, oldest first."""
    rest = "WHERE direction = ? AND peer = ? AND message_id = ? ORDER BY log_number, log_position"
    return rows.select(db, "envelopes", EnvelopeRow, rest, [direction, peer, message_id])


def ids_of_message(
    db: Database, direction: str, peer: str, message_id: bytes
) -> frozenset[EnvelopeId]:
    """Return the ids of the envelopes in which a message was sealed."""
    found = db.execute(
        "SELECT envelope_id FROM envelopes WHERE direction = ? AND peer = ? AND message_id = ?",
        [direction, peer, message_id],
    )
    return frozenset(EnvelopeId(bytes(row[0])) for row in found)


def set_place(
    db: Database, envelope_id: bytes, log_number: int, log_position: int, *, at_ms: int
) -> None:
    """Name another leaf as this node's own for an envelope, and the time of that."""
    db.execute(
        "UPDATE envelopes SET log_number = ?, log_position = ?, logged_at_ms = ? "
        "WHERE envelope_id = ?",
        [log_number, log_position, at_ms, envelope_id],
    )


def settle(db: Database, envelope_id: bytes, peer_proof: bytes | None, code: int) -> None:
    """Keep the peer's answer to an outgoing envelope, and drop the ciphertext."""
    db.execute(
        "UPDATE envelopes SET peer_proof = ?, code = ?, ciphertext = NULL WHERE envelope_id = ?",
        [peer_proof, code, envelope_id],
    )


def drop_ciphertext(db: Database, direction: str, peer: str, message_id: bytes) -> None:
    """Forget the ciphertexts of a message that is settled; the digests stay."""
    db.execute(
        "UPDATE envelopes SET ciphertext = NULL "
        "WHERE direction = ? AND peer = ? AND message_id = ? AND ciphertext IS NOT NULL",
        [direction, peer, message_id],
    )


def stream(db: Database, peer: str) -> tuple[int, bytes]:
    """Return number and id of the last envelope to this peer; (0, b"") at first."""
    row = db.execute(
        "SELECT last_seq, last_envelope_id FROM streams WHERE peer = ?", [peer]
    ).fetchone()
    return (0, b"") if row is None else (int(row[0]), bytes(row[1]))


def advance_stream(db: Database, peer: str, seq: int, envelope_id: bytes) -> None:
    """Record the last envelope to this peer."""
    db.execute(
        "INSERT INTO streams VALUES (?, ?, ?) ON CONFLICT (peer) DO UPDATE SET "
        "last_seq = excluded.last_seq, last_envelope_id = excluded.last_envelope_id",
        [peer, seq, envelope_id],
    )


def refusal(db: Database, envelope_id: bytes, code: int) -> RefusalRow | None:
    """Return an earlier refusal of this envelope for this reason, or None."""
    rest = "WHERE envelope_id = ? AND code = ?"
    return rows.select_one(db, "refusals", RefusalRow, rest, [envelope_id, code])


def put_refusal(db: Database, row: RefusalRow) -> None:
    """Insert a refusal; one that was logged in an earlier log is now in this one."""
    values = [row.envelope_id, row.code]
    db.execute("DELETE FROM refusals WHERE envelope_id = ? AND code = ?", values)
    rows.insert(db, "refusals", row)


def count_unproven_refusals(db: Database, sender: str, since_ms: int) -> int:
    """Count logged refusals of unproven envelopes in this sender's name."""
    row = db.execute(
        "SELECT count(*) FROM refusals WHERE claimed_sender = ? AND at_ms > ? AND is_proven = 0",
        [sender, since_ms],
    ).fetchone()
    return int(row[0])
