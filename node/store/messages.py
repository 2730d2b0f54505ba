"""Table group: legs and their messages (the signed steps of both sides)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlite_utils import Database

from node.store import rows
from node.store.outbox import OutboxRow
from protocol.exchange.leg import Side, Step
from protocol.ids import LegId, MessageId, NodeId

WAITING, RECEIVED, REFUSED, EXPIRED = "waiting", "received", "refused", "expired"
IN, OUT = "in", "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """One leg as it was opened; `side` is ours.

    `follows` is the leg in whose place this node sent it. It never leaves the node: the
    peer of one leg learns nothing of another.
    """

    leg_id: LegId
    side: str
    peer: NodeId
    kind: str
    urgency: int
    case_id: str | None
    opened_at_ms: int
    reply_by_ms: int
    expires_at_ms: int
    follows: LegId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """One step, with what opens its commitment."""

    peer: NodeId
    message_id: MessageId
    direction: str
    leg_id: LegId
    step_number: int
    peer_steps_seen: int
    name: str
    question: int
    reason: str
    salt: bytes
    payload: bytes
    urgency: int
    created_at_ms: int
    expires_at_ms: int
    stored_at_ms: int
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow(NewMessage):
    """A stored step, and what became of it: one that came in is `received`."""

    settled: str
    code: int
    settled_at_ms: int | None


_LEG_DIGITS = 32
_LEG_NAMES = tuple(field.name for field in fields(LegRow))
_MESSAGE_NAMES = tuple(field.name for field in fields(MessageRow))
_OF_LEG = ", ".join(f"l.{name}" for name in _LEG_NAMES)
_OF_MESSAGE = ", ".join(f"m.{name}" for name in _MESSAGE_NAMES)


def _named(names: tuple[str, ...], values: tuple[object, ...]) -> dict[str, Any]:
    return dict(zip(names, values, strict=True))


def add_leg(db: Database, row: LegRow) -> None:
    """Insert a leg."""
    rows.insert(db, "legs", row)


def leg(db: Database, leg_id: bytes) -> LegRow | None:
    """Return a leg, or None."""
    return rows.select_one(db, "legs", LegRow, "WHERE leg_id = ?", [leg_id])


def legs(db: Database, limit: int = -1, skip: int = 0) -> list[LegRow]:
    """Return legs, newest first; from `skip` on so many, or all."""
    rest = "ORDER BY opened_at_ms DESC, leg_id LIMIT ? OFFSET ?"
    return rows.select(db, "legs", LegRow, rest, [limit, skip])


def legs_count(db: Database) -> int:
    """Count the legs."""
    return int(db.execute("SELECT count(*) FROM legs").fetchone()[0])


def legs_like(db: Database, hex_prefix: str) -> list[LegRow]:
    """Return the first two legs whose id begins with these hexadecimal digits."""
    first, last = (bytes.fromhex(hex_prefix.ljust(_LEG_DIGITS, each)) for each in "0f")
    rest = "WHERE leg_id BETWEEN ? AND ? ORDER BY leg_id LIMIT 2"
    return rows.select(db, "legs", LegRow, rest, [first, last])


def set_case(db: Database, leg_id: bytes, case_id: str) -> None:
    """Record which own case a leg is about, if that was not known yet."""
    db.execute(
        "UPDATE legs SET case_id = ? WHERE leg_id = ? AND case_id IS NULL", [case_id, leg_id]
    )


def following(db: Database, leg_id: bytes) -> list[LegId]:
    """Return the legs that this node sent in the place of this one."""
    found = db.execute("SELECT leg_id FROM legs WHERE follows = ? ORDER BY leg_id", [leg_id])
    return [LegId(row[0]) for row in found]


def add(db: Database, row: NewMessage) -> None:
    """Insert a message; an outgoing one waits until it is settled."""
    rows.insert(db, "messages", row)


def get(db: Database, leg_id: bytes, direction: str, message_id: bytes) -> MessageRow | None:
    """Return a message of a leg, or None."""
    rest = "WHERE leg_id = ? AND direction = ? AND message_id = ?"
    values = [leg_id, direction, message_id]
    return rows.select_one(db, "settled_messages", MessageRow, rest, values)


def of_leg(db: Database, leg_id: bytes) -> list[MessageRow]:
    """Return all messages of a leg in the order in which this node stored them."""
    rest = "WHERE leg_id = ? ORDER BY place"
    return rows.select(db, "settled_messages", MessageRow, rest, [leg_id])


def of_case(db: Database, case_id: str) -> list[tuple[LegRow, MessageRow]]:
    """Return all messages of all legs of a case, in the order in which they were stored."""
    found = db.execute(
        f"SELECT {_OF_LEG}, {_OF_MESSAGE} FROM legs AS l "  # noqa: S608 - constants
        "JOIN settled_messages AS m ON m.leg_id = l.leg_id WHERE l.case_id = ? ORDER BY m.place",
        [case_id],
    )
    legs: dict[LegId, LegRow] = {}
    rows_of_case = []
    for values in found:
        leg_values, message_values = values[: len(_LEG_NAMES)], values[len(_LEG_NAMES) :]
        row = MessageRow(**_named(_MESSAGE_NAMES, message_values))
        if row.leg_id not in legs:
            legs[row.leg_id] = LegRow(**_named(_LEG_NAMES, leg_values))
        rows_of_case.append((legs[row.leg_id], row))
    return rows_of_case


def legs_of_case(db: Database, case_id: str) -> list[LegRow]:
    """Return the legs of a case, oldest first."""
    rest = "WHERE case_id = ? ORDER BY opened_at_ms, leg_id"
    return rows.select(db, "legs", LegRow, rest, [case_id])


def legs_of_kind(db: Database, peer: str, kind: str) -> list[LegRow]:
    """Return the legs with a peer that are of a kind, oldest first."""
    rest = "WHERE peer = ? AND kind = ? ORDER BY opened_at_ms, leg_id"
    return rows.select(db, "legs", LegRow, rest, [peer, kind])


def with_content(db: Database, leg_id: bytes) -> list[MessageRow]:
    """Return the messages of a leg whose content is still here."""
    rest = "WHERE leg_id = ? AND length(salt) > 0 ORDER BY place"
    return rows.select(db, "settled_messages", MessageRow, rest, [leg_id])


def blank(db: Database, row: MessageRow, stub: bytes, reason: str) -> None:
    """Put a stub in the place of a message's content, which nothing opens any more."""
    db.execute(
        "UPDATE messages SET salt = x'', payload = ?, reason = ? "
        "WHERE leg_id = ? AND direction = ? AND message_id = ?",
        [stub, reason, row.leg_id, row.direction, row.message_id],
    )


def delete_leg(db: Database, leg_id: bytes) -> None:
    """Delete a leg with its messages: one that no peer has ever heard of."""
    for table in ("reminders", "tellings", "messages"):
        db.execute(f"DELETE FROM {table} WHERE leg_id = ?", [leg_id])  # noqa: S608 - constants
    db.execute("DELETE FROM legs WHERE leg_id = ?", [leg_id])


def steps(db: Database, leg_id: bytes, side: Side) -> list[Step]:
    """Return the steps of a leg that count; `side` is this node's.

    Refused ones do not: the other side has not applied them either.
    """
    found = db.execute(
        "SELECT direction, step_number, peer_steps_seen, name, question, reason "
        "FROM settled_messages WHERE leg_id = ? AND settled <> 'refused'",
        [leg_id],
    )
    return [Step(side if direction == OUT else side.other, *rest) for direction, *rest in found]


def last_exchanges_ms(db: Database) -> dict[NodeId, int]:
    """Return when something last came from each peer, a message or a receipt."""
    found = db.execute(
        "SELECT peer, max(at_ms) FROM (SELECT peer, max(stored_at_ms) AS at_ms FROM messages "
        "WHERE direction = 'in' GROUP BY peer UNION ALL SELECT peer, max(settled_at_ms) "
        "FROM settlements WHERE settled = 'received' GROUP BY peer) GROUP BY peer"
    )
    return {NodeId(peer): int(at_ms) for peer, at_ms in found}


def settle(db: Database, row: OutboxRow, *, settled: str, code: int, at_ms: int) -> None:
    """Record what became of an outgoing message; the first end is the end."""
    db.execute(
        "INSERT OR IGNORE INTO settlements VALUES (?, ?, ?, ?, ?, ?)",
        [row.peer, row.message_id, row.leg_id, settled, code, at_ms],
    )
