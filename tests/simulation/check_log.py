"""What must hold of a node's log: of its rows, of its hashes, of what others were given.

Each check yields a sentence for everything that is wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from node.store import log_store, messages
from protocol import log
from protocol.errors import PeerError
from protocol.evidence import descriptor_subject
from protocol.log import Leaf, LeafKind
from protocol.notes import parse_checkpoint, verify_checkpoint
from tests.simulation.books import LOG_NUMBER, Books
from tests.simulation.wiretap import Seen

Entry = tuple[LeafKind, bytes, int]
# Kinds of which the tables say exactly which leaves there must be.
RECORDED = (
    LeafKind.SENT,
    LeafKind.RECEIVED,
    LeafKind.REFUSED,
    LeafKind.ATTACHMENTS,
    LeafKind.DESCRIPTOR,
    LeafKind.DIRECTORY,
    LeafKind.SEEN,
)


def tables_have_leaves(books: Books, *, is_said_twice: bool = False) -> Iterator[str]:
    """Each row that stands for a leaf has it, and no leaf is without its row.

    If `is_said_twice`, an answer may have been logged again, since its first date was wrong.
    """
    expected = dict(_entries(books))
    found = {
        position: (leaf.kind, leaf.subject, leaf.code)
        for position, leaf in enumerate(books.leaves())
        if leaf.kind in RECORDED
    }
    for position in sorted(expected.keys() | found.keys()):
        row, leaf = expected.get(position), found.get(position)
        if is_said_twice and row is None and leaf in expected.values():
            continue
        if row != leaf:
            yield f"{books.name}: the log has {_name(leaf)} at {position}, the tables {_name(row)}"


def _entries(books: Books) -> Iterator[tuple[int, Entry]]:
    for envelope in books.envelopes(messages.OUT):
        yield envelope.log_position, (LeafKind.SENT, envelope.envelope_id, 0)
    for envelope in books.envelopes(messages.IN):
        yield envelope.log_position, (LeafKind.RECEIVED, envelope.envelope_id, 0)
    for envelope_id, code, position in books.refusals():
        yield position, (LeafKind.REFUSED, envelope_id, code)
    for whole in books.attachment_sets(messages.IN):
        if whole.log_position is not None:
            yield whole.log_position, (LeafKind.ATTACHMENTS, whole.envelope_id, 0)
    for row in books.seen():
        yield row.log_position, (LeafKind.SEEN, row.checkpoint, 0)
    for row in books.directories():
        yield row.log_position, (LeafKind.DIRECTORY, row.subject, 0)
    for descriptor, position in books.own_descriptors():
        yield position, (LeafKind.DESCRIPTOR, descriptor_subject(descriptor), 0)


def _name(entry: Entry | None) -> str:
    return "nothing" if entry is None else f"{entry[0].name} {entry[1].hex()[:8]} {entry[2]}"


def what_was_shown_is_there(books: Books, seen: Seen) -> Iterator[str]:
    """Every leaf of which a proof has left stands where the proof said."""
    leaves = books.leaf_bytes()
    for index, leaf in seen.leaves.items():
        if index >= len(leaves) or leaves[index] != leaf:
            yield f"{books.name}: leaf {index}, of which a proof has left, is not in the log"


def checkpoints_are_of_one_tree(books: Books, seen: Seen) -> Iterator[str]:
    """Every checkpoint that has left is well signed, and a prefix of the present log."""
    read = log_store.reader(books.db, LOG_NUMBER)
    hashes = [log.leaf_hash(leaf) for leaf in books.leaf_bytes()]
    roots: dict[int, bytes] = {}
    for note in seen.checkpoints:
        checkpoint = parse_checkpoint(note).checkpoint
        try:
            verify_checkpoint(
                note, origin=books.key.origin, ed25519=books.key.ed25519, mldsa44=books.key.mldsa44
            )
        except PeerError as error:
            yield f"{books.name}: checkpoint of size {checkpoint.size}: {error}"
        if roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            yield f"{books.name}: two roots were signed at size {checkpoint.size}"
        if checkpoint.size > len(hashes) or checkpoint.root != root_of(hashes[: checkpoint.size]):
            yield f"{books.name}: the root signed at size {checkpoint.size} is not that of the log"
    yield from _unproven_growth(books.name, roots, read, len(hashes))


def _unproven_growth(
    name: str, roots: dict[int, bytes], read: log.NodeReader, size: int
) -> Iterator[str]:
    sizes = sorted(known for known in roots if 0 < known <= size)
    for old, new in itertools.pairwise(sizes):
        path = log.consistency_path(old, new, read)
        if not log.verify_consistency(old, new, roots[old], roots[new], path):
            yield f"{name}: sizes {old} and {new} are not consistent"


def root_of(hashes: list[bytes]) -> bytes:
    """Return the root over leaf hashes, straight from the definition (RFC 6962 2.1)."""
    if not hashes:
        return log.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return log.node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def leaf_at(books: Books, position: int) -> Leaf:
    """Return one leaf."""
    return log.parse_leaf(log_store.leaf(books.db, LOG_NUMBER, position))
