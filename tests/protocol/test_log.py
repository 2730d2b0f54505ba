"""The Merkle log against the recursive definitions of RFC 6962, and its leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import limits, log
from protocol.errors import PeerError, RefusalCode

LARGEST = 300
SIZES = st.integers(min_value=1, max_value=LARGEST)
NODE_COUNT_OF_A_LARGE_LOG = 40


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


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split_of(count: int) -> int:
    split = 1
    while split * 2 < count:
        split *= 2
    return split


def mth(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = split_of(len(hashes))
    return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:]))


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


@given(size=st.integers(min_value=0, max_value=LARGEST))
@example(size=0)
def test_root_is_the_recursive_definition(size: int) -> None:
    made = tree()
    assert log.root(size, made.read) == mth(made.hashes[:size])


def test_empty_root_is_the_hash_of_nothing() -> None:
    assert log.root(0, tree().read) == log.EMPTY_ROOT == sha256(b"")


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


@given(size=SIZES, choice=st.integers(min_value=0))
def test_inclusion_path_is_the_recursive_definition_and_verifies(size: int, choice: int) -> None:
    made, index = tree(), choice % size
    made_path = log.inclusion_path(index, size, made.read)
    assert made_path == path(index, made.hashes[:size])
    assert log.verify_inclusion(
        index, size, made.hashes[index], made_path, log.root(size, made.read)
    )


@given(new=SIZES, choice=st.integers(min_value=0))
def test_consistency_path_is_the_recursive_definition_and_verifies(new: int, choice: int) -> None:
    made, old = tree(), 1 + choice % new
    proof = log.consistency_path(old, new, made.read)
    assert proof == subproof(old, made.hashes[:new], is_known=True)
    roots = log.root(old, made.read), log.root(new, made.read)
    assert log.verify_consistency(old, new, *roots, proof)


def test_every_pair_of_small_sizes_is_consistent() -> None:
    made = tree()
    for new in range(1, 34):
        for old in range(1, new + 1):
            proof = log.consistency_path(old, new, made.read)
            roots = log.root(old, made.read), log.root(new, made.read)
            assert log.verify_consistency(old, new, *roots, proof), (old, new)


def test_proofs_of_the_example_in_rfc_6962() -> None:
    made = tree()
    a, b, c, d, _, _, j = made.hashes[:7]
    f, g, h, i = (made.nodes[level, at] for level, at in ((0, 5), (1, 0), (1, 1), (1, 2)))
    k = made.nodes[2, 0]
    last_three = log.node_hash(i, j)
    assert log.inclusion_path(0, 7, made.read) == [b, h, last_three]
    assert log.inclusion_path(3, 7, made.read) == [c, g, last_three]
    assert log.inclusion_path(4, 7, made.read) == [f, j, k]
    assert log.inclusion_path(6, 7, made.read) == [i, k]
    assert log.consistency_path(3, 7, made.read) == [c, d, g, last_three]
    assert log.consistency_path(4, 7, made.read) == [last_three]
    assert log.consistency_path(6, 7, made.read) == [i, j, k]
    assert log.inclusion_path(1, 7, made.read)[0] == a


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
        assert len(asked) == len(set(asked)) <= NODE_COUNT_OF_A_LARGE_LOG


MISUSE: dict[str, Callable[[log.NodeReader], object]] = {
    "index equals size": lambda read: log.inclusion_path(5, 5, read),
    "negative index": lambda read: log.inclusion_path(-1, 5, read),
    "shrinking log": lambda read: log.consistency_path(6, 5, read),
    "negative old size": lambda read: log.consistency_path(-1, 5, read),
    "negative size": lambda read: log.root(-1, read),
    "append to negative size": lambda read: log.nodes_added(-1, bytes(32), read),
    "leaf instead of its hash": lambda read: log.nodes_added(0, bytes(60), read),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_by_our_own_code_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match=r"size|index"):
        MISUSE[name](tree().read)


def test_consistency_with_nothing_needs_no_proof() -> None:
    assert log.consistency_path(0, 9, tree().read) == []


# Refusing inclusion


@given(size=SIZES, choice=st.integers(min_value=0), bit=st.integers(0, 70 * 256))
def test_any_changed_bit_of_an_inclusion_proof_is_refused(size: int, choice: int, bit: int) -> None:
    made, index = tree(), choice % size
    parts = [made.hashes[index], log.root(size, made.read)]
    parts += log.inclusion_path(index, size, made.read)
    at = bit // 256 % len(parts)
    parts[at] = flipped(parts[at], bit % 256)
    assert not log.verify_inclusion(index, size, parts[0], parts[2:], parts[1])


@given(size=st.integers(2, LARGEST), choice=st.integers(0), other=st.integers(0))
def test_proof_for_another_index_is_refused(size: int, choice: int, other: int) -> None:
    made, index = tree(), choice % size
    wrong = (index + 1 + other % (size - 1)) % size
    proof = log.inclusion_path(index, size, made.read)
    root = log.root(size, made.read)
    assert not log.verify_inclusion(wrong, size, made.hashes[index], proof, root)
    assert not log.verify_inclusion(index, size, made.hashes[wrong], proof, root)


@given(size=SIZES, other=SIZES, choice=st.integers(min_value=0))
def test_proof_for_another_size_is_refused(size: int, other: int, choice: int) -> None:
    made, index = tree(), choice % size
    proof = log.inclusion_path(index, size, made.read)
    held = log.verify_inclusion(index, other, made.hashes[index], proof, log.root(other, made.read))
    assert held == (other == size)


@given(size=SIZES, choice=st.integers(min_value=0), at=st.integers(min_value=0))
def test_proof_with_a_node_too_many_or_too_few_is_refused(size: int, choice: int, at: int) -> None:
    made, index = tree(), choice % size
    proof = log.inclusion_path(index, size, made.read)
    leaf, root = made.hashes[index], log.root(size, made.read)
    place = at % (len(proof) + 1)
    longer = [*proof[:place], proof[place - 1] if proof else root, *proof[place:]]
    assert not log.verify_inclusion(index, size, leaf, longer, root)
    if place < len(proof):
        shorter = proof[:place] + proof[place + 1 :]
        assert not log.verify_inclusion(index, size, leaf, shorter, root)


def test_index_outside_the_tree_is_refused() -> None:
    made = tree()
    leaf = made.hashes[0]
    for index, size in ((1, 1), (2**64 - 1, 1), (-1, 1), (0, 0), (0, -1)):
        assert not log.verify_inclusion(index, size, leaf, [], leaf)


def test_bytes_moved_between_neighbours_are_refused() -> None:
    made = tree()
    left, right = made.hashes[:2]
    root = log.root(2, made.read)
    assert log.node_hash(left + right[:1], right[1:]) == root
    assert not log.verify_inclusion(1, 2, right[1:], [left + right[:1]], root)
    assert not log.verify_inclusion(0, 2, left + right[:1], [right[1:]], root)


def test_inner_node_cannot_pose_as_a_leaf() -> None:
    made = tree()
    node_as_leaf = made.hashes[0] + made.hashes[1]
    assert log.leaf_hash(node_as_leaf) != made.nodes[1, 0]
    proof = [made.nodes[1, 1]]
    root = log.root(4, made.read)
    assert not log.verify_inclusion(0, 2, log.leaf_hash(node_as_leaf), proof, root)


def test_path_longer_than_the_limit_is_refused_before_it_is_hashed() -> None:
    class Counted(bytes):
        def __len__(self) -> int:
            raise AssertionError("looked at")

    too_long = [Counted(32)] * (limits.PROOF_HASHES + 1)
    assert not log.verify_inclusion(0, 2**62, bytes(32), too_long, bytes(32))
    assert not log.verify_consistency(1, 2**62, bytes(32), bytes(32), too_long)


# Refusing consistency


@given(new=st.integers(2, LARGEST), choice=st.integers(0), bit=st.integers(0, 70 * 256))
def test_any_changed_bit_of_a_consistency_proof_is_refused(new: int, choice: int, bit: int) -> None:
    made, old = tree(), 1 + choice % (new - 1)
    parts = [log.root(old, made.read), log.root(new, made.read)]
    parts += log.consistency_path(old, new, made.read)
    at = bit // 256 % len(parts)
    parts[at] = flipped(parts[at], bit % 256)
    assert not log.verify_consistency(old, new, parts[0], parts[1], parts[2:])


@given(new=st.integers(3, LARGEST), choice=st.integers(0), other=st.integers(0))
def test_proof_for_another_old_size_is_refused(new: int, choice: int, other: int) -> None:
    made, old = tree(), 1 + choice % (new - 1)
    wrong = 1 + (old + other % (new - 2)) % (new - 1)
    proof = log.consistency_path(old, new, made.read)
    roots = log.root(old, made.read), log.root(new, made.read)
    assert not log.verify_consistency(wrong, new, *roots, proof)


@given(new=st.integers(2, 100), choice=st.integers(0), at=st.integers(0))
def test_forked_log_is_never_consistent(new: int, choice: int, at: int) -> None:
    old = 1 + choice % (new - 1)
    honest, fork = tree(), tree(100, forked_at=at % old)
    for source in (honest, fork):
        proof = log.consistency_path(old, new, source.read)
        roots = log.root(old, honest.read), log.root(new, fork.read)
        assert not log.verify_consistency(old, new, *roots, proof)


def test_same_size_with_another_root_is_a_fork() -> None:
    honest, fork = log.root(9, tree().read), log.root(9, tree(100, forked_at=4).read)
    assert log.verify_consistency(9, 9, honest, honest, [])
    assert not log.verify_consistency(9, 9, honest, fork, [])
    assert not log.verify_consistency(9, 9, honest, honest, [honest])


def test_shrinking_or_empty_log_shows_nothing() -> None:
    made = tree()
    proof = log.consistency_path(5, 9, made.read)
    five, nine = log.root(5, made.read), log.root(9, made.read)
    assert not log.verify_consistency(9, 5, nine, five, proof)
    assert not log.verify_consistency(0, 9, log.EMPTY_ROOT, nine, [])
    assert not log.verify_consistency(0, 0, log.EMPTY_ROOT, log.EMPTY_ROOT, [])
    assert not log.verify_consistency(5, 9, five, nine, [])


# Leaves

SENT = log.Leaf(kind=log.LeafKind.SENT, at_ms=1_700_000_000_123, nonce=b"n" * 16, subject=b"s" * 32)
CODES = {log.LeafKind.REFUSED: 307}


def test_leaf_has_the_layout_of_the_specification() -> None:
    assert SENT.encode().hex() == "010100000000018bcfe5687b" + "6e" * 16 + "73" * 32
    refused = log.Leaf(
        kind=log.LeafKind.REFUSED, code=307, at_ms=1, nonce=bytes(16), subject=bytes(32)
    )
    assert refused.encode().hex() == "010301330000000000000001" + "00" * 48
    assert log.leaf_hash(SENT.encode()) == sha256(b"\0" + SENT.encode())


@given(
    kind=st.sampled_from(log.LeafKind),
    at_ms=st.integers(0, log.MAX_INTEGER),
    nonce=st.binary(min_size=16, max_size=16),
    subject=st.binary(min_size=32, max_size=32),
)
def test_leaf_reads_back(kind: log.LeafKind, at_ms: int, nonce: bytes, subject: bytes) -> None:
    leaf = log.Leaf(kind=kind, at_ms=at_ms, nonce=nonce, subject=subject, code=CODES.get(kind, 0))
    assert len(leaf.encode()) == limits.LEAF_BYTES
    assert log.parse_leaf(leaf.encode()) == leaf


@given(data=st.binary(min_size=60, max_size=60))
def test_leaf_that_reads_has_one_encoding(data: bytes) -> None:
    data = b"\x01" + data[1:]
    try:
        leaf = log.parse_leaf(data)
    except PeerError as error:
        assert error.code is RefusalCode.LEAF_MALFORMED
    else:
        assert leaf.encode() == data


@pytest.mark.parametrize(
    ("at", "replacement"),
    [
        pytest.param(0, b"\x00", id="version 0"),
        pytest.param(0, b"\x02", id="version 2"),
        pytest.param(1, b"\x00", id="kind 0"),
        pytest.param(1, b"\x0b", id="unknown kind"),
        pytest.param(1, b"\x03", id="refusal without a code"),
        pytest.param(2, b"\x01\x33", id="code on a message"),
        pytest.param(4, b"\x80", id="time over 2^63 - 1"),
        pytest.param(60, b"\x00", id="trailing byte"),
    ],
)
def test_malformed_leaf_is_refused(at: int, replacement: bytes) -> None:
    good = SENT.encode()
    with pytest.raises(PeerError) as refusal:
        log.parse_leaf(good[:at] + replacement + good[at + len(replacement) :])
    assert refusal.value.code is RefusalCode.LEAF_MALFORMED


@pytest.mark.parametrize("length", [0, 1, 59])
def test_truncated_leaf_is_refused(length: int) -> None:
    with pytest.raises(PeerError) as refusal:
        log.parse_leaf(SENT.encode()[:length])
    assert refusal.value.code is RefusalCode.LEAF_MALFORMED
