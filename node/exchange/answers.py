"""What peers answer, and what becomes of the messages that wait for it.

What a peer says counts only when its log proves it. An unsigned refusal is a
reason to try again, never an end: anybody on the way could have written it. A
receipt settles just the message that it is for, and a time that cannot be makes an
answer none: that one, since the clock that wrote it may be right again meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from node.exchange.context import Context
from node.exchange.seen import note_seen
from node.exchange.sending import Due, attachment_rows, queued_message
from node.store import attachments, envelopes, messages, outbox
from node.store.db import Transaction
from node.store.outbox import OutboxRow, QueueRow
from protocol import limits
from protocol.encoding import encode_log_proof
from protocol.envelope import verify_answer
from protocol.errors import TRANSIENT_CODES, PeerError, RefusalCode
from protocol.exchange.patterns import ERASING
from protocol.ids import EnvelopeId, NodeId
from protocol.log import LeafKind, parse_leaf
from protocol.pb.homeward.v1 import message_pb2
from protocol.values import LogProof, Refusal, Reply
from protocol.wire import has_attachments

FIRST_BACKOFF_MS = 1_000
LONGEST_BACKOFF_MS = outbox.LONGEST_WAIT_MS
LONGEST_URGENT_BACKOFF_MS = 5 * 60 * 1000
URGENT = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A peer's verified answer to one envelope.

    `envelope_id` may differ from the envelope that was sent: a message that was
    sealed again may already have arrived in its first envelope.
    """

    due: Due
    envelope_id: EnvelopeId
    proof: LogProof | None
    code: int
    is_possible: bool = True
    """Whether it can be of the time that it names; else it counts for nothing."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be tried: received, or refused with proof."""
        is_proven = self.proof is not None and self.code not in TRANSIENT_CODES
        return self.is_possible and (self.code == 0 or is_proven)

    @property
    def is_epoch_gone(self) -> bool:
        """Whether the peer has proven that it cannot open this envelope any more."""
        # Only when proven: else anybody on the way could have leaf after leaf written.
        is_proven = self.proof is not None and self.is_possible
        return is_proven and self.code == RefusalCode.UNKNOWN_EPOCH


class Answers:
    """Verifies and keeps the peers' answers."""

    def __init__(self, context: Context) -> None:
        """Work on the context's store and directory."""
        self._context = context

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
            is_possible = self._verify(due, reply.proof, LeafKind.REFUSED, sent_id, reply.code)
            return Answer(due, sent_id, reply.proof, reply.code, is_possible)
        subject = EnvelopeId(parse_leaf(reply.proof.leaf).subject)
        if subject not in due.envelope_ids:
            # Else an old receipt, sent once more by anybody on the way, would end a message.
            raise PeerError(RefusalCode.LEAF_MISMATCH, "receipt for another message")
        is_possible = self._verify(due, reply.proof, LeafKind.RECEIVED, subject, 0)
        return Answer(due, subject, reply.proof, 0, is_possible)

    def _verify(self, due: Due, proof: LogProof, kind: LeafKind, subject: bytes, code: int) -> bool:
        """Verify a proof, compare the clocks, and return whether its time can be."""
        now_ms, trust, peer = self._context.clock.now_ms(), self._context.trust, due.envelope.peer
        is_dated = True
        try:
            verified = trust.verify_answer(peer, proof, kind, subject, now_ms=now_ms, code=code)
        except PeerError as error:
            if error.code is not RefusalCode.UNKNOWN_LOG_KEY:
                raise
            # A clock that is far off may date its answer where no key was good. It counts for
            # nothing then, but if it is of a key that is good now, it tells of the clock.
            keys = trust.usable_keys(peer, made_at_ms=now_ms, now_ms=now_ms)
            _, verified = verify_answer(
                proof, keys, kind, subject, code=code, checked=trust.checked
            )
            is_dated = False
        clocks = self._context.clocks
        clocks.bear_out(verified.checkpoint.signed_at_seconds * 1000, now_ms)
        sealed_at_ms, answered_at_ms = due.envelope.logged_at_ms, verified.leaf.at_ms
        is_of_this = subject == due.envelope.envelope_id
        clocks.heard(
            peer,
            answered_at_ms,
            # No peer can have answered an envelope before there was one.
            earliest_ms=sealed_at_ms if is_of_this else None,
            now_ms=now_ms,
        )
        # Not only when it was queued: our clock may have been ahead then.
        earliest_ms = min(due.queued.queued_at_ms, sealed_at_ms) - limits.CLOCK_SKEW_MS
        latest_ms = now_ms + limits.CLOCK_SKEW_MS
        return is_dated and earliest_ms <= answered_at_ms <= latest_ms

    async def record(self, answers: Sequence[Answer]) -> bool:
        """Keep the answers: receipts settle, proven refusals settle, the rest waits.

        Returns:
            Whether attachments may now follow.
        """
        now_ms = self._context.clock.now_ms()
        jitter = self._context.random(len(answers))
        kept = [each.proof.checkpoint for each in answers if each.proof and each.is_final]

        def job(db: Transaction) -> bool:
            note_seen(db, self._context, kept, now_ms)
            pairs = zip(answers, jitter, strict=True)
            recorded = [_record(db, answer, now_ms, byte) for answer, byte in pairs]
            return any(recorded)

        return await self._context.store.write(job)

    async def record_failure(self, peer: NodeId, queue: QueueRow, reason: str) -> QueueRow:
        """Count a failure to reach the peer, and say when to try again."""
        now_ms, byte = self._context.clock.now_ms(), self._context.random(1)[0]

        def job(db: Transaction) -> QueueRow:
            longest = longest_backoff_ms(outbox.most_urgent(db, peer))
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

    async def is_time_in_doubt(self) -> bool:
        """Whether a message is over by this clock, and no peer has shown that it is that late."""
        now_ms, confirmed_ms = self._context.clock.now_ms(), self._context.clocks.confirmed_ms
        over = await self._context.store.read(lambda db: outbox.expired(db, now_ms))
        return any(row.expires_at_ms > confirmed_ms for row in over)

    async def expire(self) -> int:
        """Give up on messages whose own time is over; return how many.

        Not on the word of this clock alone: a peer must have shown that it is as late as
        that. A clock that leapt ahead would else end all that waits.
        """
        now_ms = self._context.clock.now_ms()
        until_ms = min(now_ms, self._context.clocks.confirmed_ms)

        def job(db: Transaction) -> int:
            gone = outbox.expired(db, until_ms)
            for row in gone:
                _give_up(db, row, messages.EXPIRED, 0, now_ms)
            return len(gone)

        return await self._context.store.write(job)


def backoff_ms(failures: int, longest_ms: int, jitter_byte: int) -> int:
    """Double from one second up to the longest, less up to a quarter at random."""
    full: int = min(longest_ms, FIRST_BACKOFF_MS << min(failures, 20))
    return full - full * jitter_byte // 1024


def longest_backoff_ms(urgency: int) -> int:
    """Return how long at most a message of this urgency waits for its next try."""
    return LONGEST_URGENT_BACKOFF_MS if urgency <= URGENT else LONGEST_BACKOFF_MS


def _record(db: Transaction, answer: Answer, now_ms: int, jitter_byte: int) -> bool:
    """Keep one answer; return whether attachments may now follow."""
    queued = answer.due.queued
    if not answer.is_final:
        wait_ms = backoff_ms(queued.tries, longest_backoff_ms(queued.urgency), jitter_byte)
        if answer.is_epoch_gone:
            outbox.unseal(db, queued.peer, answer.envelope_id)
            # The first time it is sealed again at once; a peer that goes on so has to wait.
            wait_ms = wait_ms if len(answer.due.envelope_ids) > 1 else 0
        not_before_ms = now_ms + wait_ms
        outbox.note_try(db, queued, at_ms=now_ms, not_before_ms=not_before_ms)
        return False
    proof = None if answer.proof is None else encode_log_proof(answer.proof)
    envelopes.settle(db, answer.envelope_id, proof, answer.code)
    if answer.code:
        _give_up(db, queued, messages.REFUSED, answer.code, now_ms)
        return False
    _settle(db, queued, messages.RECEIVED, 0, now_ms)
    # Most have none, and then the message itself need not be read again.
    if not has_attachments(answer.due.envelope.header):
        return False
    return _announce_attachments(db, queued, answer.envelope_id)


def _give_up(db: Transaction, queued: OutboxRow, settled: str, code: int, now_ms: int) -> None:
    """Settle a step that the peer will never have, and those behind it that follow on it.

    The peer could not take them. Those about erasing wait for no other step, and go on; only
    where the peer refused, the numbers of the steps behind are used again.
    """
    behind = outbox.behind(db, queued)
    if settled == messages.EXPIRED:
        behind = [row for row in behind if queued_message(db, row).name not in ERASING]
    for row in (queued, *behind):
        _settle(db, row, settled, code, now_ms)


def _settle(db: Transaction, queued: OutboxRow, settled: str, code: int, now_ms: int) -> None:
    outbox.remove(db, queued)
    messages.settle(db, queued, settled=settled, code=code, at_ms=now_ms)
    envelopes.drop_ciphertext(db, messages.OUT, queued.peer, queued.message_id)


def _announce_attachments(db: Transaction, queued: OutboxRow, envelope_id: EnvelopeId) -> bool:
    message = queued_message(db, queued)
    rows = attachment_rows(envelope_id, message_pb2.Message.FromString(message.payload))
    if rows and attachments.get_set(db, envelope_id) is None:
        attachments.add_set(db, messages.OUT, queued.peer, rows)
    return bool(rows)
