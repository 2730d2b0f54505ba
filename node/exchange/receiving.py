"""Take in envelopes: judge, then log, store and apply in one transaction, then answer.

Judging is pure and runs beside the database (SPEC.md section 6 gives the order,
cheapest first). Taking is one job: the leaf, the envelope, the step of the leg and
its attachments become durable together or not at all. The answer is a proof of
that leaf, made after the commit.

- A message that is known already (same sender, same message_id) gets its stored
  receipt again: never an error, never a second effect.
- A refusal is logged when its envelope is proven to come from an active member.
  When only the header claims a member's name, it leaves a trace too, but at most
  `limits.UNPROVEN_REFUSALS_PER_HOUR` leaves for each name, so that a stranger
  cannot make the log grow. All else is answered without a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from node.errors import StoreError
from node.exchange.checking import check_following
from node.exchange.context import Context
from node.exchange.logbook import Entry
from node.exchange.sending import attachment_rows
from node.store import attachments, envelopes, messages
from node.store.db import Transaction
from node.store.envelopes import EnvelopeRow, RefusalRow
from node.store.messages import LegRow, NewMessage
from protocol import limits
from protocol.encoding import encode_log_proof
from protocol.envelope import (
    Opening,
    check_addressing,
    check_sender,
    check_time,
    envelope_id,
    open_envelope,
    verify_sent,
)
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import Side, Step
from protocol.ids import EnvelopeId, NodeId
from protocol.log import LeafKind
from protocol.messages import parse_message, step_of
from protocol.pb.homeward.v1 import message_pb2
from protocol.values import Envelope, Header, Receipt, Refusal, Reply
from protocol.wire import parse_header

_HOUR_MS = 3_600_000
_FEW = 4
# For these not even a known message gets its receipt again.
_MISADDRESSED = frozenset({RefusalCode.WRONG_FEDERATION, RefusalCode.WRONG_RECIPIENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is known of one envelope before the database is asked."""

    envelope: Envelope
    envelope_id: EnvelopeId
    header: Header | None = None
    is_proven: bool = False
    opening: Opening | None = None
    message: message_pb2.Message | None = None
    fault: PeerError | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What one envelope came to: a leaf's position (None: not logged) and a code."""

    position: int | None
    code: int = 0
    sender: NodeId | None = None
    is_new: bool = False


class Receiving:
    """The recipient's half of the exchange.

    `hear` is called with whoever has proven an envelope, whatever becomes of it, and with
    the version of the directory that its header names.
    """

    def __init__(self, context: Context, *, hear: Callable[[NodeId, int], None]) -> None:
        """Work on the context's store, log, directory and epochs."""
        self._context = context
        self._hear = hear

    async def receive(self, batch: Sequence[Envelope]) -> tuple[list[Reply], list[Taken]]:
        """Answer each envelope, in order, with a receipt or a refusal."""
        now_ms = self._context.clock.now_ms()
        judged = await self._judge_all(batch, now_ms)
        for each in judged:
            if each.is_proven:
                header = _header(each)
                self._hear(header.sender, header.directory_version)

        def answer(db: Transaction, outcomes: Sequence[Taken | Exception]) -> list[Reply]:
            taken.extend(_settled(outcome) for outcome in outcomes)
            return self._replies(db, taken, now_ms)

        taken: list[Taken] = []
        jobs = [partial(self._take, judged=each, now_ms=now_ms) for each in judged]
        try:
            replies = await self._context.store.write_all(jobs, then=answer)
        except StoreError as error:
            taken = [_settled(error)] * len(batch)
            replies = [Refusal(each.code) for each in taken]
        return replies, taken

    def _replies(self, db: Transaction, taken: Sequence[Taken], now_ms: int) -> list[Reply]:
        """Prove what was logged, all under one checkpoint."""
        positions = [each.position for each in taken if each.position is not None]
        proofs = iter(self._context.logbook.prove_written(db, positions, at_ms=now_ms))
        replies: list[Reply] = []
        for each in taken:
            proof = None if each.position is None else next(proofs)
            if proof is not None and not each.code:
                replies.append(Receipt(proof))
            else:
                replies.append(Refusal(each.code, proof))
        return replies

    # --- judging: pure

    async def _judge_all(self, batch: Sequence[Envelope], now_ms: int) -> list[Judged]:
        def judge() -> list[Judged]:
            return [self._judge(envelope, now_ms) for envelope in batch]

        # To wake a thread for a few would take longer than to judge them.
        return judge() if len(batch) <= _FEW else await self._context.compute(judge)

    def _judge(self, envelope: Envelope, now_ms: int) -> Judged:
        digest = hashlib.sha256(envelope.ciphertext).digest()
        size = len(envelope.ciphertext)
        judged = Judged(envelope=envelope, envelope_id=envelope_id(envelope.header, size, digest))
        try:
            if len(envelope.header) + size > limits.ENVELOPE_BYTES:
                raise PeerError(RefusalCode.TOO_LARGE, "envelope")
            judged = replace(judged, header=parse_header(envelope.header))
        except PeerError as fault:
            return replace(judged, fault=fault)
        return self._judge_sender(judged, now_ms)

    def _judge_sender(self, judged: Judged, now_ms: int) -> Judged:
        header, trust = _header(judged), self._context.trust
        try:
            check_addressing(
                header,
                federation_id=trust.directory.federation_id,
                recipient=self._context.node_id,
            )
        except PeerError as fault:
            judged = replace(judged, fault=fault)
        try:
            # Also where the addressing was wrong: it decides whether the refusal is logged.
            made_at_ms = header.created_at_ms
            keys = trust.usable_keys(header.sender, made_at_ms=made_at_ms, now_ms=now_ms)
            key = check_sender(header, trust.directory, keys)
            sent = verify_sent(judged.envelope, key, trust.checked)
        except PeerError as fault:
            return replace(judged, fault=judged.fault or fault)
        trust.met.meet(key.key_id)
        judged = replace(judged, is_proven=True)
        return judged if judged.fault else self._judge_content(judged, sent.leaf.at_ms, now_ms)

    def _judge_content(self, judged: Judged, logged_at_ms: int, now_ms: int) -> Judged:
        header = _header(judged)
        try:
            check_time(header, logged_at_ms=logged_at_ms, now_ms=now_ms)
            opener = self._context.trust.epochs.opener(header.recipient_kem_key)
            if opener is None:
                raise PeerError(RefusalCode.UNKNOWN_EPOCH)
            opening = open_envelope(judged.envelope, header, opener)
            message = parse_message(opening.payload, header)
        except PeerError as fault:
            return replace(judged, fault=fault)
        return replace(judged, opening=opening, message=message)

    # --- taking: one job

    def _take(self, db: Transaction, *, judged: Judged, now_ms: int) -> Taken:
        try:
            is_ours = judged.fault is None or judged.fault.code not in _MISADDRESSED
            if judged.header is not None and judged.is_proven and is_ours:
                known = _known(db, judged.header)
                if known is not None:
                    return Taken(self._place(db, known, now_ms), sender=judged.header.sender)
            if judged.fault is not None:
                raise judged.fault
            return self._apply(db, judged, now_ms)
        except PeerError as fault:
            return self._refuse(db, judged, fault, now_ms)

    def _apply(self, db: Transaction, judged: Judged, now_ms: int) -> Taken:
        header, message, opening = _header(judged), judged.message, judged.opening
        if message is None or opening is None:
            raise RuntimeError("an envelope without content was judged good")
        leg = messages.leg(db, header.leg_id)
        if leg is not None and leg.peer != header.sender:
            raise PeerError(RefusalCode.UNKNOWN_LEG, "another peer's leg")
        row = _leg_row(header, message, now_ms) if leg is None else leg
        step = step_of(message, Side(row.side).other)
        made_at_ms = header.created_at_ms
        check_following(db, row, message, step, made_at_ms=made_at_ms, now_ms=now_ms)
        position = self._log(db, LeafKind.RECEIVED, judged.envelope_id, now_ms)
        entry = (self._context.logbook.number, position)
        envelopes.add(db, _envelope_row(judged, entry, now_ms))
        if leg is None:
            messages.add_leg(db, row)
        messages.add(db, _message_row(header, opening, step, now_ms))
        rows = attachment_rows(judged.envelope_id, message)
        if rows:
            attachments.add_set(db, messages.IN, header.sender, rows)
        return Taken(position, sender=header.sender, is_new=True)

    def _place(self, db: Transaction, known: EnvelopeRow, now_ms: int) -> int:
        """Return the place of a known envelope in the present log.

        Peers take no proof from a log that has ended, and none whose time cannot be: what has
        one of these is logged once more.
        """
        number = self._context.logbook.number
        made_at_ms = parse_header(known.header).created_at_ms
        is_good = is_believable(known.logged_at_ms, made_at_ms, now_ms)
        if known.log_number == number and is_good:
            return known.log_position
        position = self._log(db, LeafKind.RECEIVED, known.envelope_id, now_ms)
        envelopes.set_place(db, known.envelope_id, number, position, at_ms=now_ms)
        return position

    def _refuse(self, db: Transaction, judged: Judged, fault: PeerError, now_ms: int) -> Taken:
        header = judged.header
        directory = self._context.trust.directory
        if header is None or not directory.is_member(header.sender):
            return Taken(None, fault.code)
        number = self._context.logbook.number
        known = envelopes.refusal(db, judged.envelope_id, fault.code)
        is_provable = known is not None and known.log_number == number
        if known is not None and is_provable:
            is_provable = is_believable(known.at_ms, header.created_at_ms, now_ms)
        if known is not None and is_provable:
            return Taken(known.log_position, fault.code)
        is_proven = judged.is_proven and directory.is_active(header.sender)
        if not is_proven:
            since_ms = now_ms - _HOUR_MS
            count = envelopes.count_unproven_refusals(db, header.sender, since_ms)
            if count >= limits.UNPROVEN_REFUSALS_PER_HOUR:
                return Taken(None, fault.code)
        position = self._log(db, LeafKind.REFUSED, judged.envelope_id, now_ms, fault.code)
        row = RefusalRow(
            envelope_id=judged.envelope_id,
            code=fault.code,
            claimed_sender=header.sender,
            is_proven=is_proven,
            log_number=number,
            log_position=position,
            at_ms=now_ms,
        )
        envelopes.put_refusal(db, row)
        return Taken(position, fault.code)

    def _log(
        self, db: Transaction, kind: LeafKind, subject: bytes, now_ms: int, code: int = 0
    ) -> int:
        nonce = self._context.random(16)
        return self._context.logbook.append(db, kind, subject, at_ms=now_ms, nonce=nonce, code=code)


def is_believable(logged_at_ms: int, made_at_ms: int, now_ms: int) -> bool:
    """Whether a sender may believe when this node logged what was made at that time.

    It does not if this node's clock was wrong then, ahead or behind. Also true if it still
    is behind, as far as one can tell: another leaf would be no better.
    """
    earliest_ms = made_at_ms - limits.CLOCK_SKEW_MS
    return now_ms < earliest_ms or earliest_ms <= logged_at_ms <= now_ms + limits.CLOCK_SKEW_MS


def _settled(outcome: Taken | Exception) -> Taken:
    """Turn a failed transaction into "not now": one envelope never fails its neighbours."""
    if isinstance(outcome, Taken):
        return outcome
    if not isinstance(outcome, StoreError):
        raise outcome
    is_full = outcome.code == "disk_full"
    return Taken(None, RefusalCode.STORAGE_FULL if is_full else RefusalCode.BUSY)


def _known(db: Transaction, header: Header) -> EnvelopeRow | None:
    """Return the envelope in which this message was taken before."""
    found = envelopes.of_message(db, messages.IN, header.sender, header.message_id)
    if not found:
        return None
    if parse_header(found[0].header).commitment != header.commitment:
        raise PeerError(RefusalCode.MESSAGE_ID_REUSED)
    return found[0]


def _header(judged: Judged) -> Header:
    if judged.header is None:
        raise RuntimeError("an envelope without header was judged further")
    return judged.header


def _envelope_row(judged: Judged, entry: Entry, now_ms: int) -> EnvelopeRow:
    header, ciphertext = _header(judged), judged.envelope.ciphertext
    log_number, position = entry
    return EnvelopeRow(
        envelope_id=judged.envelope_id,
        direction=messages.IN,
        peer=header.sender,
        message_id=header.message_id,
        header=judged.envelope.header,
        # What was in it is kept opened; the digest is enough for the evidence.
        ciphertext=None,
        ciphertext_size=len(ciphertext),
        ciphertext_digest=hashlib.sha256(ciphertext).digest(),
        log_number=log_number,
        log_position=position,
        peer_proof=encode_log_proof(judged.envelope.proof),
        logged_at_ms=now_ms,
    )


def _leg_row(header: Header, message: message_pb2.Message, now_ms: int) -> LegRow:
    referral = message.referral
    return LegRow(
        leg_id=header.leg_id,
        side=Side.RECIPIENT,
        peer=header.sender,
        kind=referral.kind,
        urgency=header.urgency,
        case_id=None,
        opened_at_ms=now_ms,
        reply_by_ms=referral.reply_by_ms,
        expires_at_ms=referral.expires_at_ms,
    )


def _message_row(
    header: Header,
    opening: Opening,
    step: Step,
    now_ms: int,
) -> NewMessage:
    return NewMessage(
        peer=header.sender,
        message_id=header.message_id,
        direction=messages.IN,
        leg_id=header.leg_id,
        step_number=step.number,
        peer_steps_seen=step.peer_steps_seen,
        name=step.name,
        question=step.question,
        reason=step.reason,
        salt=opening.salt,
        payload=opening.payload,
        urgency=header.urgency,
        created_at_ms=header.created_at_ms,
        expires_at_ms=header.expires_at_ms,
        stored_at_ms=now_ms,
    )
