"""The node's log: append a leaf, prove leaves.

Order of writes (SPEC.md section 5): a leaf is appended inside the transaction of
what it is about; once that is durable, a checkpoint is signed over all that is
there; then proofs go out. Invariants:

- Proofs are made of committed data only, so none leaves before its leaf is durable.
- Proofs are made on the writer's connection, so one at a time; a checkpoint serves
  all the leaves that it covers.
- Signing again at the same size signs the same root: a crash cannot make a fork.
- A signature that goes out is not older than `limits.CHECKPOINT_FRESH_MS`.

Signing takes as long as the commit. So it begins beside it, for the tree that the
commit will make; what comes of it is used only if just that tree was committed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from node.store import log_store
from node.store.db import Store, Transaction
from protocol import limits, log
from protocol.log import Leaf, LeafKind
from protocol.notes import Checkpoint, sign_checkpoint
from protocol.suite import LogSigner
from protocol.values import LogProof

NODES_IN_MEMORY = 2048
# Leaves of these kinds are proven as soon as they are durable.
_PROVEN_AT_ONCE = frozenset(
    {LeafKind.SENT, LeafKind.RECEIVED, LeafKind.REFUSED, LeafKind.ATTACHMENTS}
)

Entry = tuple[int, int]
"""Number of one of this node's logs, and a position in it."""
Note = Callable[[], bytes]
"""Returns a signed checkpoint, made now or already."""
Begin = Callable[[Note], Note]
"""Begins to make one; what it returns waits for it."""


class _Signed(NamedTuple):
    """A signed checkpoint, and when that was."""

    size: int
    note: bytes
    at_ms: int


class _Ahead(NamedTuple):
    """A checkpoint that was begun to be signed, and when that was."""

    checkpoint: Checkpoint
    note: Note
    at_ms: int


class LogBook:
    """The log number `number` of this node, with the keys that sign it."""

    def __init__(
        self, *, store: Store, signer: LogSigner, origin: str, number: int, begin: Begin
    ) -> None:
        """Make a log book over the store's tables; `signer` signs as `origin`."""
        self.signer = signer
        self.origin = origin
        self.number = number
        self._store = store
        self._begin = begin
        self._latest = _Signed(0, b"", 0)
        self._ahead: _Ahead | None = None
        self._grown_at_ms: int | None = None
        self._nodes: dict[tuple[int, int], bytes] = {}
        store.before_commit = self._sign_ahead

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
        if kind in _PROVEN_AT_ONCE:
            self._grown_at_ms = at_ms
        # What was begun is of a smaller tree, or of one that was not committed.
        self._ahead = None
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
        latest = self._latest
        # The same tree is signed anew as well: by its time peers compare their clocks.
        if latest.size < at_least or not latest.note or _is_old(latest.at_ms, at_ms):
            size = log_store.size(db, self.number)
            ahead = self._ahead
            if ahead is None or ahead.checkpoint.size != size or _is_old(ahead.at_ms, at_ms):
                checkpoint = Checkpoint(self.origin, size, log.root(size, self._reader(db)))
                ahead = _Ahead(checkpoint, self._note(checkpoint, at_ms), at_ms)
            latest = self._latest = _Signed(size, ahead.note(), ahead.at_ms)
        return latest.size, latest.note

    def _sign_ahead(self, db: Transaction) -> None:
        """Begin to sign the tree that the transaction is about to commit."""
        at_ms, self._grown_at_ms = self._grown_at_ms, None
        if at_ms is None:
            return
        size = log_store.size(db, self.number)
        # Not `_reader`: the commit may yet fail, and what it remembers is committed.
        root = log.root(size, log_store.reader(db, self.number))
        checkpoint = Checkpoint(self.origin, size, root)
        self._ahead = _Ahead(checkpoint, self._begin(self._note(checkpoint, at_ms)), at_ms)

    def _note(self, checkpoint: Checkpoint, at_ms: int) -> Note:
        return lambda: sign_checkpoint(checkpoint, self.signer, at_ms // 1000)

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


def _is_old(signed_at_ms: int, now_ms: int) -> bool:
    """Whether a signature is too old to go out; one of the future is, too: the clock was wrong."""
    return abs(now_ms - signed_at_ms) >= limits.CHECKPOINT_FRESH_MS
