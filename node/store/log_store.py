"""Table group: the leaves of the node's log, each with the subtree hashes it completes.

The hashes lie with their leaf, lowest level first, so that an append writes one row at
the end of one table: a hash of its own row would touch a page for every level.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database

from protocol import log


def size(db: Database, log_number: int) -> int:
    """Return how many leaves the log has."""
    row = db.execute("SELECT max(position) FROM log_leaves WHERE log = ?", [log_number]).fetchone()
    return 0 if row[0] is None else int(row[0]) + 1


def append(db: Database, log_number: int, leaf: bytes) -> int:
    """Append a leaf, with the subtree hashes that it completes; return its position."""
    position = size(db, log_number)
    added = log.nodes_added(position, log.leaf_hash(leaf), reader(db, log_number))
    hashes = b"".join(node_hash for _, _, node_hash in added)
    db.execute("INSERT INTO log_leaves VALUES (?, ?, ?, ?)", [log_number, position, leaf, hashes])
    return position


def leaf(db: Database, log_number: int, position: int) -> bytes:
    """Return a leaf; LookupError when the log is shorter."""
    row = db.execute(
        "SELECT leaf FROM log_leaves WHERE log = ? AND position = ?", [log_number, position]
    ).fetchone()
    if row is None:
        raise LookupError("no such leaf")
    return bytes(row[0])


def leaves(db: Database, log_number: int, start: int, stop: int) -> list[bytes]:
    """Return the leaves at positions start to stop - 1."""
    rows = db.execute(
        "SELECT leaf FROM log_leaves WHERE log = ? AND position >= ? AND position < ? "
        "ORDER BY position",
        [log_number, start, stop],
    )
    return [bytes(row[0]) for row in rows]


def reader(db: Database, log_number: int) -> Callable[[int, int], bytes]:
    """Return a function that reads the hash of a complete subtree."""

    def read(level: int, index: int) -> bytes:
        last_leaf = (index + 1 << level) - 1
        row = db.execute(
            "SELECT substr(hashes, ?, ?) FROM log_leaves WHERE log = ? AND position = ?",
            [level * log.HASH_BYTES + 1, log.HASH_BYTES, log_number, last_leaf],
        ).fetchone()
        return bytes(row[0])

    return read
