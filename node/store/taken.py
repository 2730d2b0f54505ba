"""Table group: what of a peer's steps was taken into own cases, and what its elements are called.

Nothing of a case stands here: paths and short ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from protocol.ids import LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRow:
    """One field that was taken: `step_number` is the other side's."""

    leg_id: LegId
    step_number: int
    path: str
    case_id: str
    version: int


def add(db: Database, row: TakenRow) -> None:
    """Record that a field was taken; if it was before, the newer version counts."""
    db.execute(
        "INSERT OR REPLACE INTO taken_fields (leg_id, step_number, path, case_id, version) "
        "VALUES (?, ?, ?, ?, ?)",
        [row.leg_id, row.step_number, row.path, row.case_id, row.version],
    )


def of_leg(db: Database, leg_id: bytes) -> Sequence[TakenRow]:
    """Return what was taken of a leg."""
    rest = "WHERE leg_id = ? ORDER BY step_number, path, case_id"
    return rows.select(db, "taken_fields", TakenRow, rest, [leg_id])


def ids(db: Database, case_id: str, leg_id: bytes) -> dict[str, str]:
    """Return which ids of the peer on a leg are which ids of a case."""
    found = db.execute(
        "SELECT theirs, own FROM taken_ids WHERE case_id = ? AND leg_id = ?", [case_id, leg_id]
    )
    return dict(found.fetchall())


def keep_ids(db: Database, case_id: str, leg_id: bytes, named: Mapping[str, str]) -> None:
    """Keep which ids are which."""
    for theirs, own in named.items():
        db.execute(
            "INSERT OR REPLACE INTO taken_ids VALUES (?, ?, ?, ?)", [case_id, leg_id, theirs, own]
        )
