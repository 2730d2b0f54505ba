"""The log's tables hold exactly the tree of RFC 6962 over their leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from node.store import log_store
from node.store.migrations import migrate
from protocol import log

LEAVES = [b"leaf %d" % number for number in range(70)]


@pytest.fixture(scope="module")
def db() -> Database:
    """A database with two logs, the leaves of which came in turns."""
    database = Database(memory=True)
    migrate(database)
    for position, leaf in enumerate(LEAVES):
        assert log_store.append(database, 1, leaf) == position
        if position < 5:
            log_store.append(database, 2, b"other " + leaf)
    return database


def root_of(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962 section 2.1 defines it."""
    if len(leaves) <= 1:
        return log.leaf_hash(leaves[0]) if leaves else log.EMPTY_ROOT
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return log.node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def test_leaves_come_back_in_order(db: Database) -> None:
    assert log_store.size(db, 1) == len(LEAVES)
    assert log_store.leaves(db, 1, 0, 1000) == LEAVES
    assert log_store.leaves(db, 1, 10, 12) == LEAVES[10:12]
    assert log_store.leaves(db, 1, 12, 10) == []
    assert [log_store.leaf(db, 1, position) for position in range(5)] == LEAVES[:5]


def test_the_logs_of_one_node_do_not_mix(db: Database) -> None:
    assert log_store.size(db, 2) == 5
    assert log_store.leaf(db, 2, 4) == b"other leaf 4"
    assert log.root(5, log_store.reader(db, 2)) == root_of([b"other " + x for x in LEAVES[:5]])
    assert log_store.size(db, 3) == 0


@pytest.mark.parametrize("position", [-1, len(LEAVES)])
def test_a_leaf_that_is_not_there_is_a_lookup_error(db: Database, position: int) -> None:
    with pytest.raises(LookupError):
        log_store.leaf(db, 1, position)


@given(st.integers(0, len(LEAVES)))
def test_every_earlier_root_can_be_computed(db: Database, size: int) -> None:
    assert log.root(size, log_store.reader(db, 1)) == root_of(LEAVES[:size])


@given(st.data())
def test_every_leaf_is_proven_in_every_tree_that_holds_it(db: Database, data) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    path = log.inclusion_path(index, size, log_store.reader(db, 1))
    assert log.verify_inclusion(
        index, size, log.leaf_hash(LEAVES[index]), path, root_of(LEAVES[:size])
    )


@given(st.data())
def test_every_tree_is_shown_to_be_the_beginning_of_a_later_one(db: Database, data) -> None:
    new = data.draw(st.integers(1, len(LEAVES)))
    old = data.draw(st.integers(1, new))
    path = log.consistency_path(old, new, log_store.reader(db, 1))
    roots = root_of(LEAVES[:old]), root_of(LEAVES[:new])
    assert log.verify_consistency(old, new, *roots, path)


def test_only_complete_subtrees_are_stored(db: Database) -> None:
    sizes = db.execute("SELECT position, length(hashes) FROM log_leaves WHERE log = 1")
    stored = {
        (level, (position + 1 >> level) - 1)
        for position, size in sizes
        for level in range(size // log.HASH_BYTES)
    }
    complete = {
        (level, position)
        for level in range(8)
        for position in range(len(LEAVES))
        if (position + 1) << level <= len(LEAVES)
    }
    assert stored == complete
