"""What a step must pass before it is stored: the same at its author's and at its reader's.

It follows on what is known of its leg (`protocol.exchange.leg`), and says what it must
(`protocol.exchange.content`). What only the database knows is checked here: which leg is
reopened, and whether figures came as they went.
"""

from __future__ import annotations

import hashlib

from node.store import messages
from node.store.db import Transaction
from node.store.messages import LegRow
from protocol import limits
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.content import check_content
from protocol.exchange.leg import ENDS, Side, Step, check_step, fold, state_at
from protocol.exchange.patterns import pattern_of
from protocol.pb.homeward.v1 import message_pb2
from protocol.policy import check_consent_in_time

# A clock that was ahead when the referral was written may have been set right since.
_LONGEST_MS = limits.LEG_LIFETIME_MS + limits.CLOCK_SKEW_MS


def check_following(
    db: Transaction,
    leg: LegRow,
    message: message_pb2.Message,
    step: Step,
    *,
    made_at_ms: int,
    now_ms: int,
) -> None:
    """Refuse a step that may not follow on what is stored of its leg.

    `leg` is as stored, or as this referral would open it; `made_at_ms` is the header's time.

    Raises:
        PeerError: as `check_step` and `check_content`; ILLEGAL_STEP for a leg that cannot
            be reopened, STEP_OUT_OF_ORDER for one that has not ended yet, PAYLOAD_INVALID
            for a checksum of other figures, a reply to no note or a leg that would live too long,
            CONSENT_EXPIRED for what rests on one.
    """
    if not leg.kind:
        raise PeerError(RefusalCode.UNKNOWN_LEG, "no referral opened this leg")
    check_step(pattern_of(leg.kind), messages.steps(db, leg.leg_id, Side(leg.side)), step)
    check_content(leg.kind, message)
    if message.referral.expires_at_ms > made_at_ms + _LONGEST_MS:
        raise PeerError(RefusalCode.PAYLOAD_INVALID, "expires later than a leg may")
    # The clock of its author may be behind ours, so that it was in time there.
    slack_ms = 0 if step.side == leg.side else limits.CLOCK_SKEW_MS
    check_consent_in_time(_legal_basis(message), now_ms - slack_ms)
    if message.referral.reopens_leg_id:
        _check_reopening(db, leg, message.referral.reopens_leg_id, now_ms)
    if message.note.replies_to:
        _check_reply(db, leg, step.side.other, message.note.replies_to)
    if message.acknowledge.checksum:
        _check_sum(db, leg, step.side, message.acknowledge.checksum)


def _legal_basis(message: message_pb2.Message) -> message_pb2.LegalBasis:
    """Return the legal basis that a step states; an empty one if it states none."""
    content = getattr(message, str(message.WhichOneof("step")))
    basis = getattr(content, "legal_basis", None)
    return basis if isinstance(basis, message_pb2.LegalBasis) else message_pb2.LegalBasis()


def checksum(payload: bytes) -> bytes:
    """Return what acknowledges the figures of a referral's payload."""
    return hashlib.sha256(payload).digest()


def _check_reopening(db: Transaction, leg: LegRow, reopened: bytes, now_ms: int) -> None:
    old = messages.leg(db, reopened)
    if old is None or old.peer != leg.peer:
        raise PeerError(RefusalCode.ILLEGAL_STEP, "reopens no leg of these two nodes")
    # The sender's clock may be ahead of ours, so that it saw the expiry first.
    is_ours = leg.side == Side.SENDER
    at_ms = now_ms if is_ours else now_ms + limits.CLOCK_SKEW_MS
    folded = fold(pattern_of(old.kind), messages.steps(db, old.leg_id, Side(old.side)))
    if state_at(folded, old.expires_at_ms, at_ms) not in ENDS:
        # What ended it may still be on its way here: the sender tries again.
        raise PeerError(RefusalCode.STEP_OUT_OF_ORDER, "reopens a leg that has not ended")


def _check_reply(db: Transaction, leg: LegRow, side: Side, number: int) -> None:
    steps = messages.steps(db, leg.leg_id, Side(leg.side))
    if not any(s.side is side and s.number == number and s.name == "note" for s in steps):
        raise PeerError(RefusalCode.PAYLOAD_INVALID, "replies to no note of the other side")


def _check_sum(db: Transaction, leg: LegRow, side: Side, told: bytes) -> None:
    opening = next(row for row in messages.of_leg(db, leg.leg_id) if row.name == "referral")
    if not opening.salt:
        if side == leg.side:
            raise PeerError(RefusalCode.PAYLOAD_INVALID, "the figures are erased here")
        # Erased here since: nothing is left to compare with, and they came as they went.
        return
    if checksum(opening.payload) != told:
        raise PeerError(RefusalCode.PAYLOAD_INVALID, "acknowledges other figures")
