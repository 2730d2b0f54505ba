"""From a step to an envelope: queue, seal, hand out what is due.

A message is queued in the same transaction as the step that it carries, and stays
until the peer's receipt or signed refusal, or its own expiry. Sealing needs the
peer's descriptor; without one the message waits unsealed, and the delivery worker
seals it later: the same function, whether for the first time or again after the
peer's epoch has ended (same message_id, new envelope, new leaf). So does an envelope
that no peer would take any more, since this node's clock was wrong when it was sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from node.exchange.context import Context
from node.exchange.descriptors import Descriptors
from node.exchange.logbook import Entry
from node.store import envelopes, messages, outbox
from node.store.attachments import AttachmentRow
from node.store.db import Transaction
from node.store.envelopes import EnvelopeRow
from node.store.messages import MessageRow, NewMessage
from node.store.outbox import OutboxRow
from protocol import limits
from protocol.envelope import (
    Opening,
    Sealed,
    commitment,
    seal_envelope,
    size_class_for,
)
from protocol.ids import BlobId, EnvelopeId, MessageId, NodeId
from protocol.log import LeafKind
from protocol.messages import attachment_keys, attachment_refs
from protocol.pb.homeward.v1 import message_pb2
from protocol.suite import kem_key_id
from protocol.values import Envelope, Header
from protocol.wire import parse_header

# Two such batches for a busy peer: one is on its way while the next is made.
ENVELOPES_PER_BATCH = limits.BATCH_ENVELOPES // 2


@dataclass(frozen=True, slots=True)
class Due:
    """One queued message, the envelope that carries it, and all that ever did."""

    queued: OutboxRow
    envelope: EnvelopeRow
    envelope_ids: frozenset[EnvelopeId]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNow:
    """What may go to one peer now, and what it leaves in the queue."""

    batch: list[Due]
    envelopes: list[Envelope]
    has_unsealed: bool
    """Whether something must be sealed (again) first; known when the batch is empty."""
    is_everything: bool
    """Whether nothing else waits for this peer, not even for its turn."""
    next_due_ms: int | None
    """When the next may go, if none may now."""


class Sending:
    """The sender's half of the exchange."""

    def __init__(self, context: Context, descriptors: Descriptors) -> None:
        """Work on the context's store, log and directory."""
        self._context = context
        self._descriptors = descriptors

    # --- queue and seal

    def queue(self, db: Transaction, message: NewMessage) -> None:
        """Store an outgoing message, queue it, and seal it if that can be done now."""
        messages.add(db, message)
        queued = OutboxRow(
            message_id=message.message_id,
            peer=message.peer,
            leg_id=message.leg_id,
            step_number=message.step_number,
            urgency=message.urgency,
            queued_at_ms=message.created_at_ms,
            expires_at_ms=message.expires_at_ms,
            envelope_id=self._seal(db, message),
        )
        outbox.add(db, queued)

    async def seal_unsealed(self, peer: NodeId) -> int:
        """Seal what can be sealed now of what waits for this peer; return how many."""
        limit = limits.BATCH_ENVELOPES
        now_ms = self._context.clock.now_ms()

        def job(db: Transaction) -> int:
            heads = outbox.heads(db, peer, now_ms=now_ms, limit=limit)
            unsealed = [row for row in heads if self._envelope_of(db, row, now_ms) is None]
            self._unseal_alike(db, peer, unsealed)
            for row in unsealed:
                if not queued_message(db, row).salt:
                    _give_up_erased(db, row, now_ms)
            left = [row for row in unsealed if queued_message(db, row).salt]
            return sum(self._seal_again(db, row) for row in left)

        return await self._context.store.write(job)

    def _unseal_alike(self, db: Transaction, peer: NodeId, refused: Sequence[OutboxRow]) -> None:
        """Have sealed again what waits under the same keys as what the peer could not open.

        Not where it still offers the key: that it cannot open one envelope says nothing then.
        """
        known = self._descriptors.in_job(db, peer)
        epochs = known.descriptor.epochs if known is not None else ()
        offered = {kem_key_id(epoch.kem_public_key) for epoch in epochs}
        gone = {_last_kem_key(db, row) for row in refused if row.envelope_id is None}
        gone -= {None, *offered}
        if not gone:
            return
        for envelope_id, header in outbox.sealed_headers(db, peer):
            if parse_header(header).recipient_kem_key in gone:
                outbox.unseal(db, peer, envelope_id)

    def _envelope_of(self, db: Transaction, queued: OutboxRow, now_ms: int) -> EnvelopeRow | None:
        """Return the envelope in which a message may go now; None: it must be sealed (again)."""
        row = envelopes.get(db, queued.envelope_id) if queued.envelope_id else None
        if row is None:
            return None
        is_datable = row.logged_at_ms in self._times(now_ms)
        # Nor do peers take a proof from a log that has ended.
        return row if is_datable and row.log_number == self._context.logbook.number else None

    def _times(self, now_ms: int) -> range:
        """Return when an envelope may have been sealed for peers to take it now.

        An earlier one is over, or older than the key of this node's log; a later one is of
        the future. The clock was wrong then.
        """
        context = self._context
        own = context.trust.directory.member(context.node_id)
        key = own.log_key(context.logbook.signer.key_id) if own is not None else None
        good_from_ms = key.valid_from_ms if key is not None else 0
        if good_from_ms > now_ms:
            # The clock is behind still: what is sealed now would be no better.
            good_from_ms = 0
        earliest_ms = max(good_from_ms, now_ms - limits.LIFETIME_MS + 1)
        return range(earliest_ms, now_ms + limits.CLOCK_SKEW_MS + 1)

    def _seal_again(self, db: Transaction, queued: OutboxRow) -> bool:
        envelope_id = self._seal(db, queued_message(db, queued))
        if envelope_id is not None:
            outbox.set_envelope(db, queued, envelope_id)
        return envelope_id is not None

    def _seal(self, db: Transaction, message: NewMessage) -> EnvelopeId | None:
        """Seal a message for the peer's key of today; None when there is none."""
        context, now_ms = self._context, self._context.clock.now_ms()
        known = self._descriptors.in_job(db, message.peer)
        epoch = known.epoch_at(now_ms) if known is not None else None
        if known is None or epoch is None or message.expires_at_ms <= now_ms:
            return None
        seq, previous = envelopes.stream(db, message.peer)
        header = self._header(message, epoch.kem_public_key, seq + 1, previous, now_ms)
        opening = Opening(message.salt, message.payload)
        sealed = seal_envelope(header, opening, epoch.kem_public_key)
        position = context.logbook.append(
            db, LeafKind.SENT, sealed.envelope_id, at_ms=now_ms, nonce=context.random(16)
        )
        entry = (context.logbook.number, position)
        envelopes.add(db, _envelope_row(message, sealed, entry, known.serial, now_ms))
        envelopes.advance_stream(db, message.peer, seq + 1, sealed.envelope_id)
        return sealed.envelope_id

    def _header(
        self, message: NewMessage, kem_public_key: bytes, seq: int, previous: bytes, now_ms: int
    ) -> Header:
        content = message_pb2.Message.FromString(message.payload)
        directory = self._context.trust.directory
        return Header(
            federation_id=directory.federation_id,
            sender=self._context.node_id,
            sender_log_key=self._context.logbook.signer.key_id,
            recipient=message.peer,
            recipient_kem_key=kem_key_id(kem_public_key),
            message_id=message.message_id,
            leg_id=message.leg_id,
            stream_seq=seq,
            previous_envelope_id=previous,
            created_at_ms=now_ms,
            # Our clock may have been set back since the message was queued.
            expires_at_ms=min(message.expires_at_ms, now_ms + limits.LIFETIME_MS),
            directory_version=directory.version,
            urgency=message.urgency,
            size_class=size_class_for(len(message.payload)),
            commitment=commitment(Opening(message.salt, message.payload)),
            attachments=attachment_refs(content),
        )

    # --- hand out

    async def due(self, peer: NodeId, under_way: Collection[MessageId] = ()) -> DueNow:
        """Return the next batch for this peer, with its proofs under one checkpoint.

        Messages that are `under_way` already are left out.
        """
        now_ms = self._context.clock.now_ms()

        def job(db: Transaction) -> DueNow:
            limit = ENVELOPES_PER_BATCH + len(under_way)
            found = outbox.heads(db, peer, now_ms=now_ms, limit=limit)
            heads = [row for row in found if row.message_id not in under_way][:ENVELOPES_PER_BATCH]
            batch, has_unsealed = self._batch_of(db, peer, heads, now_ms)
            positions = [due.envelope.log_position for due in batch]
            proofs = self._context.logbook.prove_written(db, positions, at_ms=now_ms)
            return DueNow(
                batch=batch,
                envelopes=[
                    Envelope(due.envelope.header, due.envelope.ciphertext or b"", proof)
                    for due, proof in zip(batch, proofs, strict=True)
                ],
                has_unsealed=has_unsealed,
                is_everything=len(batch) + len(under_way) == outbox.count(db, peer),
                next_due_ms=None if batch else outbox.next_due_ms(db, peer, now_ms=now_ms),
            )

        return await self._context.store.read_written(job)

    def _batch_of(
        self, db: Transaction, peer: NodeId, heads: Sequence[OutboxRow], now_ms: int
    ) -> tuple[list[Due], bool]:
        """Return what fits into one batch, and whether something before its end is unsealed."""
        batch: list[Due] = []
        total, has_unsealed = 0, False
        for queued in heads:
            row = self._envelope_of(db, queued, now_ms)
            if row is None:
                has_unsealed = True
                continue
            # Room for header, path and checkpoint beside the ciphertext.
            total += row.ciphertext_size + limits.ENVELOPE_OVERHEAD_BYTES
            if batch and total > limits.BATCH_BYTES:
                break
            ids = envelopes.ids_of_message(db, messages.OUT, peer, queued.message_id)
            batch.append(Due(queued, row, ids))
        return batch, has_unsealed


def _give_up_erased(db: Transaction, queued: OutboxRow, now_ms: int) -> None:
    """Settle a message that was erased here and would have to be sealed again.

    The envelope in which it may have arrived says no more, and nobody can write another.
    """
    for row in (queued, *outbox.behind(db, queued)):
        outbox.remove(db, row)
        messages.settle(db, row, settled=messages.EXPIRED, code=0, at_ms=now_ms)
        envelopes.drop_ciphertext(db, messages.OUT, row.peer, row.message_id)


def _last_kem_key(db: Transaction, queued: OutboxRow) -> bytes | None:
    """Return the key to which a message was last sealed; None if it never was."""
    found = envelopes.of_message(db, messages.OUT, queued.peer, queued.message_id)
    return parse_header(found[-1].header).recipient_kem_key if found else None


def queued_message(db: Transaction, queued: OutboxRow) -> MessageRow:
    """Return the message that a row of the outbox stands for."""
    message = messages.get(db, queued.leg_id, messages.OUT, queued.message_id)
    if message is None:
        raise RuntimeError("a queued message is gone")
    return message


def attachment_rows(envelope_id: EnvelopeId, message: message_pb2.Message) -> list[AttachmentRow]:
    """Return the attachments that a message announces, in the header's order."""
    keys = attachment_keys(message)
    return [
        AttachmentRow(
            envelope_id=envelope_id,
            position=position,
            blob_id=BlobId(key.blob_id),
            blob_size=ref.size,
            key=key.key,
            file_id=key.file_id,
            media_type=key.media_type,
            size=key.size,
            digest=key.digest,
        )
        for position, (key, ref) in enumerate(zip(keys, attachment_refs(message), strict=True))
    ]


def _envelope_row(
    message: NewMessage, sealed: Sealed, entry: Entry, descriptor_serial: int, now_ms: int
) -> EnvelopeRow:
    log_number, position = entry
    return EnvelopeRow(
        envelope_id=sealed.envelope_id,
        direction=messages.OUT,
        peer=message.peer,
        message_id=message.message_id,
        header=sealed.header,
        ciphertext=sealed.ciphertext,
        ciphertext_size=len(sealed.ciphertext),
        ciphertext_digest=hashlib.sha256(sealed.ciphertext).digest(),
        log_number=log_number,
        log_position=position,
        logged_at_ms=now_ms,
        peer_descriptor_serial=descriptor_serial,
    )
