"""Merkle tree and leaves of a node's log (RFC 6962 hashing, SHA-256).

Pure over a reader: the caller stores the hashes of the complete subtrees and
hands in a function that reads one; nothing here keeps a tree. What is not
complete yet (the ragged right edge) is computed when it is needed.

Rules:
- a node is (level, index): level 0 holds the leaf hashes, and the node covers
  the leaves from `index << level` up to `(index + 1) << level`;
- a stored node never changes, so `nodes_added` only ever adds;
- the two `verify_` functions take anything a peer sends and never raise.

What a leaf's subject means, and who signed the root, is for others (`notes`).
"""

from __future__ import annotations

import enum
import hashlib
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from protocol import limits
from protocol.errors import PeerError, RefusalCode

NodeReader = Callable[[int, int], bytes]
"""Hash of the complete subtree at (level, index); raises if it is not stored."""

HASH_BYTES = 32
NONCE_BYTES = 16
EMPTY_ROOT = hashlib.sha256(b"").digest()
# Sizes and times stay within what a signed 64-bit column of a database holds.
MAX_INTEGER = 2**63 - 1

_LEAF_VERSION = 1
_LEAF = struct.Struct(">BBHQ16s32s")


class LeafKind(enum.IntEnum):
    """What a leaf records (SPEC.md section 5); u8 in the leaf."""

    SENT = 1
    RECEIVED = 2
    REFUSED = 3
    ATTACHMENTS = 4
    DESCRIPTOR = 5
    DIRECTORY = 6
    ERASED = 7
    ACCESS = 8
    EXPORT = 9
    PADDING = 10
    SEEN = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One entry of a log: 60 bytes without anything a person could be found by.

    The nonce keeps two leaves about one thing from being recognised as equal.
    """

    kind: LeafKind
    at_ms: int
    nonce: bytes
    subject: bytes
    code: int = 0

    def __post_init__(self) -> None:
        # Both ways, so that a leaf that says why is a refusal, and every refusal says why.
        if (self.code != 0) != (self.kind == LeafKind.REFUSED):
            raise ValueError("a refusal, and nothing else, carries a code")
        if not 0 <= self.code <= 0xFFFF:
            raise ValueError("code has 16 bits")
        if not 0 <= self.at_ms <= MAX_INTEGER:
            raise ValueError("time is out of range")
        if len(self.nonce) != NONCE_BYTES or len(self.subject) != HASH_BYTES:
            raise ValueError("nonce has 16 bytes and subject 32")

    def encode(self) -> bytes:
        """Return the 60 bytes that are hashed."""
        return _LEAF.pack(_LEAF_VERSION, self.kind, self.code, self.at_ms, self.nonce, self.subject)


def parse_leaf(leaf: bytes) -> Leaf:
    """Read the 60 bytes of a leaf.

    Raises:
        PeerError: LEAF_MALFORMED.
    """
    if len(leaf) != limits.LEAF_BYTES:
        raise PeerError(RefusalCode.LEAF_MALFORMED, "length")
    version, kind, code, at_ms, nonce, subject = _LEAF.unpack(leaf)
    if version != _LEAF_VERSION:
        raise PeerError(RefusalCode.LEAF_MALFORMED, "version")
    try:
        return Leaf(kind=LeafKind(kind), code=code, at_ms=at_ms, nonce=nonce, subject=subject)
    except ValueError as error:
        raise PeerError(RefusalCode.LEAF_MALFORMED, "kind, code or time") from error


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf's bytes (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children (RFC 6962 2.1); the prefix keeps a node from posing as a leaf."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def nodes_added(size: int, leaf_hash: bytes, read: NodeReader) -> list[tuple[int, int, bytes]]:
    """Return what appending a leaf to a tree of `size` leaves adds, lowest first.

    That is the leaf itself and every subtree that it completes: two nodes on
    average. `read` is asked only for nodes that earlier appends returned.
    """
    if size < 0 or len(leaf_hash) != HASH_BYTES:
        raise ValueError("size or leaf hash")
    level, index, node = 0, size, leaf_hash
    added = [(level, index, node)]
    while index & 1:
        node = node_hash(read(level, index - 1), node)
        level, index = level + 1, index >> 1
        added.append((level, index, node))
    return added


def root(size: int, read: NodeReader) -> bytes:
    """Return the root of the first `size` leaves (RFC 6962 2.1)."""
    if size < 0:
        raise ValueError("size is negative")
    return _subtree(0, size, read) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, read: NodeReader) -> list[bytes]:
    """Return the audit path of leaf `index` in the first `size` leaves (RFC 6962 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("index is not in the tree")
    path = []
    level, node, last = 0, index, size - 1
    while last:
        sibling = node ^ 1
        if sibling < last:
            path.append(read(level, sibling))
        elif sibling == last:
            # The last node of a level may be incomplete, so it is not stored.
            path.append(_subtree(sibling << level, size, read))
        level, node, last = level + 1, node >> 1, last >> 1
    return path


def consistency_path(old: int, new: int, read: NodeReader) -> list[bytes]:
    """Return the proof that the first `old` of `new` leaves did not change (RFC 6962 2.1.2).

    It is empty for equal sizes, and for `old` 0, where there is nothing to prove
    (a witness that has seen nothing asks for exactly that: C2SP tlog-witness).
    """
    if not 0 <= old <= new:
        raise ValueError("sizes are not in order")
    path = []
    start, end = 0, new
    # SUBPROOF of RFC 6962 2.1.2 as a loop: [start, end) is the subtree that holds
    # the old tree's edge; the half without the edge goes into the path.
    while old and end != old:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if old <= middle:
            path.append(_subtree(middle, end, read))
            end = middle
        else:
            path.append(_subtree(start, middle, read))
            start = middle
    if start:
        # The verifier knows the old root, but not this part of the old tree.
        path.append(_subtree(start, end, read))
    path.reverse()
    return path


def verify_inclusion(
    index: int, size: int, leaf_hash: bytes, path: Sequence[bytes], root: bytes
) -> bool:
    """Say whether the path leads from the leaf at `index` to the root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size or len(leaf_hash) != HASH_BYTES or not _is_path(path):
        return False
    node, last, computed = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            node, last = _skip_levels_without_sibling(node, last)
        else:
            computed = node_hash(computed, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and computed == root


def verify_consistency(
    old: int, new: int, root_old: bytes, root_new: bytes, path: Sequence[bytes]
) -> bool:
    """Say whether the path shows that the old tree is a prefix of the new (RFC 9162 2.1.4.2).

    An empty old tree is refused, because it shows nothing: who has seen nothing
    of a log has no root to compare and must not ask.
    """
    if not 0 < old <= new or not _is_path(path):
        return False
    if old == new:
        return not path and root_old == root_new
    if not path:
        return False
    # Step 2: an old tree that is complete is itself the first node of the proof.
    nodes = path if old & (old - 1) else [root_old, *path]
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    computed_old = computed_new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed_old = node_hash(sibling, computed_old)
            computed_new = node_hash(sibling, computed_new)
            node, last = _skip_levels_without_sibling(node, last)
        else:
            computed_new = node_hash(computed_new, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and computed_old == root_old and computed_new == root_new


def _subtree(start: int, end: int, read: NodeReader) -> bytes:
    """Return the hash over leaves [start, end), a node that may lack its right part.

    The bits of its size are the complete subtrees it is made of, the largest
    leftmost; so they are folded from the right, the smallest first.
    """
    computed = b""
    left = end - start
    while left:
        level = (left & -left).bit_length() - 1
        node = read(level, (start + left >> level) - 1)
        computed = node_hash(node, computed) if computed else node
        left &= left - 1
    return computed


def _skip_levels_without_sibling(node: int, last: int) -> tuple[int, int]:
    """Go up while the last node of a level is a left child (RFC 9162, "until LSB is set").

    Such a node has no sibling; it is the parent's hash as it stands.
    """
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _is_path(path: Sequence[bytes]) -> bool:
    # The count first: it bounds the work. Without the length check, bytes could
    # move from one half of a node's preimage to the other.
    return len(path) <= limits.PROOF_HASHES and all(len(h) == HASH_BYTES for h in path)
