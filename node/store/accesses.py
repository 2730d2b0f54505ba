"""Table group: who has looked at which case, referral or list; nothing of what was shown.

One row is one look: from when until when the same person had the same thing before them.
A page that renews itself makes the look longer, not another one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One look; `subject` is the id of a case, or of a leg in hexadecimal; empty for a list.

    Of a list it is kept how many were shown at most, and `what` was searched by.
    """

    who: str
    action: str
    subject: str
    at_ms: int
    until_ms: int
    what: str = ""
    count: int = 0


def add(db: Database, row: AccessRow) -> None:
    """Insert a look."""
    rows.insert(db, "accesses", row)


def last(db: Database, look: AccessRow) -> AccessRow | None:
    """Return the last look of the same person, in the same way, at the same thing."""
    rest = "WHERE subject = ? AND who = ? AND action = ? AND what = ? ORDER BY until_ms DESC"
    values = [look.subject, look.who, look.action, look.what]
    return rows.select_one(db, "accesses", AccessRow, rest, values)


def prolong(db: Database, row: AccessRow, *, until_ms: int, count: int) -> None:
    """Note that a look went on until now, and how many were shown then if these were more."""
    db.execute(
        "UPDATE accesses SET until_ms = ?, count = max(count, ?) WHERE subject = ? AND who = ? "
        "AND action = ? AND what = ? AND at_ms = ? AND until_ms = ?",
        [until_ms, count, row.subject, row.who, row.action, row.what, row.at_ms, row.until_ms],
    )


def newest(
    db: Database, *, since_ms: int, subject: str = "", skip: int = 0, limit: int = 100
) -> list[AccessRow]:
    """Return looks that ended since then, the newest first; of one case or leg, or of all."""
    rest = (
        "WHERE until_ms >= ? AND (? = '' OR subject = ?) "
        "ORDER BY until_ms DESC, subject, who LIMIT ? OFFSET ?"
    )
    values = [since_ms, subject, subject, limit, skip]
    return rows.select(db, "accesses", AccessRow, rest, values)


def count(db: Database, *, since_ms: int, subject: str = "") -> int:
    """Return how many looks ended since then."""
    found = db.execute(
        "SELECT count(*) FROM accesses WHERE until_ms >= ? AND (? = '' OR subject = ?)",
        [since_ms, subject, subject],
    )
    return int(found.fetchone()[0])


def forget(db: Database, before_ms: int) -> None:
    """Delete looks that ended before then."""
    db.execute("DELETE FROM accesses WHERE until_ms < ?", [before_ms])
