"""Collect the evidence bundle of one message from this node's store.

Both sides can: each has its own entry in its own log, and the other side's proof as
it came. The own entry is proven anew, under a present checkpoint, or under the last
one of a log that has ended; the directory is the one that is kept here, whole, because
an auditor can check it only as a whole (it names organisations, not children). A
sender adds what it has logged as seen: it dates the recipient's proofs, should the
recipient's key be stolen one day.

What the message said goes in only when that is asked for, with the salt that makes
it checkable. The ciphertext never does: it proves nothing more, and whoever steals
a key could read it. Collecting changes nothing in the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keys.directory_files import DirectoryFolder
from node.errors import NodeError
from node.exchange.context import Context
from node.exchange.logbook import Entry
from node.store import (
    attachments,
    descriptors,
    ended_logs,
    envelopes,
    log_store,
    messages,
    seen,
)
from node.store.attachments import SetRow
from node.store.db import Transaction
from node.store.descriptors import DescriptorRow
from node.store.envelopes import EnvelopeRow
from node.store.messages import MessageRow
from node.store.seen import SeenRow
from protocol import limits, log
from protocol.bundle import Bundle, LoggedDescriptor, encode_bundle
from protocol.envelope import Opening, commitment
from protocol.ids import NodeId
from protocol.notes import parse_checkpoint, seen_subject
from protocol.suite import kem_key_id
from protocol.values import Header, LogProof
from protocol.wire import parse_descriptor, parse_header, parse_log_proof


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """The rows about one envelope; `entry` is this node's own leaf."""

    envelope: EnvelopeRow
    entry: Entry
    header: Header
    message: MessageRow | None
    attachments: SetRow | None
    seen: SeenRow | None
    attachments_seen: SeenRow | None
    own_descriptor: DescriptorRow | None
    peer_descriptor: DescriptorRow | None

    @property
    def is_ours(self) -> bool:
        return self.envelope.direction == messages.OUT

    def own_entries(self) -> Iterator[Entry]:
        """Yield the entries of this node's logs that the bundle is about."""
        yield self.entry
        for row in (self.attachments, self.seen, self.attachments_seen, self.own_descriptor):
            entry = _entry(row)
            if entry is not None:
                yield entry


class Evidence:
    """Bundles of what this node sent and received."""

    def __init__(self, context: Context, directory: Path) -> None:
        """Use the context's store and log, and the directory files in a folder."""
        self._context = context
        self._folder = DirectoryFolder(directory)

    async def collect(self, wanted: bytes, *, with_opening: bool = False) -> bytes:
        """Return the bundle of an envelope, or of a message, by its id of 32 or 16 bytes.

        A message that was sealed more than once has a bundle for each envelope; by its
        own id it is that of the envelope which the other side answered, else the last.

        Raises:
            NodeError: unknown_message, ambiguous_message, content_erased, log_ended,
                bundle_too_large.
        """
        record = await self._context.store.read(lambda db: self._record(db, wanted))
        opening = _opening(record) if with_opening else None
        own = await self._prove(list(record.own_entries()))
        files = await self._context.disk(self._folder.load)
        return await self._context.compute(lambda: _encoded(_bundle(record, own, opening, files)))

    async def _prove(self, entries: list[Entry]) -> dict[Entry, LogProof]:
        """Prove entries of the present log under one checkpoint, others under their log's last."""
        context = self._context
        present = [entry for entry in entries if entry[0] == context.logbook.number]
        ended = [entry for entry in entries if entry[0] != context.logbook.number]
        positions = [position for _, position in present]
        proofs = await context.logbook.prove(positions, at_ms=context.clock.now_ms())
        older = await context.store.read(lambda db: {e: _prove_ended(db, *e) for e in ended})
        return {**dict(zip(present, proofs, strict=True)), **older}

    # --- rows

    def _record(self, db: Transaction, wanted: bytes) -> _Record:
        envelope = envelopes.get(db, wanted) or self._of_message(db, wanted)
        if envelope is None:
            raise NodeError("unknown_message", "there is no such message or envelope here")
        header, whole = parse_header(envelope.header), attachments.get_set(db, envelope.envelope_id)
        answer_seen, attachments_seen = _what_was_seen(db, envelope, whole)
        return _Record(
            envelope=envelope,
            entry=(envelope.log_number, envelope.log_position),
            header=header,
            message=messages.get(db, header.leg_id, envelope.direction, envelope.message_id),
            attachments=whole,
            seen=answer_seen,
            attachments_seen=attachments_seen,
            own_descriptor=_own_descriptor(db, self._context.node_id, envelope, header),
            peer_descriptor=_peer_descriptor(db, envelope, header),
        )

    def _of_message(self, db: Transaction, message_id: bytes) -> EnvelopeRow | None:
        # Looked up by peer, because only one's own ids are one's own to choose. A peer
        # that the directory does not name needs no looking: nothing could be proven.
        for direction in (messages.OUT, messages.IN):
            found = [
                rows
                for peer in self._context.trust.directory.members
                if (rows := envelopes.of_message(db, direction, peer, message_id))
            ]
            if len(found) > 1:
                raise NodeError(
                    "ambiguous_message",
                    "two peers have sent a message with this id",
                    "name the envelope by its own id, of 64 digits",
                )
            if found:
                return next((row for row in found[0] if row.peer_proof), found[0][-1])
        return None


def _what_was_seen(
    db: Transaction, envelope: EnvelopeRow, whole: SetRow | None
) -> tuple[SeenRow | None, SeenRow | None]:
    """Return the entries for the checkpoints of both receipts; one stands for both if it can."""
    if envelope.direction != messages.OUT:
        # What the other side has seen of this node's log stands in its log.
        return None, None
    answer = _seen(db, envelope.peer_proof)
    attachments_seen = None if whole is None else _seen(db, whole.peer_proof)
    return answer, None if attachments_seen == answer else attachments_seen


def _seen(db: Transaction, peer_proof: bytes | None) -> SeenRow | None:
    if peer_proof is None:
        return None
    return seen.get(db, seen_subject(parse_log_proof(peer_proof).checkpoint))


def _own_descriptor(
    db: Transaction, node_id: NodeId, envelope: EnvelopeRow, header: Header
) -> DescriptorRow | None:
    """Return the newest own descriptor in force; as a recipient, one with the key in use."""
    for row in descriptors.newest_first(db, node_id):
        if _is_in_force(row, header) and (
            envelope.direction == messages.OUT or _holds_key(row, header)
        ):
            return row
    return None


def _peer_descriptor(
    db: Transaction, envelope: EnvelopeRow, header: Header
) -> DescriptorRow | None:
    """Return the descriptor that was sealed to; of a sender, the last if it was in force."""
    if envelope.peer_descriptor_serial is not None:
        found = descriptors.of_serial(db, envelope.peer, envelope.peer_descriptor_serial)
        return next((row for row in found if _holds_key(row, header)), None)
    row = descriptors.latest(db, envelope.peer)
    return row if row is not None and _is_in_force(row, header) else None


def _is_in_force(row: DescriptorRow, header: Header) -> bool:
    descriptor, skew_ms = parse_descriptor(row.descriptor), limits.CLOCK_SKEW_MS
    is_made = descriptor.created_at_ms <= header.created_at_ms + skew_ms
    return is_made and header.created_at_ms < descriptor.expires_at_ms + skew_ms


def _holds_key(row: DescriptorRow, header: Header) -> bool:
    epochs = parse_descriptor(row.descriptor).epochs
    return any(kem_key_id(epoch.kem_public_key) == header.recipient_kem_key for epoch in epochs)


# --- proofs


def _entry(row: SetRow | SeenRow | DescriptorRow | None) -> Entry | None:
    """Return the place of a row in a log of this node, None if it is in none."""
    if row is None or row.log_number is None or row.log_position is None:
        return None
    return row.log_number, row.log_position


def _prove_ended(db: Transaction, log_number: int, position: int) -> LogProof:
    note = ended_logs.checkpoint(db, log_number)
    if note is None:
        raise NodeError(
            "log_ended",
            "an entry is in a log of this node that has ended, and its last checkpoint is not here",
            "the other side can collect its own bundle",
        )
    size, read = parse_checkpoint(note).checkpoint.size, log_store.reader(db, log_number)
    leaf = log_store.leaf(db, log_number, position)
    return LogProof(leaf, position, tuple(log.inclusion_path(position, size, read)), note)


# --- from rows to the bundle


def _encoded(bundle: Bundle) -> bytes:
    try:
        return encode_bundle(bundle)
    except ValueError as error:
        sentence = "the directory is too large for an evidence bundle"
        raise NodeError("bundle_too_large", sentence) from error


def _bundle(
    record: _Record, own: dict[Entry, LogProof], opening: Opening | None, files: dict[str, bytes]
) -> Bundle:
    envelope = record.envelope
    mine = own[record.entry]
    theirs = None if envelope.peer_proof is None else parse_log_proof(envelope.peer_proof)
    sent, answer = (mine, theirs) if record.is_ours else (theirs, mine)
    if sent is None:
        raise RuntimeError("an envelope was taken without its sender's proof")
    own_descriptor = _logged(record.own_descriptor, own)
    peer_descriptor = _logged(record.peer_descriptor, own)
    return Bundle(
        header=envelope.header,
        ciphertext_size=envelope.ciphertext_size,
        ciphertext_digest=envelope.ciphertext_digest,
        sent=sent,
        received=None if envelope.code else answer,
        refused=answer if envelope.code else None,
        attachments=_attachments(record.attachments, own),
        seen=_own(record.seen, own),
        attachments_seen=_own(record.attachments_seen, own),
        sender_descriptor=own_descriptor if record.is_ours else peer_descriptor,
        recipient_descriptor=peer_descriptor if record.is_ours else own_descriptor,
        opening=opening,
        directory=files,
    )


def _own(
    row: SetRow | SeenRow | DescriptorRow | None, own: dict[Entry, LogProof]
) -> LogProof | None:
    entry = _entry(row)
    return None if entry is None else own[entry]


def _attachments(row: SetRow | None, own: dict[Entry, LogProof]) -> LogProof | None:
    if row is None or not row.is_complete:
        return None
    return _own(row, own) or (None if row.peer_proof is None else parse_log_proof(row.peer_proof))


def _logged(row: DescriptorRow | None, own: dict[Entry, LogProof]) -> LoggedDescriptor | None:
    if row is None:
        return None
    proof = _own(row, own) or (None if row.proof is None else parse_log_proof(row.proof))
    return None if proof is None else LoggedDescriptor(row.descriptor, proof)


def _opening(record: _Record) -> Opening:
    row = record.message
    opening = None if row is None else Opening(row.salt, row.payload)
    # What was erased, in whatever way, no longer opens the commitment.
    if opening is None or commitment(opening) != record.header.commitment:
        raise NodeError(
            "content_erased",
            "the content of this message is not kept here any more",
            "the bundle without the content still proves that it was exchanged",
        )
    return opening
