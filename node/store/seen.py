"""Table group: which checkpoints of the peers' logs this node has logged as seen."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """One checkpoint, by the subject of its SEEN leaf, and where that leaf stands.

    The subject covers the checkpoint's origin, so which peer and which log of it.
    """

    checkpoint: bytes
    log_number: int
    log_position: int


def put(db: Database, row: SeenRow) -> None:
    """Insert a checkpoint; one that was seen in an earlier log is now seen in this one."""
    db.execute("DELETE FROM seen WHERE checkpoint = ?", [row.checkpoint])
    rows.insert(db, "seen", row)


def get(db: Database, checkpoint: bytes) -> SeenRow | None:
    """Return the newest entry for this checkpoint, or None."""
    return rows.select_one(db, "seen", SeenRow, "WHERE checkpoint = ?", [checkpoint])
