"""Why a step of this node's own does not go: each refusal by its name, for people.

What a peer would refuse is refused here for the same (`node.exchange.checking`); what only
its author knows is asked besides: whether the leg is open by this clock, and whether a
second person has looked at S fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from google.protobuf.message import Message as AnyMessage

from node.errors import NodeError
from node.exchange.checking import check_following
from node.exchange.viewing import LegView, steps_of, view_of
from node.store import messages
from node.store.db import Transaction
from node.store.messages import LegRow, MessageRow
from protocol.disclosure.received import has_sensitive
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import ENDS, State, Step, allowed_steps, fold
from protocol.exchange.patterns import pattern_of
from protocol.pb.homeward.v1 import message_pb2

WITH_PART: Final = (message_pb2.HandOver, message_pb2.Note, message_pb2.Answer)
"""The later steps with which a part of a case may go."""


def check_own(db: Transaction, leg: LegRow, payload: bytes, step: Step, now_ms: int) -> None:
    """Check a step of this node's own; the peer would refuse it for the same.

    Raises:
        NodeError: unknown_kind, undeliverable, incomplete_step, consent_expired or illegal_step.
    """
    message = message_pb2.Message.FromString(payload)
    try:
        check_following(db, leg, message, step, made_at_ms=now_ms, now_ms=now_ms)
    except PeerError as error:
        if error.code is RefusalCode.UNKNOWN_KIND or not leg.kind:
            raise NodeError(
                "unknown_kind", "this version knows no referral of this kind"
            ) from error
        if error.code is RefusalCode.UNKNOWN_LEG:
            # The peer has refused the referral itself.
            raise NodeError(
                "undeliverable", "this referral could not be delivered", "nothing of it is there"
            ) from error
        if error.code is RefusalCode.PAYLOAD_INVALID:
            raise NodeError("incomplete_step", f"this is not complete: {error.detail}") from error
        if error.code is RefusalCode.CONSENT_EXPIRED:
            raise NodeError(
                "consent_expired", "this rests on a consent that has ended", "name another basis"
            ) from error
        raise _illegal(leg, messages.of_leg(db, leg.leg_id), step) from error


def check_people(content: AnyMessage, *, is_approved: bool) -> None:
    """Refuse S fields that a second person has not looked at, whoever asks.

    Raises:
        NodeError: second_person_needed.
    """
    if is_approved or not isinstance(content, (message_pb2.Referral, *WITH_PART)):
        return
    if has_sensitive(content.disclosure):
        raise NodeError(
            "second_person_needed",
            "there are sensitive fields in this: it goes only after a second person agreed",
            "see homeward referral approvals",
        )


def _illegal(leg: LegRow, rows: Sequence[MessageRow], step: Step) -> NodeError:
    pattern = pattern_of(leg.kind)
    folded = fold(pattern, steps_of(leg, rows))
    may = ", ".join(allowed_steps(pattern, folded, step.side)) or "nothing"
    return NodeError(
        "illegal_step",
        f"a referral in state {folded.state} does not allow this side to {step.name}",
        f"it allows: {may}",
    )


def check_open(view: LegView, name: str) -> None:
    """Refuse a step on a leg that is over by the clock or was never delivered.

    Raises:
        NodeError: undeliverable or expired.
    """
    if view.state is State.UNDELIVERABLE:
        raise NodeError("undeliverable", "this referral could not be delivered")
    if view.state is State.EXPIRED:
        raise NodeError(
            "expired",
            f"a referral that has expired does not allow to {name}",
            "a new referral can reopen it",
        )


def check_reopened(db: Transaction, leg_id: bytes, now_ms: int) -> None:
    """Refuse to reopen what the peer never had, or what is still open.

    Raises:
        NodeError: unknown_leg or not_ended.
    """
    leg = messages.leg(db, leg_id)
    if leg is None:
        raise NodeError("unknown_leg", "there is no such referral here")
    state = view_of(leg, messages.of_leg(db, leg_id), now_ms).state
    if state not in ENDS - {State.UNDELIVERABLE}:
        sentence = f"a referral in state {state} cannot be reopened"
        raise NodeError("not_ended", sentence, "only one that has ended")
