"""What a referral chose, to send it anew: to whom the peer sent it on, or to somebody else.

No node hands on what is not its own, so a referral that is redirected is composed anew by
its sender: from the case as it is now, and through the same checks as any other. Nothing
in it says that it was sent to somebody else before.
"""

from __future__ import annotations

from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.commands.thread import referral_of
from node.errors import ArgumentError, NodeError
from node.exchange.legs import LegView
from protocol.exchange.leg import Side, State
from protocol.pb.homeward.v1 import message_pb2

_MAY_GO_AGAIN = frozenset({State.REDIRECTED, State.DECLINED, State.UNDELIVERABLE, State.EXPIRED})


async def choice_of(core: Core, arguments: Arguments) -> Answer:
    """Return as arguments what sends the referral `leg` once more; `to` is another peer.

    No derogation and no override is part of it: they are decided for one peer.
    """
    view = await core.legs.view(await core.legs.find(arguments.text("leg")))
    if view.side is not Side.SENDER:
        raise NodeError("not_ours", "only its sender can send a referral again")
    if view.state not in _MAY_GO_AGAIN:
        sentence = f"a referral in state {view.state} is not sent again"
        raise NodeError("not_ended", sentence, "withdraw it first, or wait for its end")
    referral = referral_of(view)
    basis = referral.legal_basis
    return {
        "to": arguments.node_id("to", "") or _named_peer(view),
        "follows": view.row.leg_id.hex(),
        "case_id": view.row.case_id or "",
        "kind": referral.kind,
        "urgency": referral.urgency,
        "ask": referral.ask.text,
        "language": referral.ask.language or "en",
        "purpose": basis.purpose,
        "art6": basis.art6_basis,
        "art9": basis.art9_condition,
        "art10": basis.art10_basis,
        "police_informed": basis.police_informed,
        "sensitive_reason": basis.sensitive_reason.text,
        "at_once_reason": basis.at_once_reason.text,
        "field": list(referral.mask.paths),
        "file_ids": [key.file_id for key in referral.attachment_keys],
        "period": referral.figures.period,
        "figure": [f"{each.name}={each.count}" for each in referral.figures.figures],
        "reply_by_ms": referral.reply_by_ms,
        "expires_at_ms": referral.expires_at_ms,
    }


def _named_peer(view: LegView) -> str:
    """Return the peer that the recipient named."""
    said = [
        message_pb2.Message.FromString(row.payload)
        for row in view.messages
        if row.name in ("redirect", "decline")
    ]
    named = next((m.redirect.target or m.decline.suggested_peer for m in said), "")
    if not named:
        raise ArgumentError("argument_missing", "--to is missing", "the peer named nobody else")
    return named
