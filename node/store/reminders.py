"""Table group: what was told of waiting legs, and the mail that has to go out.

What is due is derived from the legs; a row only says that it was told, so that nobody
hears it twice. A row from a time that has not come (the clock was ahead) counts for
nothing. Mail has no content of a case.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from node.store.messages import LegRow, MessageRow
from node.store.tellings import TOLD_LATEST_MS
from protocol.ids import LegId, NodeId

# The only steps of which the reminders need to read more than the name.
READ = ("accept", "claim", "confirm")
# More are no faster read by name than all of them.
MOST_NAMED = 500
_MESSAGE = tuple(field.name for field in dataclasses.fields(MessageRow))
# A leg lives while its time is not over; while something of it is on its way, for what becomes
# of that may have to be told; while what was lost of it can be told; and while a request to
# erase is open. In this order: the last is the most work, and the first ends most questions.
_LIVING = """(expires_at_ms = 0 OR expires_at_ms > ?
    OR leg_id IN (SELECT leg_id FROM outbox)
    OR leg_id IN (SELECT leg_id FROM settlements
        WHERE settled <> 'received' AND settled_at_ms > ?)
    OR leg_id IN (SELECT behind.leg_id FROM messages AS behind WHERE behind.direction = 'in'
        AND behind.name IN ('erase_request','erased','erase_refused')
        AND behind.stored_at_ms > ? AND behind.step_number > (
            SELECT count(*) FROM messages AS theirs WHERE theirs.leg_id = behind.leg_id
            AND theirs.direction = 'in' AND theirs.rowid <= behind.rowid))
    OR EXISTS (SELECT 1 FROM messages AS asked WHERE asked.leg_id = legs.leg_id
    AND asked.name = 'erase_request' AND NOT EXISTS (
        SELECT 1 FROM messages AS said WHERE said.leg_id = asked.leg_id
        AND said.direction <> asked.direction AND said.question = asked.step_number
        AND said.name IN ('erased', 'erase_refused'))))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """One stage of one wait that was told."""

    leg_id: LegId
    what: str
    cause: str
    stage: int
    audience: str
    told_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMail:
    """One mail that has to go out."""

    message_id: str
    audience: str
    subject: str
    body: str
    queued_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow(NewMail):
    """A mail in the queue; one that was given up stays for a while, to be seen."""

    mail_id: int
    tries: int
    not_before_ms: int
    last_failure: str
    given_up_at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSince:
    """One step of a shift, without what it says."""

    leg_id: LegId
    peer: NodeId
    kind: str
    urgency: int
    direction: str
    name: str
    made_by: str
    stored_at_ms: int


def living_legs(
    db: Database, now_ms: int, leg_ids: Collection[bytes] | None = None
) -> list[LegRow]:
    """Return the legs on which something may wait.

    With `leg_ids`, at most `MOST_NAMED`, only those of them.
    """
    named, values = _named(leg_ids)
    rest = f"WHERE {_LIVING} {named} ORDER BY opened_at_ms, leg_id"
    return rows.select(db, "legs", LegRow, rest, [*_living_values(now_ms), *values])


def _living_values(now_ms: int) -> list[int]:
    return [now_ms, now_ms - TOLD_LATEST_MS, now_ms - TOLD_LATEST_MS]


def _named(leg_ids: Collection[bytes] | None) -> tuple[str, list[bytes]]:
    if leg_ids is None:
        return "", []
    return f"AND leg_id IN ({', '.join('?' * len(leg_ids))})", list(leg_ids)


Marks = tuple[tuple[object, ...], ...]
"""What of the messages of a leg can change, and which there are; see `marks_by_leg`."""


def marks_by_leg(
    db: Database, now_ms: int, leg_ids: Collection[bytes] | None = None
) -> dict[LegId, Marks]:
    """Return of each such leg, in order, what is another when something of its messages is.

    A stored message is not changed, but for what became of it, and when its content is erased.
    """
    named, values = _named(leg_ids)
    found = db.execute(
        "SELECT leg_id, direction, step_number, place, reason, settled, settled_at_ms, "  # noqa: S608 - constants
        "length(salt) FROM settled_messages WHERE leg_id IN "
        f"(SELECT leg_id FROM legs WHERE {_LIVING} {named}) ORDER BY leg_id, place",
        [*_living_values(now_ms), *values],
    )
    legs: dict[LegId, list[tuple[object, ...]]] = {}
    for each in found:
        legs.setdefault(each[0], []).append(each)
    return {leg: tuple(steps) for leg, steps in legs.items()}


def steps_by_leg(db: Database, now_ms: int) -> dict[LegId, list[MessageRow]]:
    """Return the messages of each such leg, without what most of them say."""
    marks = ", ".join("?" * len(READ))
    columns = ", ".join(
        f"CASE WHEN name IN ({marks}) THEN payload ELSE x'' END" if name == "payload" else name
        for name in _MESSAGE
    )
    found = db.execute(
        f"SELECT {columns} FROM settled_messages WHERE leg_id IN "  # noqa: S608 - constants
        f"(SELECT leg_id FROM legs WHERE {_LIVING}) ORDER BY leg_id, place",
        [*READ, *_living_values(now_ms)],
    )
    legs: dict[LegId, list[MessageRow]] = {}
    for values in found:
        row = MessageRow(**dict(zip(_MESSAGE, values, strict=True)))
        legs.setdefault(row.leg_id, []).append(row)
    return legs


def steps_since(db: Database, since_ms: int) -> list[StepSince]:
    """Return the steps of both sides that this node has stored since a time, in order."""
    found = db.execute(
        "SELECT m.leg_id, m.peer, l.kind, l.urgency, m.direction, m.name, m.made_by, "
        "m.stored_at_ms FROM messages AS m JOIN legs AS l USING (leg_id) "
        "WHERE m.stored_at_ms >= ? ORDER BY m.rowid",
        [since_ms],
    )
    names = [field.name for field in dataclasses.fields(StepSince)]
    return [StepSince(**dict(zip(names, values, strict=True))) for values in found]


def give_up_mails(db: Database, queued_before_ms: int, now_ms: int, failure: str) -> int:
    """Give up what has been queued for too long; return how many."""
    cursor = db.execute(
        "UPDATE mails SET given_up_at_ms = ?, last_failure = ?, tries = max(tries, 1) "
        "WHERE given_up_at_ms IS NULL AND queued_at_ms <= ?",
        [now_ms, failure, queued_before_ms],
    )
    return int(cursor.rowcount)


def told_stages(db: Database, now_ms: int) -> dict[tuple[LegId, str, str], int]:
    """Return the last stage that was told of each wait."""
    found = db.execute(
        "SELECT leg_id, what, cause, max(stage) FROM reminders WHERE told_at_ms <= ? "
        "GROUP BY leg_id, what, cause",
        [now_ms],
    )
    return {(LegId(bytes(leg_id)), what, cause): stage for leg_id, what, cause, stage in found}


def add(db: Database, row: ReminderRow) -> None:
    """Record that it was told; again where the clock had been ahead."""
    db.execute(
        "DELETE FROM reminders WHERE leg_id = ? AND what = ? AND cause = ? AND stage = ?",
        [row.leg_id, row.what, row.cause, row.stage],
    )
    rows.insert(db, "reminders", row)


def of_leg(db: Database, leg_id: bytes) -> list[ReminderRow]:
    """Return what was told of a leg, in order."""
    rest = "WHERE leg_id = ? ORDER BY told_at_ms, what, stage"
    return rows.select(db, "reminders", ReminderRow, rest, [leg_id])


# --- mail


def queue_mail(db: Database, row: NewMail) -> None:
    """Queue a mail."""
    rows.insert(db, "mails", row)


def due_mails(db: Database, now_ms: int, longest_wait_ms: int, limit: int) -> list[MailRow]:
    """Return what may go now, oldest first; no wait is longer than the longest."""
    rest = (
        "WHERE given_up_at_ms IS NULL AND (not_before_ms <= ? OR not_before_ms > ?) "
        "ORDER BY mail_id LIMIT ?"
    )
    values = [now_ms, now_ms + longest_wait_ms, limit]
    return rows.select(db, "mails", MailRow, rest, values)


def mails(db: Database) -> list[MailRow]:
    """Return all that is queued or was given up, oldest first."""
    return rows.select(db, "mails", MailRow, "ORDER BY mail_id")


def remove_mail(db: Database, mail_id: int) -> None:
    """Take a mail that the server has out of the queue."""
    db.execute("DELETE FROM mails WHERE mail_id = ?", [mail_id])


def note_mail_failure(db: Database, row: MailRow) -> None:
    """Record how the last try went, and when the next may be."""
    db.execute(
        "UPDATE mails SET tries = ?, not_before_ms = ?, last_failure = ?, given_up_at_ms = ? "
        "WHERE mail_id = ?",
        [row.tries, row.not_before_ms, row.last_failure, row.given_up_at_ms, row.mail_id],
    )


def forget_mails(db: Database, given_up_before_ms: int) -> None:
    """Delete what was given up long ago."""
    db.execute("DELETE FROM mails WHERE given_up_at_ms < ?", [given_up_before_ms])


# --- the digest by mail


def last_digest_ms(db: Database, now_ms: int) -> int | None:
    """Return the time for which the last digest was made, or None."""
    row = db.execute("SELECT max(slot_ms) FROM digests WHERE slot_ms <= ?", [now_ms]).fetchone()
    return None if row[0] is None else int(row[0])


def add_digest(db: Database, slot_ms: int) -> None:
    """Record that the digest of a time was made; older ones are of no use any more."""
    db.execute("DELETE FROM digests")
    db.execute("INSERT INTO digests VALUES (?)", [slot_ms])
