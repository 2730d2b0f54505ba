"""Checkpoints of peers that this node logs as seen: each once, and only with what it is for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.app import Core
from node.exchange.context import Context
from node.exchange.seen import note_seen
from node.store import log_store, seen
from node.store.db import Transaction
from node.store.seen import SeenRow
from protocol.log import Leaf, LeafKind, parse_leaf
from protocol.notes import Checkpoint, parse_checkpoint, seen_subject, sign_checkpoint
from tests.keys.federation import log_signer, seed
from tests.support.network import BE, GR, NAMES, Network
from tests.support.nodes import NOW_MS, make_federation


def checkpoint(size: int = 5, *, root: str = "root", at_ms: int = NOW_MS) -> bytes:
    """Return a note of Greece's log; who signed it is not for `note_seen` to judge."""
    state = Checkpoint(f"{GR}/log/1", size, seed(root))
    return sign_checkpoint(state, log_signer("any"), at_ms // 1000)


@dataclass
class Observer:
    """Belgium's node, whose log shows what it has seen."""

    core: Core

    @property
    def context(self) -> Context:
        return self.core.context

    async def note(self, *notes: bytes) -> None:
        await self.core.store.write(lambda db: note_seen(db, self.context, notes, NOW_MS))

    async def leaves(self) -> list[tuple[int, Leaf]]:
        """Return the SEEN leaves of the log with their positions."""

        def job(db: Transaction) -> list[bytes]:
            return log_store.leaves(db, 1, 0, log_store.size(db, 1))

        found = [parse_leaf(leaf) for leaf in await self.core.store.read(job)]
        return [pair for pair in enumerate(found) if pair[1].kind is LeafKind.SEEN]

    async def row(self, note: bytes) -> SeenRow | None:
        return await self.core.store.read(lambda db: seen.get(db, seen_subject(note)))


@pytest.fixture
async def observer(tmp_path: Path) -> AsyncIterator[Observer]:
    network = Network(make_federation(tmp_path, NAMES))
    yield Observer(await network.open(BE))
    await network.close()


async def test_a_checkpoint_is_logged_with_its_text_as_subject(observer: Observer) -> None:
    note = checkpoint()
    await observer.note(note)
    ((position, leaf),) = await observer.leaves()
    assert (leaf.subject, leaf.at_ms, leaf.code) == (seen_subject(note), NOW_MS, 0)
    expected = SeenRow(checkpoint=leaf.subject, log_number=1, log_position=position)
    assert await observer.row(note) == expected
    text = parse_checkpoint(note).text
    assert note.startswith(text)
    assert seen_subject(text + b"\nno signature at all\n") == leaf.subject


async def test_each_checkpoint_is_logged_once(observer: Observer) -> None:
    notes = [checkpoint(), checkpoint(6), checkpoint(root="another")]
    for _ in range(3):
        await observer.note(*notes, *notes)
    assert [leaf.subject for _, leaf in await observer.leaves()] == [*map(seen_subject, notes)]


async def test_other_signatures_do_not_make_it_another_checkpoint(observer: Observer) -> None:
    again = checkpoint(at_ms=NOW_MS + 60_000)
    assert again != checkpoint()
    await observer.note(checkpoint(), again)
    await observer.note(again)
    assert len(await observer.leaves()) == 1


async def test_a_transaction_that_fails_leaves_neither_leaf_nor_memory(observer: Observer) -> None:
    note = checkpoint()

    def failing(db: Transaction) -> None:
        note_seen(db, observer.context, [note], NOW_MS)
        raise LookupError

    with pytest.raises(LookupError):
        await observer.core.store.write(failing)
    assert (await observer.leaves(), await observer.row(note)) == ([], None)
    await observer.note(note)
    assert len(await observer.leaves()) == 1
