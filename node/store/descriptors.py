"""Table group: descriptors, one's own and peers', every version with its proof."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from protocol.ids import NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptorRow:
    """One version. A peer's has `proof` (a LogProof), one's own has `log_position`."""

    node_id: NodeId
    serial: int
    descriptor: bytes
    proof: bytes | None
    log_position: int | None
    fetched_at_ms: int


def add(db: Database, row: DescriptorRow) -> None:
    """Insert a version."""
    rows.insert(db, "descriptors", row)


def latest(db: Database, node_id: str) -> DescriptorRow | None:
    """Return the newest version, or None."""
    rest = "WHERE node_id = ? ORDER BY serial DESC"
    return rows.select_one(db, "descriptors", DescriptorRow, rest, [node_id])


def get(db: Database, node_id: str, serial: int) -> DescriptorRow | None:
    """Return one version, or None."""
    rest = "WHERE node_id = ? AND serial = ?"
    return rows.select_one(db, "descriptors", DescriptorRow, rest, [node_id, serial])
