"""Table group: what waits for a peer, and how that peer is doing.

A row stays until the peer's receipt or refusal, or the message's own expiry.
`envelope_id` is NULL while the message has not been sealed (no descriptor of the
peer yet, or its epoch is over). No row waits longer than `LONGEST_WAIT_MS`: one that
is said to was tried under a clock that was ahead, and may go now.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from protocol.ids import EnvelopeId, LegId, MessageId, NodeId

LONGEST_WAIT_MS = 15 * 60 * 1000

_IS_HEAD = (
    "peer = ? AND expires_at_ms > ? AND NOT EXISTS (SELECT 1 FROM outbox AS e "
    "WHERE e.peer = o.peer AND e.leg_id = o.leg_id AND e.step_number < o.step_number)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One message on its way."""

    message_id: MessageId
    peer: NodeId
    leg_id: LegId
    step_number: int
    urgency: int
    queued_at_ms: int
    expires_at_ms: int
    not_before_ms: int = 0
    envelope_id: EnvelopeId | None = None
    tries: int = 0
    last_try_ms: int | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """How delivery to one peer goes; `failures` in a row since its last sign of life."""

    peer: NodeId
    failures: int = 0
    next_try_ms: int = 0
    last_contact_ms: int | None = None
    last_failure: str | None = None


_THIS = "WHERE peer = ? AND leg_id = ? AND step_number = ?"


def add(db: Database, row: OutboxRow) -> None:
    """Queue a message."""
    rows.insert(db, "outbox", row)


def heads(db: Database, peer: str, *, now_ms: int, limit: int) -> list[OutboxRow]:
    """Return what may go to this peer now, most urgent first.

    Of each leg only the earliest step: the peer never sees a step before the one
    that it follows. What is past its own time does not go any more.
    """
    rest = (
        f"AS o WHERE {_IS_HEAD} AND (not_before_ms <= ? OR not_before_ms > ?) "
        # SQLite looks at a bound limit when it plans: it would plan anew each time.
        f"ORDER BY urgency, queued_at_ms, message_id LIMIT {limit:d}"
    )
    latest_ms = now_ms + LONGEST_WAIT_MS
    return rows.select(db, "outbox", OutboxRow, rest, [peer, now_ms, now_ms, latest_ms])


def get(db: Database, message_id: bytes) -> OutboxRow | None:
    """Return a queued message, or None."""
    return rows.select_one(db, "outbox", OutboxRow, "WHERE message_id = ?", [message_id])


def set_envelope(db: Database, row: OutboxRow, envelope_id: bytes | None) -> None:
    """Name the envelope that carries the message; None: it must be sealed (again)."""
    db.execute(f"UPDATE outbox SET envelope_id = ? {_THIS}", [envelope_id, *_key(row)])  # noqa: S608 - constant


def unseal_all(db: Database) -> None:
    """Have everything that waits sealed again."""
    db.execute("UPDATE outbox SET envelope_id = NULL")


def sealed_headers(db: Database, peer: str) -> list[tuple[EnvelopeId, bytes]]:
    """Return the envelopes that wait for this peer, each with its header."""
    found = db.execute(
        "SELECT e.envelope_id, e.header FROM outbox AS o "
        "JOIN envelopes AS e ON e.envelope_id = o.envelope_id WHERE o.peer = ?",
        [peer],
    )
    return [(EnvelopeId(bytes(row[0])), bytes(row[1])) for row in found]


def unseal(db: Database, peer: str, envelope_id: bytes) -> None:
    """Have the message that waits in this envelope, if there still is one, sealed again."""
    db.execute(
        "UPDATE outbox SET envelope_id = NULL WHERE peer = ? AND envelope_id = ?",
        [peer, envelope_id],
    )


def unseal_under(db: Database, log_keys: Collection[bytes]) -> None:
    """Have sealed again what waits sealed to a descriptor under one of these log keys."""
    marks = ", ".join("?" * len(log_keys))
    db.execute(
        "UPDATE outbox SET envelope_id = NULL WHERE envelope_id IN ("  # noqa: S608 - marks
        "SELECT e.envelope_id FROM outbox AS o JOIN envelopes AS e USING (envelope_id) "
        "JOIN descriptors AS d ON d.node_id = e.peer AND d.serial = e.peer_descriptor_serial "
        f"WHERE d.log_key IN ({marks}))",
        [*log_keys],
    )


def note_try(db: Database, row: OutboxRow, *, at_ms: int, not_before_ms: int) -> None:
    """Count a try that brought no receipt, and say when the next may be."""
    db.execute(
        f"UPDATE outbox SET tries = tries + 1, last_try_ms = ?, not_before_ms = ? {_THIS}",  # noqa: S608 - constant
        [at_ms, not_before_ms, *_key(row)],
    )


def next_due_ms(db: Database, peer: str, *, now_ms: int) -> int | None:
    """Return when the first of what `heads` may give is due; None when nothing is."""
    # Only heads: a step behind one that waits has no time of its own.
    row = db.execute(
        f"SELECT min(not_before_ms) FROM outbox AS o WHERE {_IS_HEAD} AND not_before_ms <= ?",  # noqa: S608 - constant
        [peer, now_ms, now_ms + LONGEST_WAIT_MS],
    ).fetchone()
    return None if row[0] is None else int(row[0])


def remove(db: Database, row: OutboxRow) -> None:
    """Take a settled message out of the queue."""
    db.execute(f"DELETE FROM outbox {_THIS}", _key(row))  # noqa: S608 - constant


def expired(db: Database, now_ms: int) -> list[OutboxRow]:
    """Return the messages whose own time is over."""
    return rows.select(db, "outbox", OutboxRow, "WHERE expires_at_ms <= ?", [now_ms])


def of_peer(db: Database, peer: str) -> list[OutboxRow]:
    """Return all that is queued for one peer, most urgent first."""
    rest = "WHERE peer = ? ORDER BY urgency, queued_at_ms, message_id"
    return rows.select(db, "outbox", OutboxRow, rest, [peer])


def behind(db: Database, row: OutboxRow) -> list[OutboxRow]:
    """Return the later steps of the same leg that are queued for the same peer."""
    rest = "WHERE peer = ? AND leg_id = ? AND step_number > ? ORDER BY step_number"
    return rows.select(db, "outbox", OutboxRow, rest, _key(row))


def peers(db: Database) -> list[NodeId]:
    """Return the peers for which something waits: messages or attachments."""
    found = db.execute(
        "SELECT peer FROM outbox UNION SELECT peer FROM attachment_sets "
        "WHERE direction = 'out' AND is_complete = 0 ORDER BY 1"
    )
    return [row[0] for row in found]


def count(db: Database, peer: str) -> int:
    """Count what waits for this peer."""
    return int(db.execute("SELECT count(*) FROM outbox WHERE peer = ?", [peer]).fetchone()[0])


def most_urgent(db: Database, peer: str) -> int:
    """Return the urgency of the most urgent message that waits; 4 when none does."""
    row = db.execute("SELECT min(urgency) FROM outbox WHERE peer = ?", [peer]).fetchone()
    return 4 if row[0] is None else int(row[0])


def queue(db: Database, peer: str) -> QueueRow:
    """Return how delivery to this peer goes."""
    found = rows.select_one(db, "peer_queues", QueueRow, "WHERE peer = ?", [peer])
    return QueueRow(NodeId(peer)) if found is None else found


def failing(db: Database) -> list[NodeId]:
    """Return the peers that could not be reached when it was last tried."""
    found = db.execute("SELECT peer FROM peer_queues WHERE failures > 0 ORDER BY peer")
    return [NodeId(row[0]) for row in found]


def set_queue(db: Database, row: QueueRow) -> None:
    """Record how delivery to this peer goes."""
    db.execute(
        "INSERT OR REPLACE INTO peer_queues VALUES (?, ?, ?, ?, ?)",
        [row.peer, row.failures, row.next_try_ms, row.last_contact_ms, row.last_failure],
    )


def _key(row: OutboxRow) -> list[object]:
    return [row.peer, row.leg_id, row.step_number]
