"""The node's log: append a leaf, prove leaves.

Order of writes (SPEC.md section 5): a leaf is appended inside the transaction of
what it is about; once that is durable, a checkpoint is signed over all that is
there; then proofs go out. Invariants:

- `prove` reads committed data only, so no proof leaves before its leaf is durable.
- Whoever asks for proofs at the same moment shares one checkpoint.
- Signing again at the same size signs the same root: a crash cannot make a fork.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from node.store import log_store
from node.store.db import Store, Transaction
from protocol import log
from protocol.log import Leaf, LeafKind
from protocol.notes import Checkpoint, sign_checkpoint
from protocol.suite import LogSigner
from protocol.values import LogProof

_Waiting = tuple[tuple[int, ...], "asyncio.Future[list[LogProof]]"]


class LogBook:
    """The log number `number` of this node, with the keys that sign it."""

    def __init__(self, *, store: Store, signer: LogSigner, origin: str, number: int) -> None:
        """Make a log book over the store's tables; `signer` signs as `origin`."""
        self.signer = signer
        self.origin = origin
        self.number = number
        self._store = store
        self._latest = (0, b"")
        self._waiting: list[_Waiting] = []
        self._prover: asyncio.Task[None] | None = None

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
        future: asyncio.Future[list[LogProof]] = asyncio.get_running_loop().create_future()
        self._waiting.append((tuple(positions), future))
        if self._prover is None or self._prover.done():
            self._prover = asyncio.create_task(self._prove_waiting(at_ms))
        return await future

    def prove_in_job(
        self, db: Transaction, positions: Sequence[int], *, at_ms: int
    ) -> list[LogProof]:
        """Return proofs within a read job, which sees committed leaves only."""
        return self._prove(db, wanted=[tuple(positions)], at_ms=at_ms)[0] if positions else []

    async def _prove_waiting(self, at_ms: int) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            wanted = [positions for positions, _ in batch]
            try:
                proofs = await self._store.read(partial(self._prove, wanted=wanted, at_ms=at_ms))
            except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), result in zip(batch, proofs, strict=True):
                if not future.done():
                    future.set_result(result)

    def _prove(
        self, db: Transaction, *, wanted: list[tuple[int, ...]], at_ms: int
    ) -> list[list[LogProof]]:
        highest = max((max(positions) for positions in wanted if positions), default=-1)
        size, note = self._checkpoint(db, highest + 1, at_ms)
        read = log_store.reader(db, self.number)
        return [
            [
                LogProof(
                    leaf=log_store.leaf(db, self.number, position),
                    index=position,
                    path=tuple(log.inclusion_path(position, size, read)),
                    checkpoint=note,
                )
                for position in positions
            ]
            for positions in wanted
        ]

    def _checkpoint(self, db: Transaction, at_least: int, at_ms: int) -> tuple[int, bytes]:
        if self._latest[0] < at_least or not self._latest[1]:
            size = log_store.size(db, self.number)
            root = log.root(size, log_store.reader(db, self.number))
            checkpoint = Checkpoint(self.origin, size, root)
            self._latest = (size, sign_checkpoint(checkpoint, self.signer, at_ms // 1000))
        return self._latest

    async def checkpoint(self, *, at_ms: int) -> bytes:
        """Return a signed checkpoint over all committed leaves."""

        def job(db: Transaction) -> bytes:
            return self._checkpoint(db, log_store.size(db, self.number), at_ms)[1]

        return await self._store.read(job)

    async def leaves(self, *, start: int, count: int) -> tuple[int, int, list[bytes]]:
        """Return the log's size, a position, and the leaves from there on.

        A negative `start` means the last `count` leaves.
        """

        def job(db: Transaction) -> tuple[int, int, list[bytes]]:
            size = log_store.size(db, self.number)
            first = max(0, size - count) if start < 0 else start
            return size, first, log_store.leaves(db, self.number, first, first + count)

        return await self._store.read(job)
