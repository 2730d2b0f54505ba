"""The log book signs beside the commit, and lets out only what was committed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.errors import StoreError
from node.exchange.logbook import LogBook, Note
from node.store.db import Store, Transaction
from protocol.envelope import verify_leaf
from protocol.log import LeafKind
from protocol.suite import LogSigner
from protocol.values import LogProof
from tests.support.nodes import NOW_MS, inline

ORIGIN = "be.example/log/1"
SIGNER = LogSigner(b"\x01" * 32, b"\x02" * 32)


class Key:
    origin = ORIGIN
    ed25519, mldsa44, key_id = SIGNER.ed25519_public, SIGNER.mldsa44_public, SIGNER.key_id


class Book:
    """A log book whose notes are made at once, and counted."""

    def __init__(self, path: Path) -> None:
        self.notes: list[bytes] = []
        self.is_failing = False
        self.store = Store(
            path, bytes(32), run_writes=inline, run_reads=inline, on_durable=self._on_durable
        )
        self.log = LogBook(
            store=self.store, signer=SIGNER, origin=ORIGIN, number=1, begin=self._begin
        )

    def _begin(self, make: Note) -> Note:
        self.notes.append(make())
        return lambda note=self.notes[-1]: note

    def _on_durable(self, stage: str) -> None:
        if self.is_failing and stage == "commit:before":
            raise StoreError("disk_full", "the disk is full")

    async def append(self, subject: bytes, kind: LeafKind = LeafKind.SENT) -> LogProof:
        def job(db: Transaction) -> int:
            return self.log.append(db, kind, subject, at_ms=NOW_MS, nonce=bytes(16))

        position = await self.store.write(job)
        (proof,) = await self.log.prove([position], at_ms=NOW_MS)
        verify_leaf(proof, Key, kind, subject)
        return proof


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Book]:
    book = Book(tmp_path / "node.db")
    yield book
    await book.store.close()


async def test_what_was_signed_beside_the_commit_is_what_goes_out(book: Book) -> None:
    for number in range(1, 6):
        proof = await book.append(bytes([number]) * 32)
        assert proof.checkpoint == book.notes[-1]
        assert len(book.notes) == number


async def test_what_was_signed_for_a_commit_that_failed_never_goes_out(book: Book) -> None:
    await book.append(b"a" * 32)
    book.is_failing = True
    with pytest.raises(StoreError):
        await book.append(b"b" * 32)
    book.is_failing = False
    proof = await book.append(b"c" * 32)
    assert len(book.notes) == 3
    assert proof.checkpoint == book.notes[2] != book.notes[1]
    assert proof.index == 1


async def test_nothing_is_signed_beside_a_commit_that_nobody_waits_to_prove(book: Book) -> None:
    await book.append(b"d" * 32, LeafKind.DESCRIPTOR)
    assert book.notes == []
