"""Commands that send a referral, and show the ones that there are.

What is previewed is what is sent: both go through `compose_referral`, and sending
is refused when the case was changed since the preview that the caller names. A referral
that may not go to the peer is refused with the preview already.
"""

from __future__ import annotations

import re

from node.app import Core
from node.cases.approvals import Draft
from node.cases.cases import CaseView
from node.cases.disclosing import (
    Choice,
    Grounds,
    check_case_unchanged,
    compose_referral,
    needs_second_person,
)
from node.commands.approvals import kept_draft, legal_basis_answer
from node.commands.arguments import Answer, Arguments, encoded
from node.commands.cases import row_answer
from node.commands.federation import peer_or_refuse, recipient_facts
from node.commands.parts import reasons
from node.commands.thread import referral_of, thread_answer
from node.errors import ArgumentError, NodeError
from node.exchange.legs import LegView, NewLeg
from node.exchange.received import received_files
from node.store.cases import CaseRow
from protocol.disclosure import preview, ticked_count
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2

_PERIOD = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_FIGURE = re.compile(r"([a-z][a-z0-9_]{0,63})=([0-9]{1,12})", re.ASCII)


async def preview_referral(core: Core, arguments: Arguments) -> Answer:
    """Return what the peer would see, in its own language, and how much of the case that is."""
    told = recipient_facts(core, arguments.text("to"))
    peer = NodeId(told["peer"]["node_id"])
    view, composed = await _compose(core, arguments, peer)
    among = [NodeId(each) for each in peers_of(arguments)]
    referral = core.legs.with_transfer_basis(peer, composed, among=among)
    ticked, fillable = ticked_count(view.case, list(referral.mask.paths))
    return {
        "case_id": view.row.case_id,
        "case_version": view.row.version,
        **told,
        "ask": referral.ask.text,
        "kind": referral.kind,
        "urgency": referral.urgency,
        "legal_basis": legal_basis_answer(referral.legal_basis),
        "needs_second_person": needs_second_person(referral),
        "reply_by_ms": referral.reply_by_ms,
        "expires_at_ms": referral.expires_at_ms,
        "rows": [row_answer(row) for row in preview(referral.disclosure, told["peer"]["language"])],
        "ticked": ticked,
        "fillable": fillable,
        "files": list(arguments.texts("file_ids")),
        "figures": {figure.name: figure.count for figure in referral.figures.figures},
    }


async def preview_all(core: Core, arguments: Arguments) -> Answer:
    """Return a preview for each of `peers`, and why it may not go to some of them.

    Raises:
        NodeError, PolicyRefusal: it may go to none of them.
    """
    previews: list[Answer] = []
    refused: list[Answer] = []
    errors: list[Exception] = []
    for peer in peers_of(arguments):
        try:
            previews.append(await preview_referral(core, arguments.changed(to=peer)))
        except (NodeError, PolicyRefusal) as error:
            code = error.code if isinstance(error, NodeError) else error.rule
            told = {"code": code, "sentence": error.sentence, "hint": error.hint}
            refused.append({"peer": peer, **told})
            errors.append(error)
    if errors and not previews:
        # What is wrong with all is most often wrong with the referral.
        raise errors[0]
    return {"previews": previews, "refused": refused}


async def send_referral(core: Core, arguments: Arguments) -> Answer:
    """Open a leg with the referral to each of `peers`, all in one transaction.

    `case_version` is that of the preview. `follows` is a leg in whose place it goes. With
    S fields nothing goes: it is kept as a draft until a second person has approved it.
    """
    peers = peers_of(arguments)
    new = [await _new_leg(core, arguments.changed(to=peer)) for peer in peers]
    if any(needs_second_person(each.referral) for each in new):
        return await kept_draft(
            core, _draft(new, await referral_choice(core, arguments)), arguments
        )
    opened = await core.legs.open_all(new, made_by=arguments.text("made_by"))
    for each in new:
        core.delivery.wake(each.peer)
    legs = [
        {"leg": leg_id.hex(), "peer": each.peer}
        for each, (leg_id, _) in zip(new, opened, strict=True)
    ]
    return {**legs[0], "legs": legs}


def peers_of(arguments: Arguments) -> tuple[str, ...]:
    """Return to whom it goes: `peers`, or `to` alone."""
    peers = arguments.texts("peers") or (arguments.text("to"),)
    if len(set(peers)) != len(peers):
        raise ArgumentError("argument_invalid", "--to names a peer twice")
    return peers


async def _new_leg(core: Core, arguments: Arguments) -> NewLeg:
    """Return the referral to one peer, ready to go.

    Raises:
        NodeError, PolicyRefusal: why it may not go to this peer.
    """
    peer = peer_or_refuse(core, arguments.text("to"))
    view, referral = await _compose(core, arguments, NodeId(peer["node_id"]))
    check_case_unchanged(view, arguments.number("case_version", view.row.version))
    followed = arguments.text("follows", "")
    return NewLeg(
        NodeId(peer["node_id"]),
        referral,
        view.row.case_id or None,
        await core.legs.find(followed) if followed else None,
    )


def _draft(new: list[NewLeg], choice: Choice) -> Draft:
    first = new[0]
    return Draft(
        choice=choice,
        peers=tuple(each.peer for each in new),
        case_id=first.case_id or "",
        follows=first.follows,
    )


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
        "leg": view.row.leg_id.hex(),
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
        ],
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
        "open_erase_requests": list(view.open_erase_requests),
        "case_id": view.row.case_id,
        "opened_at_ms": view.row.opened_at_ms,
        "reply_by_ms": view.row.reply_by_ms,
        "expires_at_ms": view.row.expires_at_ms,
        "steps_count": len(view.messages),
        "ask": referral_of(view).ask.text,
        "reopens": referral_of(view).reopens_leg_id.hex(),
        "follows": view.row.follows.hex() if view.row.follows else "",
        "redirected_to": _redirected_to(view),
        "has_lead_moved": view.has_lead_moved,
        "is_closed_by_node": _is_closed_by_node(view),
    }


def _is_closed_by_node(view: LegView) -> bool:
    """Whether it is closed because nobody answered its outcome."""
    rows = [row for row in view.messages if row.name == "confirm"]
    if view.state is not State.CLOSED or not rows:
        return False
    return message_pb2.Message.FromString(rows[-1].payload).confirm.is_automatic


def _redirected_to(view: LegView) -> str:
    """Return where the sender should send it instead; the recipient hands on nothing."""
    rows = [row for row in view.messages if row.name == "redirect"]
    if view.state is not State.REDIRECTED or not rows:
        return ""
    return message_pb2.Message.FromString(rows[-1].payload).redirect.target


async def _compose(
    core: Core, arguments: Arguments, peer: NodeId
) -> tuple[CaseView, message_pb2.Referral]:
    choice = await referral_choice(core, arguments)
    now_ms = core.context.clock.now_ms()
    if choice.kind == "statistic":
        view = _no_case(arguments)
        referral = compose_referral(view, choice, peer=peer, now_ms=now_ms)
        referral.ClearField("disclosure")
        referral.figures.CopyFrom(_figures(arguments))
    else:
        if arguments.texts("figure") or arguments.text("period", ""):
            raise ArgumentError("argument_invalid", "only a statistic has figures")
        view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
        referral = compose_referral(view, choice, peer=peer, now_ms=now_ms)
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


async def referral_choice(core: Core, arguments: Arguments) -> Choice:
    """Return what somebody decides for a referral, as it is given.

    Raises:
        ArgumentError: something is missing, or cannot be read.
    """
    reopened = arguments.text("reopens", "")
    return Choice(
        kind=arguments.code("kind", "referral_kind"),
        urgency=arguments.number("urgency"),
        ask=arguments.text("ask"),
        language=arguments.language("language", "en"),
        grounds=_grounds(arguments),
        paths=arguments.texts("field"),
        file_ids=arguments.texts("file_ids"),
        reply_by_ms=arguments.number("reply_by_ms", 0) or await _reply_by_ms(core, arguments),
        expires_at_ms=arguments.number("expires_at_ms"),
        reopens=(await core.legs.find(reopened)).hex() if reopened else "",
    )


async def _reply_by_ms(core: Core, arguments: Arguments) -> int:
    """Return by when it is to be answered if nobody says: by urgency, in the peers' hours."""
    peer = arguments.text("to", "")
    peers = [NodeId(each) for each in ((peer,) if peer else arguments.texts("peers"))]
    urgency = arguments.number("urgency")
    due_ms = await core.reminding.answers_due_ms(peers, [urgency])
    latest_ms = max((each[urgency] for each in due_ms.values()), default=0)
    return min(latest_ms, arguments.number("expires_at_ms"))


def _grounds(arguments: Arguments) -> Grounds:
    return Grounds(
        purpose=arguments.code("purpose", "purpose"),
        art6_basis=arguments.code("art6", "art6_basis"),
        art9_condition=arguments.code("art9", "art9_condition", ""),
        art10_basis=arguments.code("art10", "art10_basis", ""),
        art49_derogation=arguments.code("derogation", "art49_derogation", ""),
        police_informed=arguments.code("police_informed", "police_informed"),
        **reasons(arguments),
        language=arguments.language("language", "en"),
    )
