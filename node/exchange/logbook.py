"""The node's log: append a leaf, prove leaves.

Order of writes (SPEC.md section 5): a leaf is appended inside the transaction of
what it is about; once that is durable, a checkpoint is signed over all that is
there; then proofs go out. Invariants:

- Proofs are made of committed data only, so none leaves before its leaf is durable.
- Proofs are made on the writer's connection, so one at a time; a checkpoint serves
  all the leaves that it covers.
- Signing again at the same size signs the same root: a crash cannot make a fork.
"""

from __future__ import annotations

from collections.abc import Sequence

from node.store import log_store
from node.store.db import Store, Transaction
from protocol import log
from protocol.log import Leaf, LeafKind
from protocol.notes import Checkpoint, sign_checkpoint
from protocol.suite import LogSigner
from protocol.values import LogProof

NODES_IN_MEMORY = 2048


class LogBook:
    """The log number `number` of this node, with the keys that sign it."""

    def __init__(self, *, store: Store, signer: LogSigner, origin: str, number: int) -> None:
        """Make a log book over the store's tables; `signer` signs as `origin`."""
        self.signer = signer
        self.origin = origin
        self.number = number
        self._store = store
        self._latest = (0, b"")
        self._nodes: dict[tuple[int, int], bytes] = {}

    def append(
        self,
        db: Transaction,
        kind: LeafKind,
        subject: bytes,
        *,
        at_ms: int,
        nonce: bytes,
        code: int = 0,
    ) -> int:
        """Append a leaf within the caller's transaction; return its position."""
        leaf = Leaf(kind=kind, code=code, at_ms=at_ms, nonce=nonce, subject=subject)
        return log_store.append(db, self.number, leaf.encode())

    async def prove(self, positions: Sequence[int], *, at_ms: int) -> list[LogProof]:
        """Return proofs of committed leaves, all under one checkpoint.

        `at_ms` is the present time, for a checkpoint that must be signed anew.
        """
        return await self._store.read_written(
            lambda db: self.prove_written(db, positions, at_ms=at_ms)
        )

    def prove_written(
        self, db: Transaction, positions: Sequence[int], *, at_ms: int
    ) -> list[LogProof]:
        """Do so in the `then` of a write or in `read_written`: never inside a transaction."""
        if not positions:
            return []
        size, note = self._checkpoint(db, max(positions) + 1, at_ms)
        read = self._reader(db)
        return [
            LogProof(
                leaf=log_store.leaf(db, self.number, position),
                index=position,
                path=tuple(log.inclusion_path(position, size, read)),
                checkpoint=note,
            )
            for position in positions
        ]

    def _checkpoint(self, db: Transaction, at_least: int, at_ms: int) -> tuple[int, bytes]:
        if self._latest[0] < at_least or not self._latest[1]:
            size = log_store.size(db, self.number)
            root = log.root(size, self._reader(db))
            checkpoint = Checkpoint(self.origin, size, root)
            self._latest = (size, sign_checkpoint(checkpoint, self.signer, at_ms // 1000))
        return self._latest

    def _reader(self, db: Transaction) -> log.NodeReader:
        """Return a reader of committed nodes that knows the last ones: proofs share most."""
        read, known = log_store.reader(db, self.number), self._nodes

        def read_once(level: int, index: int) -> bytes:
            node = known.get((level, index))
            if node is None:
                if len(known) >= NODES_IN_MEMORY:
                    known.clear()
                node = known[level, index] = read(level, index)
            return node

        return read_once

    async def checkpoint(self, *, at_ms: int) -> bytes:
        """Return a signed checkpoint over all committed leaves."""

        def job(db: Transaction) -> bytes:
            return self._checkpoint(db, log_store.size(db, self.number), at_ms)[1]

        return await self._store.read_written(job)

    async def leaves(self, *, start: int, count: int) -> tuple[int, int, list[bytes]]:
        """Return the log's size, a position, and the leaves from there on.

        A negative `start` means the last `count` leaves.
        """

        def job(db: Transaction) -> tuple[int, int, list[bytes]]:
            size = log_store.size(db, self.number)
            first = max(0, size - count) if start < 0 else start
            return size, first, log_store.leaves(db, self.number, first, first + count)

        return await self._store.read(job)
