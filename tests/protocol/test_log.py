"""The Merkle log against the recursive definitions of RFC 6962, and its leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits, log
from protocol.errors import PeerError, RefusalCode

LARGEST = 300
SIZES = st.integers(1, LARGEST)
CHOICES = st.integers(min_value=0)


@dataclass
class Tree:
    """Keeps what `nodes_added` returns; reading anything else is a KeyError."""

    hashes: list[bytes] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def append(self, leaf: bytes) -> None:
        hashed = log.leaf_hash(leaf)
        for level, index, node in log.nodes_added(len(self.hashes), hashed, self.read):
            assert (level, index) not in self.nodes
            self.nodes[level, index] = node
        self.hashes.append(hashed)

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def root(self, size: int) -> bytes:
        return log.root(size, self.read)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return log.inclusion_path(index, size, self.read)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return log.consistency_path(old, new, self.read)

    def is_consistent(self, old: int, new: int, proof: Sequence[bytes]) -> bool:
        return log.verify_consistency(old, new, self.root(old), self.root(new), proof)


@lru_cache
def tree(size: int = LARGEST, *, forked_at: int | None = None) -> Tree:
    made = Tree()
    for index in range(size):
        made.append(b"forged" if index == forked_at else b"leaf %d" % index)
    return made


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


# The oracle: RFC 6962 sections 2.1, 2.1.1 and 2.1.2 as they are written.


def split_of(count: int) -> int:
    split = 1
    while split * 2 < count:
        split *= 2
    return split


def mth(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = split_of(len(hashes))
    return hashlib.sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()


def path(m: int, hashes: Sequence[bytes]) -> list[bytes]:
    if len(hashes) == 1:
        return []
    k = split_of(len(hashes))
    if m < k:
        return [*path(m, hashes[:k]), mth(hashes[k:])]
    return [*path(m - k, hashes[k:]), mth(hashes[:k])]


def subproof(m: int, hashes: Sequence[bytes], *, is_known: bool) -> list[bytes]:
    if m == len(hashes):
        return [] if is_known else [mth(hashes)]
    k = split_of(len(hashes))
    if m <= k:
        return [*subproof(m, hashes[:k], is_known=is_known), mth(hashes[k:])]
    return [*subproof(m - k, hashes[k:], is_known=False), mth(hashes[:k])]


# Making roots and paths


@given(size=st.integers(0, LARGEST))
def test_root_is_the_recursive_definition(size: int) -> None:
    made = tree()
    assert made.root(size) == mth(made.hashes[:size])
    assert made.root(0) == log.EMPTY_ROOT == mth([])


def test_appending_adds_each_complete_subtree_once_and_nothing_else() -> None:
    growing = Tree()
    for size in range(1, 70):
        growing.append(b"leaf %d" % (size - 1))
        complete = {
            (level, index): mth(growing.hashes[index << level : (index + 1) << level])
            for level in range(size.bit_length())
            for index in range(size >> level)
        }
        assert growing.nodes == complete


@given(size=SIZES, choice=CHOICES)
def test_inclusion_path_is_the_recursive_definition_and_verifies(size: int, choice: int) -> None:
    made, index = tree(), choice % size
    made_path = made.inclusion(index, size)
    assert made_path == path(index, made.hashes[:size])
    assert log.verify_inclusion(index, size, made.hashes[index], made_path, made.root(size))


@given(new=SIZES, choice=CHOICES)
def test_consistency_path_is_the_recursive_definition_and_verifies(new: int, choice: int) -> None:
    made, old = tree(), 1 + choice % new
    proof = made.consistency(old, new)
    assert proof == subproof(old, made.hashes[:new], is_known=True)
    assert made.is_consistent(old, new, proof)


def test_every_pair_of_small_sizes_is_consistent() -> None:
    made = tree()
    for new in range(1, 34):
        for old in range(1, new + 1):
            assert made.is_consistent(old, new, made.consistency(old, new)), (old, new)


def test_proofs_of_the_example_in_rfc_6962() -> None:
    made = tree()
    _, b, c, d, _, f, j = made.hashes[:7]
    g, h, i, k = (made.nodes[at] for at in ((1, 0), (1, 1), (1, 2), (2, 0)))
    last_three = log.node_hash(i, j)
    assert made.inclusion(0, 7) == [b, h, last_three]
    assert made.inclusion(3, 7) == [c, g, last_three]
    assert made.inclusion(4, 7) == [f, j, k]
    assert made.inclusion(6, 7) == [i, k]
    assert made.consistency(3, 7) == [c, d, g, last_three]
    assert made.consistency(4, 7) == [last_three]
    assert made.consistency(6, 7) == [i, j, k]


@pytest.mark.parametrize("size", [2**20, 2**20 - 1, 2**20 + 1, 699_050, 1_000_003])
def test_path_in_a_large_log_takes_few_reads(size: int) -> None:
    asked: list[tuple[int, int]] = []

    def read(level: int, index: int) -> bytes:
        assert (index + 1) << level <= size
        asked.append((level, index))
        return bytes(32)

    for make in (
        lambda: log.inclusion_path(size // 3, size, read),
        lambda: log.inclusion_path(size - 1, size, read),
        lambda: log.consistency_path(size // 3, size, read),
        lambda: log.root(size, read),
    ):
        asked.clear()
        make()
        assert len(asked) == len(set(asked)) <= 2 * size.bit_length()


@pytest.mark.parametrize(
    "misuse",
    [
        pytest.param(lambda read: log.inclusion_path(5, 5, read), id="index equals size"),
        pytest.param(lambda read: log.inclusion_path(-1, 5, read), id="negative index"),
        pytest.param(lambda read: log.consistency_path(6, 5, read), id="shrinking log"),
        pytest.param(lambda read: log.consistency_path(-1, 5, read), id="negative old size"),
        pytest.param(lambda read: log.root(-1, read), id="negative size"),
        pytest.param(lambda read: log.nodes_added(-1, bytes(32), read), id="append below nothing"),
        pytest.param(lambda read: log.nodes_added(0, bytes(60), read), id="leaf, not its hash"),
    ],
)
def test_misuse_by_our_own_code_is_a_value_error(misuse: Callable[[log.NodeReader], Any]) -> None:
    with pytest.raises(ValueError, match=r"size|index"):
        misuse(tree().read)


# Refusing inclusion


@given(size=SIZES, choice=CHOICES, bit=st.integers(0, 70 * 256))
def test_any_changed_bit_of_an_inclusion_proof_is_refused(size: int, choice: int, bit: int) -> None:
    made, index = tree(), choice % size
    parts = [made.hashes[index], made.root(size), *made.inclusion(index, size)]
    at = bit // 256 % len(parts)
    parts[at] = flipped(parts[at], bit % 256)
    assert not log.verify_inclusion(index, size, parts[0], parts[2:], parts[1])


@given(size=st.integers(2, LARGEST), choice=CHOICES, other=CHOICES)
def test_proof_for_another_index_is_refused(size: int, choice: int, other: int) -> None:
    made, index = tree(), choice % size
    wrong = (index + 1 + other % (size - 1)) % size
    proof, root = made.inclusion(index, size), made.root(size)
    assert not log.verify_inclusion(wrong, size, made.hashes[index], proof, root)
    assert not log.verify_inclusion(index, size, made.hashes[wrong], proof, root)


@given(size=SIZES, other=SIZES, choice=CHOICES)
def test_proof_for_another_size_is_refused(size: int, other: int, choice: int) -> None:
    made, index = tree(), choice % size
    proof = made.inclusion(index, size)
    held = log.verify_inclusion(index, other, made.hashes[index], proof, made.root(other))
    assert held == (other == size)


@given(size=SIZES, choice=CHOICES, at=CHOICES)
def test_proof_with_a_node_too_many_or_too_few_is_refused(size: int, choice: int, at: int) -> None:
    made, index = tree(), choice % size
    proof = made.inclusion(index, size)
    leaf, root = made.hashes[index], made.root(size)
    place = at % (len(proof) + 1)
    longer = [*proof[:place], proof[place - 1] if proof else root, *proof[place:]]
    assert not log.verify_inclusion(index, size, leaf, longer, root)
    if place < len(proof):
        del proof[place]
        assert not log.verify_inclusion(index, size, leaf, proof, root)


def test_index_outside_the_tree_is_refused() -> None:
    leaf = tree().hashes[0]
    for index, size in ((1, 1), (2**64 - 1, 1), (-1, 1), (0, 0), (0, -1)):
        assert not log.verify_inclusion(index, size, leaf, [], leaf)


def test_bytes_moved_between_neighbours_are_refused() -> None:
    made = tree()
    left, right = made.hashes[:2]
    root = made.root(2)
    assert log.node_hash(left + right[:1], right[1:]) == root
    assert not log.verify_inclusion(1, 2, right[1:], [left + right[:1]], root)
    assert not log.verify_inclusion(0, 2, left + right[:1], [right[1:]], root)


def test_inner_node_cannot_pose_as_a_leaf() -> None:
    made = tree()
    posing = log.leaf_hash(made.hashes[0] + made.hashes[1])
    assert not log.verify_inclusion(0, 2, posing, [made.nodes[1, 1]], made.root(4))


def test_proof_deeper_than_the_tree_is_refused() -> None:
    leaf, more = tree().hashes[:2]
    assert not log.verify_inclusion(0, 1, leaf, [more], log.node_hash(more, leaf))
    deepest = [more] * limits.PROOF_HASHES
    root = reduce(log.node_hash, deepest, leaf)
    assert log.verify_inclusion(0, 2**64, leaf, deepest, root)
    assert not log.verify_inclusion(0, 2**63, leaf, deepest, root)


def test_path_longer_than_the_limit_is_refused_before_it_is_hashed() -> None:
    class Counted(bytes):
        def __len__(self) -> int:
            raise AssertionError("looked at")

    too_long = [Counted(32)] * (limits.PROOF_HASHES + 1)
    assert not log.verify_inclusion(0, 2**62, bytes(32), too_long, bytes(32))
    assert not log.verify_consistency(1, 2**62, bytes(32), bytes(32), too_long)


# Refusing consistency


@given(new=st.integers(2, LARGEST), choice=CHOICES, bit=st.integers(0, 70 * 256))
def test_any_changed_bit_of_a_consistency_proof_is_refused(new: int, choice: int, bit: int) -> None:
    made, old = tree(), 1 + choice % (new - 1)
    parts = [made.root(old), made.root(new), *made.consistency(old, new)]
    at = bit // 256 % len(parts)
    parts[at] = flipped(parts[at], bit % 256)
    assert not log.verify_consistency(old, new, parts[0], parts[1], parts[2:])


@given(new=st.integers(3, LARGEST), choice=CHOICES, other=CHOICES)
def test_proof_for_another_old_size_is_refused(new: int, choice: int, other: int) -> None:
    made, old = tree(), 1 + choice % (new - 1)
    wrong = 1 + (old + other % (new - 2)) % (new - 1)
    roots = made.root(old), made.root(new)
    assert not log.verify_consistency(wrong, new, *roots, made.consistency(old, new))


@given(new=st.integers(2, 100), choice=CHOICES, at=CHOICES)
def test_forked_log_is_never_consistent(new: int, choice: int, at: int) -> None:
    old = 1 + choice % (new - 1)
    honest, fork = tree(), tree(100, forked_at=at % old)
    roots = honest.root(old), fork.root(new)
    for source in (honest, fork):
        assert not log.verify_consistency(old, new, *roots, source.consistency(old, new))


def test_same_size_with_another_root_is_a_fork() -> None:
    honest, fork = tree().root(9), tree(100, forked_at=4).root(9)
    assert log.verify_consistency(9, 9, honest, honest, [])
    assert not log.verify_consistency(9, 9, honest, fork, [])
    assert not log.verify_consistency(9, 9, honest, honest, [honest])


def test_consistency_proof_deeper_than_the_tree_is_refused() -> None:
    made = tree()
    more = made.hashes[9]
    proof = [*made.consistency(3, 4), more]
    old, new = (log.node_hash(more, made.root(size)) for size in (3, 4))
    assert not log.verify_consistency(3, 4, old, new, proof)


def test_shrinking_or_empty_log_shows_nothing() -> None:
    made = tree()
    proof = made.consistency(5, 9)
    assert made.consistency(0, 9) == []
    five, nine = made.root(5), made.root(9)
    assert not log.verify_consistency(9, 5, nine, five, proof)
    assert not log.verify_consistency(0, 9, log.EMPTY_ROOT, nine, [])
    assert not log.verify_consistency(0, 0, log.EMPTY_ROOT, log.EMPTY_ROOT, [])
    assert not log.verify_consistency(5, 9, five, nine, [])


# Leaves

SENT = log.Leaf(kind=log.LeafKind.SENT, at_ms=1_700_000_000_123, nonce=b"n" * 16, subject=b"s" * 32)


@pytest.mark.parametrize("kind", log.LeafKind)
@pytest.mark.parametrize("at_ms", [0, 1, 2**63 - 1])
def test_leaf_reads_back(kind: log.LeafKind, at_ms: int) -> None:
    code = 0xFFFF if kind is log.LeafKind.REFUSED else 0
    leaf = replace(SENT, kind=kind, code=code, at_ms=at_ms)
    assert len(leaf.encode()) == limits.LEAF_BYTES
    assert log.parse_leaf(leaf.encode()) == leaf


@pytest.mark.parametrize(
    "change",
    [
        {"kind": log.LeafKind.REFUSED},
        {"code": 307},
        {"kind": log.LeafKind.REFUSED, "code": -1},
        {"kind": log.LeafKind.REFUSED, "code": 0x10000},
        {"at_ms": -1},
        {"at_ms": 2**63},
        {"nonce": bytes(15)},
        {"subject": bytes(33)},
    ],
)
def test_leaf_that_no_peer_would_read_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"code|time|nonce"):
        replace(SENT, **change)


@given(at=st.integers(0, 59), mask=st.integers(1, 255))
def test_any_changed_byte_of_a_leaf_is_refused_or_read_as_it_stands(at: int, mask: int) -> None:
    changed = bytearray(SENT.encode())
    changed[at] ^= mask
    with suppress(PeerError):
        leaf = log.parse_leaf(bytes(changed))
        assert leaf != SENT
        assert leaf.encode() == changed


@pytest.mark.parametrize(
    ("at", "replacement"),
    [
        pytest.param(0, b"\x00", id="version 0"),
        pytest.param(0, b"\x02", id="version 2"),
        pytest.param(1, b"\x00", id="kind 0"),
        pytest.param(1, b"\x0c", id="unknown kind"),
        pytest.param(1, b"\x03", id="refusal without a code"),
        pytest.param(2, b"\x01\x33", id="code on a message"),
        pytest.param(4, b"\x80", id="time over 2^63 - 1"),
        pytest.param(60, b"\x00", id="trailing byte"),
        pytest.param(0, None, id="nothing"),
        pytest.param(59, None, id="truncated"),
    ],
)
def test_malformed_leaf_is_refused(at: int, replacement: bytes | None) -> None:
    good = SENT.encode()
    rest = b"" if replacement is None else replacement + good[at + len(replacement) :]
    with pytest.raises(PeerError) as refusal:
        log.parse_leaf(good[:at] + rest)
    assert refusal.value.code is RefusalCode.LEAF_MALFORMED
