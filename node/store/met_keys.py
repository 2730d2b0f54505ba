"""Table group: the peers' log keys that this node has met, and when it first did."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database


def ids(db: Database) -> set[bytes]:
    """Return the ids of all log keys that were met, also by a descriptor that was kept."""
    found = db.execute(
        "SELECT key_id FROM met_keys UNION SELECT log_key FROM descriptors WHERE proof IS NOT NULL"
    )
    return {bytes(row[0]) for row in found}


def add(db: Database, key_ids: Iterable[bytes], *, at_ms: int) -> None:
    """Record log keys; of one that is known already the first time stays."""
    for key_id in key_ids:
        db.execute("INSERT OR IGNORE INTO met_keys VALUES (?, ?)", [key_id, at_ms])
