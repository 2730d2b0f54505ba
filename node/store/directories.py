"""Table group: the directories by which this node went, as its own logs say."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRow:
    """One directory: its version, the subject of its DIRECTORY leaf, and where that stands."""

    log_number: int
    log_position: int
    version: int
    subject: bytes


def add(db: Database, row: DirectoryRow) -> None:
    """Insert a directory."""
    rows.insert(db, "directories", row)


def latest(db: Database, log_number: int) -> DirectoryRow | None:
    """Return the newest entry of a log, or None."""
    rest = "WHERE log_number = ? ORDER BY log_position DESC"
    return rows.select_one(db, "directories", DirectoryRow, rest, [log_number])


def between(db: Database, log_number: int, start: int, stop: int) -> list[DirectoryRow]:
    """Return the entries of a log at positions start to stop - 1."""
    rest = "WHERE log_number = ? AND log_position >= ? AND log_position < ? ORDER BY log_position"
    return rows.select(db, "directories", DirectoryRow, rest, [log_number, start, stop])
