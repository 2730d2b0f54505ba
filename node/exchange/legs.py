"""Make steps on legs, and see where legs stand.

Every step of this node goes through `Legs.open` or `Legs.step`: one transaction
that checks the step against the fold of all steps so far and against what such a step
must say, stores it, queues its message, and seals it. What the state does not allow, or
what lacks something, is refused by name and changes nothing. A referral that a peer
redirects is sent anew by the sender: no node hands on what is not its own.

Opening a leg is what takes personal data to a member, so there the node asks on which
ground that may be (`protocol.transfer`), by its own clock's day in UTC at the time when
a person sends; the referral carries the answer. Later steps of the leg go on under the
ground recorded there, also when it has ended meanwhile: they are about what the peer
holds already, and an answer, a correction or a withdrawal that does not get through
leaves the child worse off (GDPR Art. 5(1)(d), 17, 19). A step that carries a chosen part
of a case (a file that is handed over, proposals) asks anew, and says what it was told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import Message as AnyMessage

from keys.members import MemberRecord
from node.errors import NodeError
from node.exchange.checking import check_following
from node.exchange.context import Context
from node.exchange.sending import Sending
from node.store import messages
from node.store.db import Transaction
from node.store.messages import LegRow, MessageRow, NewMessage
from protocol import limits, transfer
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import (
    ENDS,
    Leg,
    Side,
    State,
    Step,
    allowed_steps,
    fold,
    has_lead_moved,
    state_at,
)
from protocol.exchange.patterns import pattern_of
from protocol.ids import MESSAGE_ID_RANDOM_BYTES, LegId, MessageId, NodeId, make_message_id
from protocol.messages import encode_message
from protocol.pb.homeward.v1 import message_pb2

_HEX = re.compile(r"[0-9a-fA-F]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegView:
    """A leg as people see it: how it was opened, where it stands, what may follow."""

    row: LegRow
    state: State
    allowed: tuple[str, ...]
    messages: tuple[MessageRow, ...]
    overtaken: frozenset[tuple[str, int]]
    """Direction and step number of steps that came too late to have an effect."""
    open_questions: tuple[int, ...]
    """Step numbers of the other side's questions that this side has not answered."""
    has_lead_moved: bool
    """Whether a transfer has made the recipient the lead."""

    @property
    def side(self) -> Side:
        """Which end of the leg this node is."""
        return Side(self.row.side)


class Legs:
    """The legs of this node."""

    def __init__(self, context: Context, sending: Sending) -> None:
        """Use the context's store; messages go out through `sending`."""
        self._context = context
        self._sending = sending

    async def open(
        self, peer: NodeId, referral: message_pb2.Referral, *, case_id: str | None, made_by: str
    ) -> tuple[LegId, MessageId]:
        """Open a leg with a referral; return both ids once it is durably queued.

        Raises:
            NodeError: the peer is no active member, or the referral is not complete.
            PolicyRefusal: there is no ground on which it may go there.
        """
        now_ms = self._context.clock.now_ms()
        referral = self.with_transfer_basis(peer, referral)
        if referral.expires_at_ms <= now_ms:
            raise NodeError("lifetime_over", "a referral must live for some time")
        if referral.expires_at_ms - now_ms > limits.LEG_LIFETIME_MS:
            raise NodeError("lifetime_too_long", "a referral lives at most two years")
        leg_id = LegId(self._context.random(16))
        leg = LegRow(
            leg_id=leg_id,
            side=Side.SENDER,
            peer=peer,
            kind=referral.kind,
            urgency=referral.urgency,
            case_id=case_id,
            opened_at_ms=now_ms,
            reply_by_ms=referral.reply_by_ms,
            expires_at_ms=referral.expires_at_ms,
        )

        def job(db: Transaction) -> MessageId:
            if referral.reopens_leg_id:
                _check_reopened(db, referral.reopens_leg_id, now_ms)
            messages.add_leg(db, leg)
            return self._queue(db, leg, Step(Side.SENDER, 1, 0, "referral"), referral, made_by)

        return leg_id, await self._context.store.write(job)

    def with_transfer_basis(
        self, peer: NodeId, referral: message_pb2.Referral
    ) -> message_pb2.Referral:
        """Return the referral with the ground on which it may go to the peer today.

        Raises:
            NodeError: the peer is no active member.
            PolicyRefusal: there is no ground; see `protocol.transfer`.
        """
        member = self._check_peer(peer)
        today = transfer.utc_date(self._context.clock.now_ms())
        grounded = message_pb2.Referral()
        grounded.CopyFrom(referral)
        basis = transfer.transfer_basis(member, referral.legal_basis, today=today)
        grounded.legal_basis.transfer_basis = basis
        return grounded

    def _grounded(self, leg: LegRow, rows: Sequence[MessageRow], content: AnyMessage) -> AnyMessage:
        """Return a step that carries a part of a case with the ground on which it goes."""
        grounded: message_pb2.HandOver | message_pb2.Note
        if isinstance(content, message_pb2.HandOver):
            grounded = message_pb2.HandOver.FromString(content.SerializeToString())
        elif isinstance(content, message_pb2.Note) and content.HasField("disclosure"):
            grounded = message_pb2.Note.FromString(content.SerializeToString())
        else:
            return content
        if leg.side != Side.SENDER and isinstance(content, message_pb2.HandOver):
            # Never legal; to be refused as that.
            return content
        if not grounded.HasField("legal_basis"):
            if leg.side != Side.SENDER:
                sentence = "what goes of a case needs a purpose and a legal basis"
                raise NodeError("legal_basis_missing", sentence)
            # The sender's own, of the same case to the same peer for the same end.
            opening = next(row for row in rows if row.name == "referral")
            referral = message_pb2.Message.FromString(opening.payload).referral
            grounded.legal_basis.CopyFrom(referral.legal_basis)
        member = self._check_peer(leg.peer)
        today = transfer.utc_date(self._context.clock.now_ms())
        basis = transfer.transfer_basis(member, grounded.legal_basis, today=today)
        grounded.legal_basis.transfer_basis = basis
        return grounded

    async def step(self, leg_id: LegId, content: AnyMessage, *, made_by: str) -> MessageId:
        """Make the next step on a leg; `content` is one of the step messages.

        Raises:
            NodeError: unknown_leg, undeliverable, expired, illegal_step, or incomplete_step.
            PolicyRefusal: the step carries a part of a case, which may not go there today.
        """
        name = _STEP_NAMES[content.DESCRIPTOR.full_name]

        def job(db: Transaction) -> MessageId:
            leg = messages.leg(db, leg_id)
            if leg is None:
                raise NodeError("unknown_leg", "there is no such referral here")
            self._check_peer(leg.peer)
            rows = messages.of_leg(db, leg_id)
            _check_open(_view(leg, rows, self._context.clock.now_ms()), name)
            grounded = self._grounded(leg, rows, content)
            step = _next_step(leg, _steps(leg, rows), name, grounded)
            return self._queue(db, leg, step, grounded, made_by)

        return await self._context.store.write(job)

    def _queue(
        self, db: Transaction, leg: LegRow, step: Step, content: AnyMessage, made_by: str
    ) -> MessageId:
        now_ms = self._context.clock.now_ms()
        try:
            payload = encode_message(leg.leg_id, step, content)
        except ValueError as error:
            raise NodeError("invalid_step", f"this cannot be sent: {error}") from error
        _check(db, leg, payload, step, now_ms)
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
            else lifetime_end,
            stored_at_ms=now_ms,
            made_by=made_by,
        )
        self._sending.queue(db, message)
        return message.message_id

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
            return _view(leg, messages.of_leg(db, leg_id), now_ms)

        return await self._context.store.read(job)

    async def list(self) -> list[LegView]:
        """Return all legs, newest first."""
        now_ms = self._context.clock.now_ms()
        return await self._context.store.read(
            lambda db: [
                _view(leg, messages.of_leg(db, leg.leg_id), now_ms) for leg in messages.legs(db)
            ]
        )

    async def find(self, prefix: str) -> LegId:
        """Return the one leg whose id begins with these hexadecimal digits.

        Raises:
            NodeError: unknown_leg or ambiguous_leg.
        """
        if not _HEX.fullmatch(prefix):
            raise NodeError("unknown_leg", "there is no such referral here")
        found = await self._context.store.read(lambda db: messages.legs(db, hex_prefix=prefix))
        if not found:
            raise NodeError("unknown_leg", "there is no such referral here")
        if len(found) > 1:
            raise NodeError("ambiguous_leg", "more than one referral begins like this")
        return found[0].leg_id


def _next_step(leg: LegRow, known: Sequence[Step], name: str, content: AnyMessage) -> Step:
    mine = sum(step.side == leg.side for step in known)
    question = content.question if isinstance(content, message_pb2.Answer) else 0
    reason = content.reason if isinstance(content, message_pb2.Withdraw) else ""
    return Step(Side(leg.side), mine + 1, len(known) - mine, name, question, reason)


def _check(db: Transaction, leg: LegRow, payload: bytes, step: Step, now_ms: int) -> None:
    """Check a step of this node's own; the peer would refuse it for the same."""
    message = message_pb2.Message.FromString(payload)
    try:
        check_following(db, leg, message, step, now_ms=now_ms)
    except PeerError as error:
        if error.code in (RefusalCode.UNKNOWN_KIND, RefusalCode.UNKNOWN_LEG):
            raise NodeError(
                "unknown_kind", "this version knows no referral of this kind"
            ) from error
        if error.code is RefusalCode.PAYLOAD_INVALID:
            raise NodeError("incomplete_step", f"this is not complete: {error.detail}") from error
        raise _illegal(leg, messages.of_leg(db, leg.leg_id), step) from error


def _illegal(leg: LegRow, rows: Sequence[MessageRow], step: Step) -> NodeError:
    pattern = pattern_of(leg.kind)
    folded = fold(pattern, _steps(leg, rows))
    may = ", ".join(allowed_steps(pattern, folded, step.side)) or "nothing"
    return NodeError(
        "illegal_step",
        f"a referral in state {folded.state} does not allow this side to {step.name}",
        f"it allows: {may}",
    )


def _check_open(view: LegView, name: str) -> None:
    if view.state is State.UNDELIVERABLE:
        raise NodeError("undeliverable", "this referral could not be delivered")
    if view.state is State.EXPIRED:
        raise NodeError(
            "expired",
            f"a referral that has expired does not allow to {name}",
            "a new referral can reopen it",
        )


def _check_reopened(db: Transaction, leg_id: bytes, now_ms: int) -> None:
    """Refuse to reopen what the peer never had, or what is still open."""
    leg = messages.leg(db, leg_id)
    if leg is None:
        raise NodeError("unknown_leg", "there is no such referral here")
    state = _view(leg, messages.of_leg(db, leg_id), now_ms).state
    if state not in ENDS - {State.UNDELIVERABLE}:
        sentence = f"a referral in state {state} cannot be reopened"
        raise NodeError("not_ended", sentence, "only one that has ended")


def _steps(leg: LegRow, rows: Sequence[MessageRow]) -> list[Step]:
    side = Side(leg.side)
    return [
        Step(
            side if row.direction == messages.OUT else side.other,
            row.step_number,
            row.peer_steps_seen,
            row.name,
            row.question,
            row.reason,
        )
        for row in rows
        if row.settled != messages.REFUSED
    ]


def _state(leg: LegRow, rows: Sequence[MessageRow], folded: Leg, now_ms: int) -> State:
    """Add to the fold what the clock says, and what only an author knows of delivery."""
    mine = [row for row in rows if row.direction == messages.OUT]
    if any(row.settled == messages.EXPIRED for row in mine):
        return State.UNDELIVERABLE
    if folded.state is State.DELIVERED and leg.side == Side.SENDER:
        opening = next(row for row in mine if row.name == "referral")
        if opening.settled != messages.RECEIVED:
            return State.QUEUED
    return state_at(folded, leg.expires_at_ms, now_ms) or State.UNDELIVERABLE


def _view(leg: LegRow, rows: Sequence[MessageRow], now_ms: int) -> LegView:
    pattern = pattern_of(leg.kind)
    folded = fold(pattern, _steps(leg, rows))
    state = _state(leg, rows, folded, now_ms)
    side = Side(leg.side)
    ours = {side: messages.OUT, side.other: messages.IN}
    is_over = state in (State.UNDELIVERABLE, State.EXPIRED)
    return LegView(
        row=leg,
        state=state,
        allowed=() if is_over else allowed_steps(pattern, folded, side),
        messages=tuple(rows),
        overtaken=frozenset((ours[step.side], step.number) for step in folded.overtaken),
        open_questions=tuple(
            sorted(number for asker, number in folded.open_questions if asker is side.other)
        ),
        has_lead_moved=has_lead_moved(pattern, folded),
    )


_STEP_NAMES = {
    content.full_name: field.name
    for field in message_pb2.Message.DESCRIPTOR.oneofs_by_name["step"].fields
    if (content := field.message_type) is not None
}
