"""Reading for figures: which cases and legs there are, and since when."""

from __future__ import annotations

from sqlite_utils import Database

from node.store import rows
from node.store.messages import LegRow


def first_made(db: Database) -> dict[str, int]:
    """Return when the first version of each case was made."""
    found = db.execute("SELECT case_id, min(made_at_ms) FROM case_versions GROUP BY case_id")
    return {str(case_id): int(at_ms) for case_id, at_ms in found}


def legs_after(db: Database, leg_id: bytes, limit: int) -> list[LegRow]:
    """Return legs in the order of their ids, from after this one on."""
    rest = "WHERE leg_id > ? ORDER BY leg_id LIMIT ?"
    return rows.select(db, "legs", LegRow, rest, [leg_id, limit])
