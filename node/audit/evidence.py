"""Collect the evidence bundle of one message from this node's store.

Both sides can: each has its own entry in its own log, and the other side's proof as
it came. The own entry is proven anew, under a present checkpoint; the directory is
the one that is kept here, whole, because an auditor can check it only as a whole (it
names organisations, not children).

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
from node.store import attachments, descriptors, envelopes, messages
from node.store.attachments import SetRow
from node.store.db import Transaction
from node.store.descriptors import DescriptorRow
from node.store.envelopes import EnvelopeRow
from node.store.messages import MessageRow
from protocol import limits
from protocol.bundle import Bundle, LoggedDescriptor, encode_bundle
from protocol.envelope import Opening, commitment
from protocol.ids import NodeId
from protocol.suite import kem_key_id
from protocol.values import Header, LogProof
from protocol.wire import parse_descriptor, parse_header, parse_log_proof


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """The rows about one envelope."""

    envelope: EnvelopeRow
    header: Header
    message: MessageRow | None
    attachments: SetRow | None
    own_descriptor: DescriptorRow | None
    peer_descriptor: DescriptorRow | None

    @property
    def is_ours(self) -> bool:
        return self.envelope.direction == messages.OUT

    def own_positions(self) -> Iterator[int]:
        """Yield the positions in this node's log that the bundle is about."""
        yield self.envelope.log_position
        for row in (self.attachments, self.own_descriptor):
            if row is not None and row.log_position is not None:
                yield row.log_position


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
            NodeError: unknown_message, ambiguous_message, content_erased, bundle_too_large.
        """
        record = await self._context.store.read(lambda db: self._record(db, wanted))
        opening = _opening(record) if with_opening else None
        positions = list(record.own_positions())
        now_ms = self._context.clock.now_ms()
        proofs = await self._context.logbook.prove(positions, at_ms=now_ms)
        files = await self._context.disk(self._folder.load)
        own = dict(zip(positions, proofs, strict=True))
        return await self._context.compute(lambda: _encoded(_bundle(record, own, opening, files)))

    # --- rows

    def _record(self, db: Transaction, wanted: bytes) -> _Record:
        envelope = envelopes.get(db, wanted) or self._of_message(db, wanted)
        if envelope is None:
            raise NodeError("unknown_message", "there is no such message or envelope here")
        header = parse_header(envelope.header)
        return _Record(
            envelope=envelope,
            header=header,
            message=messages.get(db, header.leg_id, envelope.direction, envelope.message_id),
            attachments=attachments.get_set(db, envelope.envelope_id),
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


def _own_descriptor(
    db: Transaction, node_id: NodeId, envelope: EnvelopeRow, header: Header
) -> DescriptorRow | None:
    """Return the newest own descriptor in force; as a recipient, one with the key in use."""
    row = descriptors.latest(db, node_id)
    while row is not None:
        if _is_in_force(row, header) and (
            envelope.direction == messages.OUT or _holds_key(row, header)
        ):
            return row
        # One's own are numbered without gaps.
        row = descriptors.get(db, node_id, row.serial - 1)
    return None


def _peer_descriptor(
    db: Transaction, envelope: EnvelopeRow, header: Header
) -> DescriptorRow | None:
    """Return the descriptor that was sealed to; of a sender, the last if it was in force."""
    if envelope.peer_descriptor_serial is not None:
        return descriptors.get(db, envelope.peer, envelope.peer_descriptor_serial)
    row = descriptors.latest(db, envelope.peer)
    return row if row is not None and _is_in_force(row, header) else None


def _is_in_force(row: DescriptorRow, header: Header) -> bool:
    descriptor, skew_ms = parse_descriptor(row.descriptor), limits.CLOCK_SKEW_MS
    is_made = descriptor.created_at_ms <= header.created_at_ms + skew_ms
    return is_made and header.created_at_ms < descriptor.expires_at_ms + skew_ms


def _holds_key(row: DescriptorRow, header: Header) -> bool:
    epochs = parse_descriptor(row.descriptor).epochs
    return any(kem_key_id(epoch.kem_public_key) == header.recipient_kem_key for epoch in epochs)


# --- from rows to the bundle


def _encoded(bundle: Bundle) -> bytes:
    try:
        return encode_bundle(bundle)
    except ValueError as error:
        sentence = "the directory is too large for an evidence bundle"
        raise NodeError("bundle_too_large", sentence) from error


def _bundle(
    record: _Record, own: dict[int, LogProof], opening: Opening | None, files: dict[str, bytes]
) -> Bundle:
    envelope = record.envelope
    mine = own[envelope.log_position]
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
        sender_descriptor=own_descriptor if record.is_ours else peer_descriptor,
        recipient_descriptor=peer_descriptor if record.is_ours else own_descriptor,
        opening=opening,
        directory=files,
    )


def _attachments(row: SetRow | None, own: dict[int, LogProof]) -> LogProof | None:
    if row is None or not row.is_complete:
        return None
    if row.log_position is not None:
        return own[row.log_position]
    return None if row.peer_proof is None else parse_log_proof(row.peer_proof)


def _logged(row: DescriptorRow | None, own: dict[int, LogProof]) -> LoggedDescriptor | None:
    if row is None:
        return None
    if row.log_position is not None:
        return LoggedDescriptor(row.descriptor, own[row.log_position])
    return (
        None if row.proof is None else LoggedDescriptor(row.descriptor, parse_log_proof(row.proof))
    )


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
