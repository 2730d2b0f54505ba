"""Table group: attachments on the way, by the envelope that announced them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from protocol.ids import BlobId, EnvelopeId, NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    """One attachment: its blob, and how to open it."""

    envelope_id: EnvelopeId
    position: int
    blob_id: BlobId
    blob_size: int
    key: bytes
    file_id: str
    media_type: str
    size: int
    digest: bytes
    is_complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """All attachments of one envelope, and the receipt for the complete set.

    The receipt is a place in a log of this node, or the peer's serialised LogProof. Unwanted:
    the peer said, without a proof, that it knows of no such files.
    """

    envelope_id: EnvelopeId
    direction: str
    peer: NodeId
    is_complete: bool
    is_unwanted: bool
    log_number: int | None
    log_position: int | None
    peer_proof: bytes | None
    completed_at_ms: int | None


def add_set(db: Database, direction: str, peer: str, members: list[AttachmentRow]) -> None:
    """Insert the attachments of one envelope."""
    db.execute(
        "INSERT INTO attachment_sets (envelope_id, direction, peer) VALUES (?,?,?)",
        [members[0].envelope_id, direction, peer],
    )
    for row in members:
        rows.insert(db, "attachments", row)


def get_set(db: Database, envelope_id: bytes) -> SetRow | None:
    """Return the set of an envelope, or None."""
    return rows.select_one(db, "attachment_sets", SetRow, "WHERE envelope_id = ?", [envelope_id])


def of_envelope(db: Database, envelope_id: bytes) -> list[AttachmentRow]:
    """Return the attachments of one envelope, in the header's order."""
    rest = "WHERE envelope_id = ? ORDER BY position"
    return rows.select(db, "attachments", AttachmentRow, rest, [envelope_id])


def waiting_sets(db: Database, peer: str) -> list[EnvelopeId]:
    """Return the envelopes, accepted by the peer, whose attachments it lacks."""
    found = db.execute(
        "SELECT envelope_id FROM attachment_sets "
        "WHERE direction = 'out' AND peer = ? AND is_complete = 0 ORDER BY rowid",
        [peer],
    )
    return [EnvelopeId(bytes(row[0])) for row in found]


def complete(db: Database, envelope_id: bytes, blob_id: bytes) -> None:
    """Mark one attachment as held in full."""
    db.execute(
        "UPDATE attachments SET is_complete = 1 WHERE envelope_id = ? AND blob_id = ?",
        [envelope_id, blob_id],
    )


def note_unwanted(db: Database, envelope_id: bytes) -> None:
    """Remember that the peer did not know what these were."""
    db.execute("UPDATE attachment_sets SET is_unwanted = 1 WHERE envelope_id = ?", [envelope_id])


def complete_set(
    db: Database,
    envelope_id: bytes,
    *,
    log_number: int | None = None,
    log_position: int | None = None,
    peer_proof: bytes | None = None,
    at_ms: int,
) -> None:
    """Record the receipt for a complete set, one's own or the peer's."""
    db.execute(
        "UPDATE attachment_sets SET is_complete = 1, log_number = ?, log_position = ?, "
        "peer_proof = ?, completed_at_ms = ? WHERE envelope_id = ?",
        [log_number, log_position, peer_proof, at_ms, envelope_id],
    )


def forget(db: Database, envelope_id: bytes) -> list[BlobId]:
    """Delete what opens the attachments of an envelope; return their blobs.

    That there were some, and the receipt for them, stays.
    """
    found = db.execute("SELECT blob_id FROM attachments WHERE envelope_id = ?", [envelope_id])
    blob_ids = [BlobId(bytes(row[0])) for row in found]
    db.execute("DELETE FROM attachments WHERE envelope_id = ?", [envelope_id])
    return blob_ids


def all_waiting_sets(db: Database) -> list[SetRow]:
    """Return the sets that no peer has received in full yet."""
    rest = "WHERE direction = 'out' AND is_complete = 0"
    return rows.select(db, "attachment_sets", SetRow, rest)


def drop_set(db: Database, envelope_id: bytes) -> None:
    """Send these no more: whoever they were for has erased what they belong to."""
    for table in ("attachments", "attachment_sets"):
        db.execute(f"DELETE FROM {table} WHERE envelope_id = ?", [envelope_id])  # noqa: S608 - constants


def drop_empty_sets(db: Database) -> None:
    """Wait no more for attachments of which none is left here to be sent."""
    db.execute(
        "DELETE FROM attachment_sets WHERE direction = 'out' AND is_complete = 0 "
        "AND NOT EXISTS (SELECT 1 FROM attachments AS a "
        "WHERE a.envelope_id = attachment_sets.envelope_id)"
    )


def use_nonce(db: Database, sender: str, nonce: bytes, *, now_ms: int, expires_at_ms: int) -> bool:
    """Remember a request's nonce; False when it was used before."""
    db.execute("DELETE FROM request_nonces WHERE expires_at_ms < ?", [now_ms])
    known = db.execute(
        "SELECT 1 FROM request_nonces WHERE sender = ? AND nonce = ?", [sender, nonce]
    ).fetchone()
    if known is not None:
        return False
    db.execute("INSERT INTO request_nonces VALUES (?, ?, ?)", [sender, nonce, expires_at_ms])
    return True
