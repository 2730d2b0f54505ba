"""Which legs have changed since somebody looked: so that thousands need not be read again.

It is told from the rows themselves, and costs whoever writes them nothing. Messages are only
added, each behind all others; what erases them adds an erasure of the leg or of its case; a
leg that is dropped, or that is found to be about a case, changes the counts. A leg in whose
place another is sent is changed by that, and one by what people note of it. What becomes of a
message that waits is the only change that is not told: who looked knows which legs have one,
and reads those again.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from protocol.ids import LegId


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to where somebody has looked."""

    place: int
    """Of the last message; 0: there was none."""
    message_id: bytes
    legs: int
    of_cases: int
    erasures: int
    tellings: int


def seen(db: Database) -> Seen:
    """Return up to where somebody looks who looks now."""
    last = db.execute("SELECT rowid, message_id FROM messages ORDER BY rowid DESC LIMIT 1")
    counts = db.execute(
        "SELECT (SELECT count(*) FROM legs), "
        "(SELECT count(*) FROM legs WHERE case_id IS NOT NULL), "
        "(SELECT coalesce(max(rowid), 0) FROM erasures), "
        "(SELECT coalesce(max(rowid), 0) FROM tellings)"
    )
    return Seen(*(last.fetchone() or (0, b"")), *counts.fetchone())


def changed_since(db: Database, before: Seen, now: Seen) -> frozenset[LegId] | None:
    """Return the legs with new messages, or with erased ones; None: any may have changed."""
    if not _is_there(db, before):
        return None
    found = db.execute(
        "SELECT leg_id FROM messages WHERE rowid > ? "
        "UNION SELECT l.follows FROM messages AS m CROSS JOIN legs AS l ON l.leg_id = m.leg_id "
        "WHERE m.rowid > ? AND l.follows IS NOT NULL "
        "UNION SELECT leg_id FROM tellings WHERE rowid > ? "
        "UNION SELECT leg_id FROM erasures WHERE rowid > ? AND leg_id IS NOT NULL "
        "UNION SELECT l.leg_id FROM erasures AS e CROSS JOIN legs AS l ON l.case_id = e.case_id "
        "WHERE e.rowid > ?",
        [before.place, before.place, before.tellings, before.erasures, before.erasures],
    )
    changed = frozenset(LegId(row[0]) for row in found)
    new = [of_case for leg_id in changed for of_case in _new_leg(db, leg_id, before)]
    if before.legs + len(new) != now.legs or before.of_cases + sum(new) != now.of_cases:
        return None
    return changed


def _is_there(db: Database, before: Seen) -> bool:
    """Whether the last message is there still: else its place may be that of another."""
    if not before.place:
        return True
    found = db.execute("SELECT message_id FROM messages WHERE rowid = ?", [before.place])
    return bool(found.fetchone() == (before.message_id,))


def _new_leg(db: Database, leg_id: LegId, before: Seen) -> list[bool]:
    """Return of a new leg whether it is about a case; of one that was there, nothing."""
    found = db.execute(
        "SELECT case_id IS NOT NULL FROM legs WHERE leg_id = ? AND NOT EXISTS "
        "(SELECT 1 FROM messages WHERE leg_id = legs.leg_id AND rowid <= ?)",
        [leg_id, before.place],
    )
    return [bool(row[0]) for row in found]
