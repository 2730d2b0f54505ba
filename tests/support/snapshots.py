"""All that a node keeps, before and after: for tests that say "and nothing else changed"."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from node.app import Core
from node.store import log_store
from node.store.db import Transaction
from protocol.log import Leaf, parse_leaf

# They grow with a refusal that is logged; all other tables must stay as they are.
LOG_TABLES = frozenset({"log_leaves", "refusals"})


@dataclass(frozen=True)
class Snapshot:
    tables: dict[str, list[tuple]]
    blobs: dict[str, bytes]
    leaves: list[Leaf]
    refusals: list[tuple]


async def snapshot(core: Core, *, without: Collection[str] = ()) -> Snapshot:
    """Return everything but the tables of the log and those that are named."""

    def job(db: Transaction) -> Snapshot:
        names = set(db.table_names()) - LOG_TABLES - set(without)
        size = log_store.size(db, core.identity.origin_number)
        leaves = log_store.leaves(db, core.identity.origin_number, 0, size)
        return Snapshot(
            tables={name: _rows(db, name) for name in sorted(names)},
            blobs={path.name: path.read_bytes() for path in core.home.blobs.iterdir()},
            leaves=[parse_leaf(leaf) for leaf in leaves],
            refusals=_rows(db, "refusals"),
        )

    return await core.store.read(job)


def assert_only_the_log_grew(before: Snapshot, after: Snapshot) -> list[Leaf]:
    """Return the new leaves; fail if anything else is not as it was."""
    assert after.tables == before.tables
    assert after.blobs == before.blobs
    known = len(before.leaves)
    assert after.leaves[:known] == before.leaves
    new = after.leaves[known:]
    assert len(after.refusals) - len(before.refusals) == len(new)
    return new


def _rows(db: Transaction, table: str) -> list[tuple]:
    return sorted(map(tuple, db.execute(f"SELECT * FROM {table}")), key=repr)
