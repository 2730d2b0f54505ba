"""From a step to a receipt: queue, seal, hand out what is due, take in the answers.

A message is queued in the same transaction as the step that it carries, and stays
until the peer's receipt or signed refusal, or its own expiry. Sealing needs the
peer's descriptor; without one the message waits unsealed, and the delivery worker
seals it later: the same function, whether for the first time or again after the
peer's epoch has ended (same message_id, new envelope, new leaf).

What a peer says counts only when its log proves it. An unsigned refusal is a
reason to try again, never an end: anybody on the way could have written it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace


from keys.directory import Directory
from node.exchange.context import Context
from node.exchange.descriptors import Descriptors
from node.store import attachments, envelopes, messages, outbox
from node.store.attachments import AttachmentRow
from node.store.db import Transaction
from node.store.envelopes import EnvelopeRow
from node.store.messages import MessageRow
from node.store.outbox import OutboxRow, QueueRow
from protocol import limits
from protocol.encoding import encode_log_proof
from protocol.envelope import (
    Opening,
    Sealed,
    commitment,
    seal_envelope,
    size_class_for,
    verify_leaf,
)
from protocol.errors import TRANSIENT_CODES, PeerError, RefusalCode
from protocol.ids import BlobId, EnvelopeId, MessageId, NodeId
from protocol.interfaces import LogKey
from protocol.log import LeafKind, parse_leaf
from protocol.messages import attachment_refs
from protocol.notes import origin_of
from protocol.pb.homeward.v1 import message_pb2
from protocol.suite import kem_key_id
from protocol.values import Envelope, Header, LogProof, Receipt, Refusal, Reply
from protocol.wire import parse_header

FIRST_BACKOFF_MS = 1_000
LONGEST_BACKOFF_MS = 15 * 60 * 1000
LONGEST_URGENT_BACKOFF_MS = 5 * 60 * 1000
URGENT = 2


@dataclass(frozen=True, slots=True)
class Due:
    """One queued message, the envelope that carries it, and all that ever did."""

    queued: OutboxRow
    envelope: EnvelopeRow
    envelope_ids: frozenset[EnvelopeId]


@dataclass(frozen=True, slots=True)
class Answer:
    """A peer's verified answer to one envelope.

    `envelope_id` may differ from the envelope that was sent: a message that was
    sealed again may already have arrived in its first envelope.
    """

    due: Due
    envelope_id: EnvelopeId
    proof: bytes | None
    code: int

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be tried: received, or refused with proof."""
        return self.code == 0 or (self.proof is not None and self.code not in TRANSIENT_CODES)


class Sending:
    """The sender's half of the exchange."""

    def __init__(self, context: Context, descriptors: Descriptors) -> None:
        """Work on the context's store, log and directory."""
        self._context = context
        self._descriptors = descriptors
        self._waiters: dict[MessageId, asyncio.Event] = {}

    # --- queue and seal

    def queue(self, db: Transaction, message: MessageRow) -> None:
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
        )
        outbox.add(db, queued)
        self._seal(db, queued, message)

    async def seal_unsealed(self, peer: NodeId) -> int:
        """Seal what can be sealed now of what waits for this peer; return how many."""
        limit = limits.BATCH_ENVELOPES
        now_ms = self._context.clock.now_ms()

        def job(db: Transaction) -> int:
            heads = outbox.heads(db, peer, now_ms=now_ms, limit=limit)
            unsealed = [row for row in heads if row.envelope_id is None]
            return sum(self._seal(db, row, _queued_message(db, row)) for row in unsealed)

        return await self._context.store.write(job)

    def _seal(self, db: Transaction, queued: OutboxRow, message: MessageRow) -> bool:
        context, now_ms = self._context, self._context.clock.now_ms()
        known = self._descriptors.in_job(db, queued.peer)
        epoch = known.epoch_at(now_ms) if known is not None else None
        if known is None or epoch is None or message.expires_at_ms <= now_ms:
            return False
        seq, previous = envelopes.stream(db, queued.peer)
        header = self._header(message, epoch.kem_public_key, seq + 1, previous, now_ms)
        opening = Opening(message.salt, message.payload)
        sealed = seal_envelope(header, opening, epoch.kem_public_key)
        position = context.logbook.append(
            db, LeafKind.SENT, sealed.envelope_id, at_ms=now_ms, nonce=context.random(16)
        )
        envelopes.add(db, _envelope_row(message, sealed, position, known.serial, now_ms))
        envelopes.advance_stream(db, queued.peer, seq + 1, sealed.envelope_id)
        outbox.set_envelope(db, queued.message_id, sealed.envelope_id)
        return True

    def _header(
        self, message: MessageRow, kem_public_key: bytes, seq: int, previous: bytes, now_ms: int
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

    async def due(self, peer: NodeId) -> tuple[list[Due], list[Envelope]]:
        """Return the next batch for this peer with its proofs; may be empty."""
        now_ms = self._context.clock.now_ms()
        batch = await self._context.store.read(lambda db: _next_batch(db, peer, now_ms))
        positions = [due.envelope.log_position for due in batch]
        proofs = await self._context.logbook.prove(positions, at_ms=now_ms) if batch else []
        return batch, [
            Envelope(due.envelope.header, due.envelope.ciphertext or b"", proof)
            for due, proof in zip(batch, proofs, strict=True)
        ]

    async def has_unsealed(self, peer: NodeId) -> bool:
        """Whether a message at the head of this peer's queue is not sealed."""
        now_ms, limit = self._context.clock.now_ms(), limits.BATCH_ENVELOPES
        heads = await self._context.store.read(
            lambda db: outbox.heads(db, peer, now_ms=now_ms, limit=limit)
        )
        return any(row.envelope_id is None for row in heads)

    # --- take in

    def judge(self, batch: Sequence[Due], replies: Sequence[Reply]) -> list[Answer]:
        """Verify a peer's replies; what is not proven by its log is no answer.

        Raises:
            PeerError: the replies do not belong to the batch, or a proof fails.
        """
        if len(replies) != len(batch):
            raise PeerError(RefusalCode.INVALID_VALUE, "number of replies")
        return [self._judge(due, reply) for due, reply in zip(batch, replies, strict=True)]

    def _judge(self, due: Due, reply: Reply) -> Answer:
        sent_id = due.envelope.envelope_id
        if isinstance(reply, Refusal):
            if reply.proof is None:
                return Answer(due, sent_id, None, reply.code)
            self._verify(due, reply.proof, LeafKind.REFUSED, sent_id, reply.code)
            return Answer(due, sent_id, encode_log_proof(reply.proof), reply.code)
        subject = EnvelopeId(parse_leaf(reply.proof.leaf).subject)
        if subject not in due.envelope_ids:
            # Else an old receipt, sent once more by anybody on the way, would end a message.
            raise PeerError(RefusalCode.LEAF_MISMATCH, "receipt for another message")
        self._verify(due, reply.proof, LeafKind.RECEIVED, subject, 0)
        return Answer(due, subject, encode_log_proof(reply.proof), 0)

    def _verify(
        self, due: Due, proof: LogProof, kind: LeafKind, subject: bytes, code: int
    ) -> None:
        key = peer_key(self._context.trust.directory, due.envelope.peer, proof)
        verify_leaf(proof, key, kind, subject, code=code, checked=self._context.trust.checked)

    async def record(self, peer: NodeId, answers: Sequence[Answer]) -> None:
        """Keep the answers: receipts settle, proven refusals settle, the rest waits.

        Raises:
            PeerError: a receipt is for another message; nothing is kept.
        """
        now_ms = self._context.clock.now_ms()
        jitter = self._context.random(len(answers))

        def job(db: Transaction) -> None:
            for answer, byte in zip(answers, jitter, strict=True):
                _record(db, answer, now_ms, byte)

        await self._context.store.write(job)
        for answer in answers:
            waiter = self._waiters.get(answer.due.queued.message_id)
            if waiter is not None and answer.is_final:
                waiter.set()

    async def wait_settled(self, message_id: MessageId) -> None:
        """Return once the peer's receipt (or proven refusal) of a message is stored."""
        waiter = self._waiters.setdefault(message_id, asyncio.Event())
        try:
            is_waiting = await self._context.store.read(
                lambda db: outbox.get(db, message_id) is not None
            )
            if is_waiting:
                await waiter.wait()
        finally:
            self._waiters.pop(message_id, None)

    async def record_failure(self, peer: NodeId, queue: QueueRow, reason: str) -> QueueRow:
        """Count a failure to reach the peer, and say when to try again."""
        now_ms, byte = self._context.clock.now_ms(), self._context.random(1)[0]

        def job(db: Transaction) -> QueueRow:
            longest = _longest_backoff(outbox.most_urgent(db, peer))
            wait_ms = backoff_ms(queue.failures, longest, byte)
            row = replace(
                queue,
                failures=queue.failures + 1,
                next_try_ms=now_ms + wait_ms,
                last_failure=reason,
            )
            outbox.set_queue(db, row)
            return row

        return await self._context.store.write(job)

    async def record_contact(self, peer: NodeId) -> QueueRow:
        """The peer is there: forget its failures."""
        row = QueueRow(peer, last_contact_ms=self._context.clock.now_ms())
        await self._context.store.write(lambda db: outbox.set_queue(db, row))
        return row

    async def expire(self) -> int:
        """Give up on messages whose own time is over; return how many."""
        now_ms = self._context.clock.now_ms()

        def job(db: Transaction) -> int:
            gone = outbox.expired(db, now_ms)
            for row in gone:
                _settle(db, row, messages.EXPIRED, 0, now_ms)
            return len(gone)

        return await self._context.store.write(job)


def peer_key(directory: Directory, peer: NodeId, proof: LogProof) -> LogKey:
    """Return the peer's key that must have signed this proof.

    Raises:
        PeerError: UNKNOWN_LOG_KEY.
    """
    origin, at_ms = origin_of(proof.checkpoint), parse_leaf(proof.leaf).at_ms
    for key in directory.keys_of(peer):
        if key.origin == origin and key.is_good_at(at_ms):
            return key
    raise PeerError(RefusalCode.UNKNOWN_LOG_KEY, "answer")


def backoff_ms(failures: int, longest_ms: int, jitter_byte: int) -> int:
    """Double from one second up to the longest, less up to a quarter at random."""
    full = min(longest_ms, FIRST_BACKOFF_MS * 2 ** min(failures, 20))
    return full - full * jitter_byte // 1024


def _longest_backoff(urgency: int) -> int:
    return LONGEST_URGENT_BACKOFF_MS if urgency <= URGENT else LONGEST_BACKOFF_MS


def _next_batch(db: Transaction, peer: NodeId, now_ms: int) -> list[Due]:
    batch: list[Due] = []
    total = 0
    for queued in outbox.heads(db, peer, now_ms=now_ms, limit=limits.BATCH_ENVELOPES):
        row = envelopes.get(db, queued.envelope_id) if queued.envelope_id else None
        if row is None:
            continue
        # Room for header, path and checkpoint beside the ciphertext.
        total += row.ciphertext_size + limits.ENVELOPE_OVERHEAD_BYTES
        if batch and total > limits.BATCH_BYTES:
            break
        ids = envelopes.ids_of_message(db, messages.OUT, peer, queued.message_id)
        batch.append(Due(queued, row, ids))
    return batch


def _queued_message(db: Transaction, queued: OutboxRow) -> MessageRow:
    message = messages.get(db, messages.OUT, queued.peer, queued.message_id)
    if message is None:
        raise RuntimeError("a queued message is gone")
    return message


def _record(db: Transaction, answer: Answer, now_ms: int, jitter_byte: int) -> None:
    queued = answer.due.queued
    if not answer.is_final:
        if answer.code == RefusalCode.UNKNOWN_EPOCH:
            outbox.set_envelope(db, queued.message_id, None)
        wait_ms = backoff_ms(queued.tries, _longest_backoff(queued.urgency), jitter_byte)
        not_before_ms = now_ms + wait_ms
        outbox.note_try(db, queued.message_id, at_ms=now_ms, not_before_ms=not_before_ms)
        return
    envelope = envelopes.get(db, answer.envelope_id)
    if envelope is None or (envelope.direction, envelope.message_id) != (
        messages.OUT,
        queued.message_id,
    ):
        raise PeerError(RefusalCode.LEAF_MISMATCH, "a receipt for another message")
    envelopes.settle(db, answer.envelope_id, answer.proof, answer.code)
    settled = messages.REFUSED if answer.code else messages.RECEIVED
    _settle(db, queued, settled, answer.code, now_ms)
    if not answer.code:
        _announce_attachments(db, queued, answer.envelope_id)


def _settle(db: Transaction, queued: OutboxRow, settled: str, code: int, now_ms: int) -> None:
    outbox.remove(db, queued.message_id)
    messages.settle(db, queued.peer, queued.message_id, settled, code, now_ms)
    envelopes.drop_ciphertext(db, messages.OUT, queued.peer, queued.message_id)


def _announce_attachments(db: Transaction, queued: OutboxRow, envelope_id: EnvelopeId) -> None:
    message = _queued_message(db, queued)
    rows = attachment_rows(envelope_id, message_pb2.Message.FromString(message.payload))
    if rows and attachments.get_set(db, envelope_id) is None:
        attachments.add_set(db, messages.OUT, queued.peer, rows)


def attachment_rows(
    envelope_id: EnvelopeId, message: message_pb2.Message
) -> list[AttachmentRow]:
    """Return the attachments that a message announces, in the header's order."""
    keys = message.referral.attachment_keys
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
    message: MessageRow, sealed: Sealed, position: int, descriptor_serial: int, now_ms: int
) -> EnvelopeRow:
    return EnvelopeRow(
        envelope_id=sealed.envelope_id,
        direction=messages.OUT,
        peer=message.peer,
        message_id=message.message_id,
        header=sealed.header,
        ciphertext=sealed.ciphertext,
        ciphertext_size=len(sealed.ciphertext),
        ciphertext_digest=hashlib.sha256(sealed.ciphertext).digest(),
        log_position=position,
        logged_at_ms=now_ms,
        peer_descriptor_serial=descriptor_serial,
    )


def header_of(row: EnvelopeRow) -> Header:
    """Read a stored envelope's header."""
    return parse_header(row.header)
