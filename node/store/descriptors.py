"""Table group: descriptors, one's own and peers', every version with its proof."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows
from protocol.ids import NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptorRow:
    """One version. A peer's has `proof` (a LogProof), one's own a place in a log of this node.

    `log_key` is the id of the log key under which it is proven.
    """

    node_id: NodeId
    serial: int
    descriptor: bytes
    log_key: bytes
    proof: bytes | None
    log_number: int | None
    log_position: int | None
    fetched_at_ms: int


def add(db: Database, row: DescriptorRow) -> None:
    """Insert a version."""
    rows.insert(db, "descriptors", row)


def latest(db: Database, node_id: str) -> DescriptorRow | None:
    """Return the version that was kept last, or None."""
    rest = "WHERE node_id = ? ORDER BY rowid DESC"
    return rows.select_one(db, "descriptors", DescriptorRow, rest, [node_id])


def latest_under(db: Database, node_id: str, log_keys: Collection[bytes]) -> DescriptorRow | None:
    """Return the version that was kept last of those under one of these log keys, or None."""
    marks = ", ".join("?" * len(log_keys))
    rest = f"WHERE node_id = ? AND log_key IN ({marks}) ORDER BY rowid DESC"
    return rows.select_one(db, "descriptors", DescriptorRow, rest, [node_id, *log_keys])


def newest_first(db: Database, node_id: str) -> Iterator[DescriptorRow]:
    """Yield the versions, the one that was kept last first; read one by one."""
    rest = "WHERE node_id = ? ORDER BY rowid DESC LIMIT 1 OFFSET ?"
    for skipped in itertools.count():
        found = rows.select(db, "descriptors", DescriptorRow, rest, [node_id, skipped])
        if not found:
            return
        yield found[0]


def of_serial(db: Database, node_id: str, serial: int) -> list[DescriptorRow]:
    """Return the versions with this serial; several only under different log keys."""
    rest = "WHERE node_id = ? AND serial = ? ORDER BY rowid"
    return rows.select(db, "descriptors", DescriptorRow, rest, [node_id, serial])


def get(db: Database, node_id: str, serial: int) -> DescriptorRow | None:
    """Return the version with this serial, or None; of several the one that was kept last."""
    return next(reversed(of_serial(db, node_id, serial)), None)
