"""Commands that send a referral, and show the ones that there are.

What is previewed is what is sent: both go through `compose_referral`, and sending
is refused when the case was changed since the preview that the caller names. A referral
that may not go to the peer is refused with the preview already.
"""

from __future__ import annotations

import re

from node.app import Core
from node.cases.cases import CaseView
from node.cases.disclosing import Choice, compose_referral
from node.commands.arguments import Answer, Arguments, encoded
from node.commands.cases import row_answer
from node.commands.federation import peer_or_refuse
from node.commands.thread import referral_of, thread_answer
from node.errors import ArgumentError, NodeError
from node.exchange.legs import LegView
from node.exchange.received import received_files
from node.store.cases import CaseRow
from protocol import transfer
from protocol.disclosure import preview, ticked_count
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2

_PERIOD = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_FIGURE = re.compile(r"([a-z][a-z0-9_]{0,63})=([0-9]{1,12})", re.ASCII)


async def preview_referral(core: Core, arguments: Arguments) -> Answer:
    """Return what the peer would see, in its own language, and how much of the case that is."""
    peer = peer_or_refuse(core, arguments.text("to"))
    view, composed = await _compose(core, arguments)
    referral = core.legs.with_transfer_basis(NodeId(peer["node_id"]), composed)
    ticked, fillable = ticked_count(view.case, list(referral.mask.paths))
    return {
        "case_id": view.row.case_id,
        "case_version": view.row.version,
        "peer": peer,
        "ask": referral.ask.text,
        "kind": referral.kind,
        "urgency": referral.urgency,
        "legal_basis": _legal_basis(referral),
        "is_agreement_ended": _is_agreement_ended(core, peer),
        "reply_by_ms": referral.reply_by_ms,
        "expires_at_ms": referral.expires_at_ms,
        "rows": [row_answer(row) for row in preview(referral.disclosure, peer["language"])],
        "ticked": ticked,
        "fillable": fillable,
        "files": list(arguments.texts("file_ids")),
        "figures": {figure.name: figure.count for figure in referral.figures.figures},
    }


async def send_referral(core: Core, arguments: Arguments) -> Answer:
    """Open a leg with the referral; `case_version` is that of the preview."""
    peer = peer_or_refuse(core, arguments.text("to"))
    view, referral = await _compose(core, arguments)
    if arguments.number("case_version", view.row.version) != view.row.version:
        raise NodeError(
            "case_changed", "the case was changed since the preview", "look at the preview again"
        )
    node_id = NodeId(peer["node_id"])
    leg_id, _ = await core.legs.open(
        node_id, referral, case_id=view.row.case_id or None, made_by=arguments.text("made_by")
    )
    core.delivery.wake(node_id)
    return {"leg": leg_id.hex(), "peer": node_id}


async def list_referrals(core: Core, arguments: Arguments) -> Answer:
    """Return all legs, newest first, without what is in them."""
    del arguments
    return {"referrals": [leg_answer(view) for view in await core.legs.list()]}


async def show_referral(core: Core, arguments: Arguments) -> Answer:
    """Return a leg with its thread, coded values in `language`."""
    view = await core.legs.view(await core.legs.find(arguments.text("leg")))
    thread = await thread_answer(core, view, arguments.language("language", "en"))
    return {**leg_answer(view), **thread}


async def list_files(core: Core, arguments: Arguments) -> Answer:
    """Return where the received files of a leg lie, and what opens them.

    The caller is the owner of the home, and decrypts them where they are to go: no
    plaintext passes through this node's memory or disk.
    """
    view = await core.legs.view(await core.legs.find(arguments.text("leg")))
    return {
        "files": [
            {
                "file_id": row.file_id,
                "blob_id": row.blob_id.hex(),
                "blob_size": row.blob_size,
                "key": encoded(row.key),
                "media_type": row.media_type,
                "size": row.size,
                "digest": row.digest.hex(),
                "is_complete": row.is_complete,
            }
            for row in await received_files(core.context, view.row.leg_id)
        ]
    }


def leg_answer(view: LegView) -> Answer:
    """Return the head of a leg."""
    return {
        "leg": view.row.leg_id.hex(),
        "side": view.side.value,
        "peer": view.row.peer,
        "kind": view.row.kind,
        "urgency": view.row.urgency,
        "state": view.state.value,
        "allowed": list(view.allowed),
        "case_id": view.row.case_id,
        "opened_at_ms": view.row.opened_at_ms,
        "reply_by_ms": view.row.reply_by_ms,
        "expires_at_ms": view.row.expires_at_ms,
        "steps_count": len(view.messages),
        "ask": referral_of(view).ask.text,
        "reopens": referral_of(view).reopens_leg_id.hex(),
        "redirected_to": _redirected_to(view),
        "has_lead_moved": view.has_lead_moved,
    }


def _redirected_to(view: LegView) -> str:
    """Return where the sender should send it instead; the recipient hands on nothing."""
    rows = [row for row in view.messages if row.name == "redirect"]
    if view.state is not State.REDIRECTED or not rows:
        return ""
    return message_pb2.Message.FromString(rows[-1].payload).redirect.target


async def _compose(core: Core, arguments: Arguments) -> tuple[CaseView, message_pb2.Referral]:
    choice = _choice(arguments)
    now_ms = core.context.clock.now_ms()
    if choice.kind == "statistic":
        view = _no_case(arguments)
        referral = compose_referral(view, choice, now_ms=now_ms)
        referral.ClearField("disclosure")
        referral.figures.CopyFrom(_figures(arguments))
    else:
        if arguments.texts("figure") or arguments.text("period", ""):
            raise ArgumentError("argument_invalid", "only a statistic has figures")
        view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
        referral = compose_referral(view, choice, now_ms=now_ms)
    reopened = arguments.text("reopens", "")
    if reopened:
        referral.reopens_leg_id = await core.legs.find(reopened)
    return view, referral


def _no_case(arguments: Arguments) -> CaseView:
    if arguments.text("case_id", "") or arguments.texts("field") or arguments.texts("file_ids"):
        raise ArgumentError("argument_invalid", "a statistic has no case, only figures")
    row = CaseRow(case_id="", version=0, body=b"", made_at_ms=0, made_by="", reason="")
    return CaseView(row=row, case=case_pb2.Case(), files=())


def _figures(arguments: Arguments) -> message_pb2.Figures:
    figures = message_pb2.Figures(period=arguments.text("period"))
    if _PERIOD.fullmatch(figures.period) is None:
        raise ArgumentError("argument_invalid", "--period is no year or month", "2026, 2026-05")
    for text in arguments.texts("figure"):
        found = _FIGURE.fullmatch(text)
        if found is None:
            raise ArgumentError("argument_invalid", "--figure is no count", "open_cases=12")
        figures.figures.add(name=found[1], count=int(found[2]))
    if not figures.figures:
        raise ArgumentError("argument_missing", "--figure is missing", "open_cases=12")
    return figures


def _choice(arguments: Arguments) -> Choice:
    return Choice(
        kind=arguments.code("kind", "referral_kind"),
        urgency=arguments.number("urgency"),
        ask=arguments.text("ask"),
        language=arguments.language("language", "en"),
        purpose=arguments.code("purpose", "purpose"),
        art6_basis=arguments.code("art6", "art6_basis"),
        art9_condition=arguments.code("art9", "art9_condition", ""),
        art10_basis=arguments.code("art10", "art10_basis", ""),
        art49_derogation=arguments.code("derogation", "art49_derogation", ""),
        police_informed=arguments.code("police_informed", "police_informed"),
        paths=arguments.texts("field"),
        file_ids=arguments.texts("file_ids"),
        reply_by_ms=arguments.number("reply_by_ms"),
        expires_at_ms=arguments.number("expires_at_ms"),
    )


def _legal_basis(referral: message_pb2.Referral) -> Answer:
    basis = referral.legal_basis
    return {
        "purpose": basis.purpose,
        "art6_basis": basis.art6_basis,
        "art9_condition": basis.art9_condition,
        "art10_basis": basis.art10_basis,
        "police_informed": basis.police_informed,
        "transfer_basis": basis.transfer_basis,
        "art49_derogation": basis.art49_derogation,
    }


def _is_agreement_ended(core: Core, peer: Answer) -> bool:
    member = core.context.trust.directory.members[NodeId(peer["node_id"])]
    return transfer.is_agreement_ended(member, transfer.utc_date(core.context.clock.now_ms()))
