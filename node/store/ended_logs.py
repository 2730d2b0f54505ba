"""Table group: the logs of this node that have ended, each with its last checkpoint.

Whoever begins the next log puts it here first, signed by the keys of the old one over
all of its leaves: later there may be no such keys any more, or they are not to be used.
"""

from __future__ import annotations

from sqlite_utils import Database


def put(db: Database, log_number: int, checkpoint: bytes) -> None:
    """Insert the last checkpoint of a log, or the one that was the last after all."""
    db.execute("INSERT OR REPLACE INTO ended_logs VALUES (?, ?)", [log_number, checkpoint])


def checkpoint(db: Database, log_number: int) -> bytes | None:
    """Return the last checkpoint of a log, or None when none was kept."""
    row = db.execute(
        "SELECT checkpoint FROM ended_logs WHERE log_number = ?", [log_number]
    ).fetchone()
    return None if row is None else bytes(row[0])
