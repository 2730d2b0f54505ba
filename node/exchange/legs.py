"""Make steps on legs, and see where legs stand.

Every step of this node goes through `Legs.open` or `Legs.step`: one transaction
that checks the step against the fold of all steps so far, stores it, queues its
message, and seals it. What the state does not allow is refused by name and
changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import Message as AnyMessage

from node.errors import NodeError
from node.exchange.context import Context
from node.exchange.sending import Sending
from node.store import messages
from node.store.db import Transaction
from node.store.messages import LegRow, MessageRow, NewMessage
from protocol import limits
from protocol.errors import PeerError
from protocol.exchange.leg import Leg, Side, State, Step, allowed_steps, check_step, fold
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
        """
        now_ms = self._context.clock.now_ms()
        self._check_peer(peer)
        if referral.expires_at_ms <= now_ms:
            raise NodeError("lifetime_over", "a referral must live for some time")
        if referral.expires_at_ms - now_ms > limits.LIFETIME_MS:
            raise NodeError("lifetime_too_long", "a referral lives at most 30 days")
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
            messages.add_leg(db, leg)
            return self._queue(db, leg, Step(Side.SENDER, 1, 0, "referral"), referral, made_by)

        return leg_id, await self._context.store.write(job)

    async def step(self, leg_id: LegId, content: AnyMessage, *, made_by: str) -> MessageId:
        """Make the next step on a leg; `content` is one of the step messages.

        Raises:
            NodeError: unknown_leg, undeliverable, or illegal_step.
        """
        name = _STEP_NAMES[content.DESCRIPTOR.full_name]

        def job(db: Transaction) -> MessageId:
            leg = messages.leg(db, leg_id)
            if leg is None:
                raise NodeError("unknown_leg", "there is no such referral here")
            self._check_peer(leg.peer)
            rows = messages.of_leg(db, leg_id)
            if _state(leg, rows, fold(_steps(leg, rows))) is State.UNDELIVERABLE:
                raise NodeError("undeliverable", "this referral could not be delivered")
            step = _next_step(leg, _steps(leg, rows), name, content)
            return self._queue(db, leg, step, content, made_by)

        return await self._context.store.write(job)

    def _queue(
        self, db: Transaction, leg: LegRow, step: Step, content: AnyMessage, made_by: str
    ) -> MessageId:
        now_ms = self._context.clock.now_ms()
        try:
            payload = encode_message(leg.leg_id, step, content)
        except ValueError as error:
            raise NodeError("invalid_step", f"this cannot be sent: {error}") from error
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
            salt=self._context.random(limits.SALT_BYTES),
            payload=payload,
            urgency=leg.urgency,
            created_at_ms=now_ms,
            expires_at_ms=leg.expires_at_ms if step.name == "referral" else lifetime_end,
            stored_at_ms=now_ms,
            made_by=made_by,
        )
        self._sending.queue(db, message)
        return message.message_id

    def _check_peer(self, peer: NodeId) -> None:
        directory = self._context.trust.directory
        if peer == self._context.node_id or not directory.is_member(peer):
            raise NodeError(
                "unknown_peer", "the directory has no such peer", "see homeward federation show"
            )
        if not directory.is_active(peer):
            raise NodeError("inactive_peer", "this member is suspended or has left")

    # --- seeing

    async def view(self, leg_id: bytes) -> LegView:
        """Return one leg.

        Raises:
            NodeError: unknown_leg.
        """

        def job(db: Transaction) -> LegView:
            leg = messages.leg(db, leg_id)
            if leg is None:
                raise NodeError("unknown_leg", "there is no such referral here")
            return _view(leg, messages.of_leg(db, leg_id))

        return await self._context.store.read(job)

    async def list(self) -> list[LegView]:
        """Return all legs, newest first."""
        return await self._context.store.read(
            lambda db: [_view(leg, messages.of_leg(db, leg.leg_id)) for leg in messages.legs(db)]
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
    side = Side(leg.side)
    mine = sum(step.side is side for step in known)
    question = content.question if isinstance(content, message_pb2.Answer) else 0
    step = Step(side, mine + 1, len(known) - mine, name, question)
    try:
        check_step(known, step)
    except PeerError as error:
        now = fold(known)
        may = ", ".join(allowed_steps(now, side)) or "nothing"
        raise NodeError(
            "illegal_step",
            f"a referral in state {now.state} does not allow this side to {name}",
            f"it allows: {may}",
        ) from error
    return step


def _steps(leg: LegRow, rows: Sequence[MessageRow]) -> list[Step]:
    side = Side(leg.side)
    return [
        Step(
            side if row.direction == messages.OUT else side.other,
            row.step_number,
            row.peer_steps_seen,
            row.name,
            row.question,
        )
        for row in rows
        if row.settled != messages.REFUSED
    ]


def _state(leg: LegRow, rows: Sequence[MessageRow], folded: Leg) -> State:
    """Add to the fold what only the sender of a message can know of its delivery."""
    mine = [row for row in rows if row.direction == messages.OUT]
    if any(row.settled == messages.EXPIRED for row in mine):
        return State.UNDELIVERABLE
    if folded.state is None:
        return State.UNDELIVERABLE
    if folded.state is State.DELIVERED and leg.side == Side.SENDER:
        opening = next(row for row in mine if row.name == "referral")
        return State.DELIVERED if opening.settled == messages.RECEIVED else State.QUEUED
    return folded.state


def _view(leg: LegRow, rows: Sequence[MessageRow]) -> LegView:
    folded = fold(_steps(leg, rows))
    state = _state(leg, rows, folded)
    side = Side(leg.side)
    ours = {side: messages.OUT, side.other: messages.IN}
    return LegView(
        row=leg,
        state=state,
        allowed=() if state is State.UNDELIVERABLE else allowed_steps(folded, side),
        messages=tuple(rows),
        overtaken=frozenset((ours[step.side], step.number) for step in folded.overtaken),
        open_questions=tuple(
            sorted(number for asker, number in folded.open_questions if asker is side.other)
        ),
    )


_STEP_NAMES = {
    content.full_name: field.name
    for field in message_pb2.Message.DESCRIPTOR.oneofs_by_name["step"].fields
    if (content := field.message_type) is not None
}
