"""What both ends must be able to prove later: messages, receipts, complete attachments.

Each check yields a sentence for everything that is wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from node.store import log_store, messages
from node.store.attachments import SetRow
from node.store.envelopes import EnvelopeRow
from protocol import log
from protocol.attachment import BrokenAttachment, open_chunks
from protocol.envelope import Opening, check_opening, envelope_id, verify_leaf
from protocol.errors import PeerError
from protocol.log import LeafKind
from protocol.notes import seen_subject
from protocol.wire import parse_header, parse_log_proof
from tests.simulation.books import LOG_NUMBER, Books
from tests.simulation.check_log import leaf_at, root_of

AllBooks = Mapping[str, Books]


def accepted_envelopes_are_proven(all_books: AllBooks) -> Iterator[str]:
    """Both ends hold both proofs of every envelope that was accepted."""
    for books in all_books.values():
        root = _root_now(books)
        for row in books.envelopes(messages.IN):
            yield from _faults(row, partial(_check_in, books, all_books[row.peer], row))
            yield from _own_leaf(books, root, row, LeafKind.RECEIVED)
        for row in books.envelopes(messages.OUT):
            yield from _own_leaf(books, root, row, LeafKind.SENT)
            if row.peer_proof is not None and not row.code:
                yield from _faults(row, partial(_check_out, all_books[row.peer], row))


def receipts_are_kept(books: Books) -> Iterator[str]:
    """Each message that counts as received has the receipt for one of its envelopes."""
    proven = {
        (row.peer, row.message_id)
        for row in books.envelopes(messages.OUT)
        if row.peer_proof is not None and not row.code
    }
    for row in books.messages(messages.OUT):
        is_received = row.settled == messages.RECEIVED
        if is_received != ((row.peer, row.message_id) in proven):
            yield f"{books.name}: {row.message_id.hex()} is {row.settled}, its receipt says other"


def receipts_are_dated(books: Books) -> Iterator[str]:
    """The checkpoint of each proof that a node keeps of a peer's answer is logged as seen."""
    seen = {row.checkpoint for row in books.seen()}
    kept = [row.peer_proof for row in books.envelopes(messages.OUT)]
    kept += [whole.peer_proof for whole in books.attachment_sets(messages.OUT)]
    for proof in filter(None, kept):
        if seen_subject(parse_log_proof(proof).checkpoint) not in seen:
            yield f"{books.name}: keeps a proof under a checkpoint that it has not logged as seen"


def _check_in(books: Books, sender: Books, row: EnvelopeRow) -> None:
    header = parse_header(row.header)
    _check_id(row)
    verify_leaf(parse_log_proof(row.peer_proof or b""), sender.key, LeafKind.SENT, row.envelope_id)
    held = books.message(messages.IN, row.peer, row.message_id)
    if held is None:
        raise ValueError("the message is gone")
    if held.salt:
        check_opening(header, Opening(held.salt, held.payload))


def _check_out(recipient: Books, row: EnvelopeRow) -> None:
    _check_id(row)
    proof = parse_log_proof(row.peer_proof or b"")
    verify_leaf(proof, recipient.key, LeafKind.RECEIVED, row.envelope_id)


def _check_id(row: EnvelopeRow) -> None:
    if envelope_id(row.header, row.ciphertext_size, row.ciphertext_digest) != row.envelope_id:
        raise ValueError("the envelope's id is another")


def _faults(row: EnvelopeRow, check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except (PeerError, ValueError) as error:
        yield f"envelope {row.direction} with {row.peer}: {error}"


def _root_now(books: Books) -> tuple[int, bytes]:
    leaves = books.leaf_bytes()
    return len(leaves), root_of([log.leaf_hash(leaf) for leaf in leaves])


def _own_leaf(
    books: Books, root: tuple[int, bytes], row: EnvelopeRow, kind: LeafKind
) -> Iterator[str]:
    """The node can still prove its own leaf from the hashes that it keeps."""
    position, (size, expected) = row.log_position, root
    leaf = leaf_at(books, position)
    path = log.inclusion_path(position, size, log_store.reader(books.db, LOG_NUMBER))
    leaf_hash = log.leaf_hash(leaf.encode())
    is_included = log.verify_inclusion(position, size, leaf_hash, path, expected)
    if not is_included or (leaf.kind, leaf.subject) != (kind, row.envelope_id):
        yield f"{books.name}: cannot prove its {kind.name} leaf at {position}"


def attachments_are_complete(all_books: AllBooks, now_ms: int) -> Iterator[str]:
    """Every announced file is whole at both ends, and both can prove that it is."""
    for books in all_books.values():
        over = {leg.leg_id for leg in books.legs() if leg.expires_at_ms <= now_ms}
        received = {whole.envelope_id: whole for whole in books.attachment_sets(messages.IN)}
        for row in books.envelopes(messages.IN):
            whole, sender = received.get(row.envelope_id), all_books[row.peer]
            if bool(parse_header(row.header).attachments) != (whole is not None):
                yield f"{books.name}: an envelope and its attachments do not match"
            sent = sender.message(messages.OUT, books.name, row.message_id)
            held = books.message(messages.IN, row.peer, row.message_id)
            is_partial = whole is not None and not whole.is_complete and held is not None
            if is_partial and (not held.salt or held.leg_id in over):
                # Erased before they had all come; or the referral is over, and soon erased.
                continue
            # A sender that was never told that its message arrived sends no files.
            if whole is not None and sent is not None and sent.settled == messages.RECEIVED:
                is_over = sent.leg_id in over
                yield from _check_set(books, sender, row, whole, is_over=is_over)


def _check_set(
    books: Books, sender: Books, row: EnvelopeRow, received: SetRow, *, is_over: bool
) -> Iterator[str]:
    what = f"files of {sender.name} at {books.name}"
    if not received.is_complete:
        yield f"{what}: not complete"
        return
    sent = {whole.envelope_id: whole for whole in sender.attachment_sets(messages.OUT)}
    whole = sent.get(row.envelope_id)
    if whole is None and is_over:
        # The sender stopped asking for a receipt when the referral was over.
        return
    if whole is None or not whole.is_complete or whole.peer_proof is None:
        yield f"{what}: the sender has no receipt"
        return
    proof, kind = parse_log_proof(whole.peer_proof), LeafKind.ATTACHMENTS
    yield from _faults(row, partial(verify_leaf, proof, books.key, kind, row.envelope_id))
    yield from _check_files(books, row)
    yield from _check_files(sender, row)


def _check_files(books: Books, announced_by: EnvelopeRow) -> Iterator[str]:
    for row in books.attachments(announced_by.envelope_id):
        path = books.home.blobs / row.blob_id.hex()
        data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).digest() != row.blob_id or len(data) != row.blob_size:
            yield f"{books.name}: blob {row.blob_id.hex()} is not what its name says"
            continue
        try:
            for _ in open_chunks(row.key, [data], size=row.size, digest=row.digest):
                pass
        except BrokenAttachment as error:
            yield f"{books.name}: file {row.file_id}: {error}"
