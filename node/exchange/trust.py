"""Whom this node trusts: the directory in force, its own epochs, the keys it has met.

Which of a member's log keys count for what arrives now is decided here, for envelopes,
answers and descriptors alike: those that the directory names, that it does not call
stolen, and that were good when the message was made. When the directory has been expired
for longer than the time of grace, nobody can know any more who was admitted or revoked
since: then only keys that this node has met before count. What is known goes on, since
an urgent referral to a known peer must not fail for a late secretariat.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from keys.directory import Directory, Freshness
from keys.epochs import EpochStore
from keys.members import LogKeyRecord
from node.store import met_keys
from node.store.db import Store
from protocol import limits
from protocol.envelope import verify_answer
from protocol.ids import NodeId
from protocol.log import LeafKind, parse_leaf
from protocol.notes import RecentCheckpoints, VerifiedLeaf
from protocol.values import LogProof


class MetKeys:
    """The peers' log keys under which something was proven to this node.

    Threads may call `meet`. What is new is stored by and by: a crash forgets the last
    minute, and whoever is still there is met again.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._known: set[bytes] = set()
        self._new: set[bytes] = set()

    def __contains__(self, key_id: bytes) -> bool:
        return key_id in self._known

    def meet(self, key_id: bytes) -> None:
        """Note that something was proven under this key."""
        if key_id not in self._known:
            self._new.add(key_id)
            self._known.add(key_id)

    async def load(self, store: Store) -> None:
        """Add those that are stored."""
        self._known |= await store.read(met_keys.ids)

    async def keep(self, store: Store, now_ms: int) -> None:
        """Store those that are not stored yet."""
        new = list(self._new)
        if new:
            await store.write(lambda db: met_keys.add(db, new, at_ms=now_ms))
            self._new.difference_update(new)


@dataclass(slots=True)
class Trust:
    """The directory and the encryption epochs in force; replaced as they change."""

    directory: Directory
    epochs: EpochStore
    directory_grace_ms: int = limits.DIRECTORY_GRACE_MS
    checked: RecentCheckpoints = field(default_factory=lambda: RecentCheckpoints(256))
    met: MetKeys = field(default_factory=MetKeys)

    def freshness(self, now_ms: int) -> Freshness:
        """Return how far to rely on the directory now."""
        return self.directory.freshness(now_ms, self.directory_grace_ms)

    def usable_keys(
        self, node_id: NodeId, *, made_at_ms: int, now_ms: int
    ) -> tuple[LogKeyRecord, ...]:
        """Return the member's log keys under which something made at that time is taken now."""
        keys = self.directory.usable_keys(node_id, made_at_ms)
        if self.freshness(now_ms) is not Freshness.STALE:
            return keys
        return tuple(key for key in keys if key.key_id in self.met)

    def verify_answer(
        self,
        peer: NodeId,
        proof: LogProof,
        kind: LeafKind,
        subject: bytes,
        *,
        now_ms: int,
        code: int = 0,
    ) -> VerifiedLeaf:
        """Check that the peer's log holds a leaf that says just this, under a key that counts.

        Raises:
            PeerError: UNKNOWN_LOG_KEY, LEAF_MISMATCH or a code of `notes.verify_proof`.
        """
        made_at_ms = parse_leaf(proof.leaf).at_ms
        keys = self.usable_keys(peer, made_at_ms=made_at_ms, now_ms=now_ms)
        key, verified = verify_answer(proof, keys, kind, subject, code=code, checked=self.checked)
        self.met.meet(key.key_id)
        return verified
