"""Table group: what was erased, and the files that are to go with it.

A row of `erasures` is written in the transaction that erases, with the ERASED leaf. It
is unfinished until the files are gone and no old page of the database is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from node.store.messages import MessageRow
from node.store.users import LAST_SEARCH
from protocol.ids import BlobId, LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow:
    """One erasure: what, when, why, by whom; the record is what the leaf commits to."""

    subject: bytes
    what: str
    leg_id: LegId | None
    case_id: str | None
    reason: str
    at_ms: int
    made_by: str
    record: bytes
    log_number: int
    log_position: int


def add(db: Database, row: ErasureRow) -> None:
    """Insert an erasure; it is unfinished."""
    rows.insert(db, "erasures", row)


def is_known(db: Database, subject: bytes) -> bool:
    """Whether this very erasure is recorded here."""
    found = db.execute("SELECT 1 FROM erasures WHERE subject = ?", [subject])
    return found.fetchone() is not None


def of_leg(db: Database, leg_id: bytes) -> list[ErasureRow]:
    """Return what was erased of a leg, oldest first."""
    rest = "WHERE leg_id = ? ORDER BY rowid"
    return rows.select(db, "erasures", ErasureRow, rest, [leg_id])


def of_case(db: Database, case_id: str) -> ErasureRow | None:
    """Return the erasure of a case; None if it was not erased."""
    return rows.select_one(db, "erasures", ErasureRow, "WHERE case_id = ?", [case_id])


def case_ids(db: Database, beginning: str) -> list[str]:
    """Return the erased cases with this id, or whose part after the slash begins like this."""
    found = db.execute(
        "SELECT DISTINCT case_id FROM erasures WHERE case_id = ? OR "
        "substr(case_id, instr(case_id, '/') + 1, length(?)) = ? ORDER BY case_id LIMIT 2",
        [beginning, beginning, beginning],
    )
    return [row[0] for row in found]


def records(db: Database) -> list[bytes]:
    """Return the records of all erasures, oldest first."""
    return [bytes(row[0]) for row in db.execute("SELECT record FROM erasures ORDER BY rowid")]


def unfinished(db: Database) -> list[ErasureRow]:
    """Return the erasures of which something may still be on the disk."""
    rest = "WHERE is_finished = 0 ORDER BY rowid"
    return rows.select(db, "erasures", ErasureRow, rest)


def finish(db: Database, subjects: Iterable[bytes]) -> None:
    """Record that nothing is left of what these erased."""
    for subject in subjects:
        db.execute("UPDATE erasures SET is_finished = 1 WHERE subject = ?", [subject])


# --- files


def remove_later(db: Database, blob_ids: Iterable[BlobId]) -> None:
    """Have these files removed."""
    for blob_id in blob_ids:
        db.execute("INSERT OR IGNORE INTO blob_removals VALUES (?)", [blob_id])


def to_remove(db: Database) -> list[BlobId]:
    """Return the files that are to go."""
    return [BlobId(bytes(row[0])) for row in db.execute("SELECT blob_id FROM blob_removals")]


def is_needed(db: Database, blob_id: BlobId) -> bool:
    """Whether something that was not erased has this file."""
    found = db.execute(
        "SELECT 1 FROM attachments WHERE blob_id = ? "
        "UNION ALL SELECT 1 FROM case_files WHERE blob_id = ? LIMIT 1",
        [blob_id, blob_id],
    )
    return found.fetchone() is not None


def removed(db: Database, blob_id: BlobId) -> None:
    """Forget a file that has gone, or stays."""
    db.execute("DELETE FROM blob_removals WHERE blob_id = ?", [blob_id])


# --- forms that somebody has not sent yet


def forget_drafts(db: Database, identifier: str) -> None:
    """Delete what was typed into pages whose address names this case or leg.

    Everybody's last search goes, too: it may have been for this child.
    """
    db.execute("DELETE FROM drafts WHERE instr(form, ?) > 0 OR form = ?", [identifier, LAST_SEARCH])


# --- what is over


def expired_legs(db: Database, until_ms: int) -> list[LegId]:
    """Return the received legs past their expiry of which something may still be here.

    Figures are about nobody, and stay.
    """
    found = db.execute(
        "SELECT leg_id FROM legs AS l "  # noqa: S608 - constant
        "WHERE side = 'recipient' AND kind <> 'statistic' "
        "AND expires_at_ms BETWEEN 1 AND ? AND EXISTS (SELECT 1 FROM messages AS m "
        f"WHERE m.leg_id = l.leg_id AND m.direction = 'in' AND {_HAS_CONTENT})",
        [until_ms],
    )
    return [LegId(bytes(row[0])) for row in found]


def received_legs(db: Database) -> list[LegId]:
    """Return the received legs of which something may still be here."""
    found = db.execute(
        "SELECT l.leg_id FROM legs AS l JOIN messages AS m ON m.leg_id = l.leg_id "
        "WHERE l.side = 'recipient' AND m.name = 'referral' AND length(m.salt) > 0"
    )
    return [LegId(bytes(row[0])) for row in found]


def received_parts(db: Database) -> list[MessageRow]:
    """Return the later steps of peers with which a part of a case may have come."""
    rest = (
        "WHERE direction = 'in' AND name IN ('answer', 'note', 'hand_over') AND length(salt) > 0 "
        "ORDER BY leg_id, place"
    )
    return rows.select(db, "settled_messages", MessageRow, rest, [])


def late_legs(db: Database) -> list[LegId]:
    """Return legs of which something came after they were erased, and was to go with the rest.

    All of a leg that is over, or of a case that is gone. Where people erased a copy, only
    what this node itself had said by then, and what the peer wrote before it knew.
    """
    found = db.execute(_LATE)
    return [LegId(bytes(row[0])) for row in found]


_HAS_CONTENT = "length(salt) > 0 AND name NOT IN ('erase_request', 'erased', 'erase_refused')"
# CROSS JOIN: from the few erasures to their messages, not the other way round.
_LATE = f"""
    WITH m AS (SELECT * FROM settled_messages WHERE settled <> 'waiting' AND {_HAS_CONTENT})
    SELECT m.leg_id FROM erasures AS e CROSS JOIN legs AS l ON l.case_id = e.case_id
    CROSS JOIN m ON m.leg_id = l.leg_id WHERE e.what = 'case'
    UNION SELECT m.leg_id FROM erasures AS e CROSS JOIN m ON m.leg_id = e.leg_id
    WHERE e.what = 'leg' AND (e.reason IN ('expired', 'consent_ended', 'late')
    OR m.direction = 'out' AND m.stored_at_ms <= e.at_ms
    OR m.direction = 'in' AND m.peer_steps_seen < (SELECT max(step_number) FROM messages AS o
    WHERE o.leg_id = m.leg_id AND o.direction = 'out' AND o.name = 'erased'))"""  # noqa: S608 - constant


# --- how cases ended


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRow:
    """How a case ended, and until when it is kept; warned: when people were told of that."""

    case_id: str
    outcome: str
    ended_at_ms: int
    kept_until_ms: int
    warned_at_ms: int | None = None


def put_end(db: Database, row: EndRow) -> None:
    """Record how a case ended."""
    db.execute("DELETE FROM case_ends WHERE case_id = ?", [row.case_id])
    rows.insert(db, "case_ends", row)


def forget_end(db: Database, case_id: str) -> None:
    """The case goes on."""
    db.execute("DELETE FROM case_ends WHERE case_id = ?", [case_id])


def ends(db: Database, until_ms: int) -> list[EndRow]:
    """Return the cases whose time is over by then, the earliest first."""
    rest = "WHERE kept_until_ms <= ? ORDER BY kept_until_ms, case_id"
    return rows.select(db, "case_ends", EndRow, rest, [until_ms])


def warn(db: Database, case_id: str, at_ms: int) -> None:
    """Record that people were told that the time of a case will be over."""
    db.execute(
        "UPDATE case_ends SET warned_at_ms = ? WHERE case_id = ? AND warned_at_ms IS NULL",
        [at_ms, case_id],
    )
