"""Make steps on legs, and see where legs stand.

Every step of this node goes through `Legs.open_all` or `Legs.step`: one transaction
that checks the step against the fold of all steps so far and against what such a step
must say, stores it, queues its message, and seals it. What the state does not allow, or
what lacks something, is refused by name and changes nothing. A referral that a peer
redirects is sent anew by the sender: no node hands on what is not its own.

Opening a leg is what takes personal data to a member, so there the node asks on which
ground that may be (`protocol.transfer`), by its own clock's day in UTC at the time when
a person sends; the referral carries the answer. Later steps of the leg go on under the
ground recorded there, also when it has ended meanwhile: they are about what the peer
holds already, and a question, a correction or a withdrawal that does not get through
leaves the child worse off (GDPR Art. 5(1)(d), 17, 19). A step that carries a chosen part
of a case (a file that is handed over, proposals, answers) asks anew, and says what it was told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from copy import deepcopy
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from google.protobuf.message import Message as AnyMessage

from keys.members import MemberRecord
from node.errors import NodeError
from node.exchange.context import Context
from node.exchange.refusing import (
    WITH_PART,
    check_open,
    check_own,
    check_people,
    check_reopened,
)
from node.exchange.sending import Sending
from node.exchange.viewing import LegView, steps_of, view_of
from node.store import code_labels, messages
from node.store.db import Job, Transaction
from node.store.messages import LegRow, MessageRow, NewMessage
from protocol import limits, transfer
from protocol.exchange.content import Disclosing
from protocol.exchange.leg import Side, Step, next_step_numbers
from protocol.exchange.patterns import ERASING
from protocol.ids import MESSAGE_ID_RANDOM_BYTES, LegId, MessageId, NodeId, make_message_id
from protocol.messages import encode_message
from protocol.pb.homeward.v1 import message_pb2
from protocol.vocabulary import CodeLabel, labels_to_send

__all__ = ["LegView", "Legs", "NewLeg"]

D = TypeVar("D", bound=Disclosing)
_HEX = re.compile(r"[0-9a-fA-F]{1,32}", re.ASCII)
# What was decided for the referral alone: a later step has to say it anew.
_OF_ONE_STEP = (
    "sensitive_reason", "decided_by_count", "overridden_rules", "override_reason",
    "at_once_reason",
)  # fmt: skip


class NewLeg(NamedTuple):
    """What opens a leg: to which peer, with what, and about which own case."""

    peer: NodeId
    referral: message_pb2.Referral
    case_id: str | None
    follows: LegId | None = None
    """The leg in whose place it is sent; no peer learns that there was another."""


class Erases(Protocol):
    """What erases the copies that a step of this node's own speaks of."""

    def with_taken(self, db: Transaction, leg: LegRow, content: AnyMessage) -> AnyMessage:
        """Return such a step with what of it stays in own cases."""

    def in_step(self, db: Transaction, leg: LegRow, content: AnyMessage, made_by: str) -> None:
        """Erase them in the transaction of the step."""

    async def finish(self) -> bool:
        """Leave nothing of them on the disk, as far as that is possible now."""


def is_erasing(content: AnyMessage) -> bool:
    """Whether a step says that its author has erased something."""
    if isinstance(content, message_pb2.Acknowledge):
        return content.copy == "erased"
    return isinstance(content, message_pb2.Erased)


class Legs:
    """The legs of this node."""

    def __init__(self, context: Context, sending: Sending) -> None:
        """Use the context's store; messages go out through `sending`."""
        self._context = context
        self._sending = sending
        self.erasing: Erases | None = None
        """Handed in by node.app; what a step says is erased is erased with it."""

    async def open(
        self, peer: NodeId, referral: message_pb2.Referral, *, case_id: str | None, made_by: str
    ) -> tuple[LegId, MessageId]:
        """Open a leg with a referral; return both ids once it is durably queued.

        Raises:
            NodeError: the peer is no active member, or the referral is not complete.
            PolicyRefusal: there is no ground on which it may go there.
        """
        ((leg_id, message_id),) = await self.open_all(
            [NewLeg(peer, referral, case_id)], made_by=made_by
        )
        return leg_id, message_id

    async def open_all(
        self,
        new: Sequence[NewLeg],
        *,
        made_by: str,
        also: Job[None] | None = None,
        is_approved: bool = False,
    ) -> list[tuple[LegId, MessageId]]:
        """Open several legs in one transaction; return the ids of each, in the same order.

        All go or none does: what holds one of them up holds up all. `also` runs in the
        same transaction, before them. S fields go only when a second person `is_approved`.

        Raises:
            NodeError, PolicyRefusal: as `open`; nothing was queued, for any of them.
        """
        now_ms = self._context.clock.now_ms()
        for each in new:
            check_people(each.referral, is_approved=is_approved)
        among = {each.peer for each in new}
        legs = [self._new_leg(each, now_ms, among) for each in new]

        def job(db: Transaction) -> list[tuple[LegId, MessageId]]:
            if also is not None:
                also(db)
            return [(leg.leg_id, self._open(db, leg, referral, made_by)) for leg, referral in legs]

        return await self._context.store.write(job)

    def open_in(self, db: Transaction, new: NewLeg, *, made_by: str) -> LegId:
        """Open a leg in a transaction that does more; S fields are the caller's to look after.

        Raises:
            NodeError, PolicyRefusal: as `open`; nothing was written if it is about the peer.
        """
        leg, referral = self._new_leg(new, self._context.clock.now_ms())
        self._open(db, leg, referral, made_by)
        return leg.leg_id

    def _new_leg(
        self, new: NewLeg, now_ms: int, among: Collection[NodeId] = ()
    ) -> tuple[LegRow, message_pb2.Referral]:
        referral = self.with_transfer_basis(new.peer, new.referral, among=among)
        if referral.expires_at_ms <= now_ms:
            raise NodeError("lifetime_over", "a referral must live for some time")
        if referral.expires_at_ms - now_ms > limits.LEG_LIFETIME_MS:
            raise NodeError("lifetime_too_long", "a referral lives at most two years")
        row = LegRow(
            leg_id=LegId(self._context.random(16)),
            side=Side.SENDER,
            peer=new.peer,
            kind=referral.kind,
            urgency=referral.urgency,
            case_id=new.case_id,
            opened_at_ms=now_ms,
            reply_by_ms=referral.reply_by_ms,
            expires_at_ms=referral.expires_at_ms,
            follows=new.follows,
        )
        return row, referral

    def _open(
        self, db: Transaction, leg: LegRow, referral: message_pb2.Referral, made_by: str
    ) -> MessageId:
        if referral.reopens_leg_id:
            check_reopened(db, referral.reopens_leg_id, leg.opened_at_ms)
        messages.add_leg(db, leg)
        return self._queue(db, leg, Step(Side.SENDER, 1, 0, "referral"), referral, made_by)

    def with_transfer_basis(self, peer: NodeId, content: D, *, among: Collection[NodeId] = ()) -> D:
        """Return what discloses a part of a case with the ground on which it may go today.

        `among` are all the peers to whom the same choice goes: its derogation is meant for
        those who need one, and no part of what goes to the others.

        Raises:
            NodeError: the peer is no active member.
            PolicyRefusal: there is no ground; see `protocol.transfer`.
        """
        member = self._check_peer(peer)
        today = transfer.utc_date(self._context.clock.now_ms())
        grounded = deepcopy(content)
        # Whoever of them may be sent nothing is refused where it is their turn.
        known = map(self._context.trust.directory.member, among)
        if transfer.is_for_others(member, filter(None, known), today=today):
            grounded.legal_basis.art49_derogation = ""
        basis = transfer.transfer_basis(member, grounded.legal_basis, today=today)
        grounded.legal_basis.transfer_basis = basis
        return grounded

    def _grounded(self, leg: LegRow, rows: Sequence[MessageRow], content: AnyMessage) -> AnyMessage:
        """Return a step that carries a part of a case with the ground on which it goes."""
        if not isinstance(content, WITH_PART) or not content.HasField("disclosure"):
            return content
        if leg.side != Side.SENDER and isinstance(content, message_pb2.HandOver):
            # Never legal; to be refused as that.
            return content
        grounded = deepcopy(content)
        if not grounded.HasField("legal_basis"):
            if leg.side != Side.SENDER:
                sentence = "what goes of a case needs a purpose and a legal basis"
                raise NodeError("legal_basis_missing", sentence)
            # The sender's own, of the same case to the same peer for the same end.
            opening = next(row for row in rows if row.name == "referral")
            referral = message_pb2.Message.FromString(opening.payload).referral
            grounded.legal_basis.CopyFrom(referral.legal_basis)
            for name in _OF_ONE_STEP:
                grounded.legal_basis.ClearField(name)
        return self.with_transfer_basis(leg.peer, grounded)

    async def step(
        self,
        leg_id: LegId,
        content: AnyMessage,
        *,
        made_by: str,
        also: Job[None] | None = None,
        is_approved: bool = False,
    ) -> MessageId:
        """Make the next step on a leg; `content` is one of the step messages.

        `also` and `is_approved` are as for `open_all`.

        Raises:
            NodeError: unknown_leg, undeliverable, expired, illegal_step, incomplete_step, or
                second_person_needed.
            PolicyRefusal: the step carries a part of a case, which may not go there today.
        """
        check_people(content, is_approved=is_approved)

        def job(db: Transaction) -> MessageId:
            if also is not None:
                also(db)
            return self.step_in(db, leg_id, content, made_by=made_by)

        message_id = await self._context.store.write(job)
        if self.erasing is not None and is_erasing(content):
            await self.erasing.finish()
        return message_id

    def step_in(
        self, db: Transaction, leg_id: LegId, content: AnyMessage, *, made_by: str
    ) -> MessageId:
        """Make the next step on a leg in a transaction that does more; see `step`.

        Where the step says that something is erased, it is erased here. S fields are the
        caller's to look after.
        """
        name = _STEP_NAMES[content.DESCRIPTOR.full_name]
        leg = messages.leg(db, leg_id)
        if leg is None:
            raise NodeError("unknown_leg", "there is no such referral here")
        self._check_peer(leg.peer)
        rows = messages.of_leg(db, leg_id)
        erasing = self.erasing if is_erasing(content) else None
        if erasing is not None:
            content = erasing.with_taken(db, leg, content)
        if name not in ERASING:
            check_open(view_of(leg, rows, self._context.clock.now_ms()), name)
        grounded = self._grounded(leg, rows, content)
        step = _next_step(leg, steps_of(leg, rows), name, grounded)
        message_id = self._queue(db, leg, step, grounded, made_by)
        if erasing is not None:
            erasing.in_step(db, leg, content, made_by)
        return message_id

    def _queue(
        self, db: Transaction, leg: LegRow, step: Step, content: AnyMessage, made_by: str
    ) -> MessageId:
        now_ms = self._context.clock.now_ms()
        try:
            payload = encode_message(leg.leg_id, step, content, self._labels(db, leg.peer, content))
        except ValueError as error:
            raise NodeError("invalid_step", f"this cannot be sent: {error}") from error
        check_own(db, leg, payload, step, now_ms)
        lifetime_end = now_ms + limits.LIFETIME_MS
        message = NewMessage(
            peer=leg.peer,
            message_id=make_message_id(now_ms, self._context.random(MESSAGE_ID_RANDOM_BYTES)),
            direction=messages.OUT,
            leg_id=leg.leg_id,
            step_number=step.number,
            peer_steps_seen=step.peer_steps_seen,
            name=step.name,
            question=step.question,
            reason=step.reason,
            salt=self._context.random(limits.SALT_BYTES),
            payload=payload,
            urgency=leg.urgency,
            created_at_ms=now_ms,
            expires_at_ms=min(lifetime_end, leg.expires_at_ms)
            if step.name == "referral"
            else lifetime_end + (limits.LEG_LIFETIME_MS if step.name in ERASING else 0),
            stored_at_ms=now_ms,
            made_by=made_by,
        )
        self._sending.queue(db, message)
        return message.message_id

    def _labels(self, db: Transaction, peer: NodeId, content: AnyMessage) -> tuple[CodeLabel, ...]:
        """Return what the codes of a step are called, where the peer may not know them."""
        member = self._context.trust.directory.member(peer)
        languages = member.languages if member is not None else ()
        language = languages[0] if languages else "en"
        return labels_to_send(content, language, partial(code_labels.held, db))

    def _check_peer(self, peer: NodeId) -> MemberRecord:
        directory = self._context.trust.directory
        member = directory.member(peer)
        if peer == self._context.node_id or member is None:
            raise NodeError(
                "unknown_peer", "the directory has no such peer", "see homeward federation show"
            )
        if not directory.is_active(peer):
            raise NodeError("inactive_peer", "this member is suspended or has left")
        return member

    # --- seeing

    async def view(self, leg_id: bytes) -> LegView:
        """Return one leg.

        Raises:
            NodeError: unknown_leg.
        """
        now_ms = self._context.clock.now_ms()

        def job(db: Transaction) -> LegView:
            leg = messages.leg(db, leg_id)
            if leg is None:
                raise NodeError("unknown_leg", "there is no such referral here")
            return view_of(leg, messages.of_leg(db, leg_id), now_ms)

        return await self._context.store.read(job)

    async def list(self) -> list[LegView]:
        """Return all legs, newest first."""
        now_ms = self._context.clock.now_ms()
        return await self._context.store.read(
            lambda db: [
                view_of(leg, messages.of_leg(db, leg.leg_id), now_ms) for leg in messages.legs(db)
            ]
        )

    async def find(self, prefix: str) -> LegId:
        """Return the one leg whose id begins with these hexadecimal digits.

        Raises:
            NodeError: unknown_leg or ambiguous_leg.
        """
        if not _HEX.fullmatch(prefix):
            raise NodeError("unknown_leg", "there is no such referral here")
        found = await self._context.store.read(lambda db: messages.legs_like(db, prefix))
        if not found:
            raise NodeError("unknown_leg", "there is no such referral here")
        if len(found) > 1:
            raise NodeError("ambiguous_leg", "more than one referral begins like this")
        return found[0].leg_id


def _next_step(leg: LegRow, known: Sequence[Step], name: str, content: AnyMessage) -> Step:
    number, seen = next_step_numbers(known, Side(leg.side))
    question = content.question if isinstance(content, message_pb2.Answer) else 0
    if isinstance(content, message_pb2.Erased | message_pb2.EraseRefused):
        question = content.request
    reason = content.reason if isinstance(content, message_pb2.Withdraw) else ""
    return Step(Side(leg.side), number, seen, name, question, reason)


_STEP_NAMES = {
    content.full_name: field.name
    for field in message_pb2.Message.DESCRIPTOR.oneofs_by_name["step"].fields
    if (content := field.message_type) is not None
}
