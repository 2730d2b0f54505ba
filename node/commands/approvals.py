"""Commands on drafts that wait for a second person: list them, look, approve, reject."""

from __future__ import annotations

from node.app import Core
from node.cases.approvals import Content, Draft, Shown
from node.commands.arguments import Answer, Arguments
from node.commands.cases import row_answer
from node.commands.federation import peer_or_refuse
from node.errors import NodeError
from node.store.approvals import ApprovalRow
from protocol.disclosure import preview, sensitive_paths, ticked_count
from protocol.pb.homeward.v1 import message_pb2


async def kept_draft(core: Core, draft: Draft, arguments: Arguments) -> Answer:
    """Keep a draft instead of sending it; return where it waits.

    Raises:
        NodeError, PolicyRefusal: it could not go even when approved.
    """
    if draft.leg_id is not None:
        view = await core.legs.view(draft.leg_id)
        step = arguments.text("step")
        if step not in view.allowed:
            raise NodeError(
                "illegal_step",
                f"a referral in state {view.state} does not allow this side to {step}",
                f"it allows: {', '.join(view.allowed) or 'nothing'}",
            )
    row = await core.approvals.ask(draft, asked_by=arguments.text("made_by"))
    return {"approval": row.approval_id.hex(), **_head(row)}


async def list_approvals(core: Core, arguments: Arguments) -> Answer:
    """Return the drafts that wait, without what is in them; with `all` also those that do not."""
    rows = await core.approvals.kept(is_all=arguments.flag("all"))
    return {"approvals": [{"approval": row.approval_id.hex(), **_head(row)} for row in rows]}


async def show_approval(core: Core, arguments: Arguments) -> Answer:
    """Return what a draft would send now, as each peer would see it."""
    row = await core.approvals.find(arguments.text("approval"))
    shown = await core.approvals.show(row.approval_id)
    return {
        "approval": row.approval_id.hex(),
        **_head(shown.row),
        "sensitive": list(sensitive_paths(shown.contents[0].mask.paths)),
        "previews": [
            _preview(core, shown, peer, content)
            for peer, content in zip(shown.draft.peers, shown.contents, strict=True)
        ],
    }


async def approve(core: Core, arguments: Arguments) -> Answer:
    """Send a draft, as a second person."""
    row = await core.approvals.find(arguments.text("approval"))
    legs = await core.approvals.approve(row.approval_id, by=arguments.text("by"))
    views = [await core.legs.view(leg_id) for leg_id in legs]
    for view in views:
        core.delivery.wake(view.row.peer)
    return {
        "approval": row.approval_id.hex(),
        "step": row.step,
        "legs": [{"leg": view.row.leg_id.hex(), "peer": view.row.peer} for view in views],
    }


async def reject(core: Core, arguments: Arguments) -> Answer:
    """End a draft without sending anything."""
    row = await core.approvals.find(arguments.text("approval"))
    await core.approvals.reject(
        row.approval_id, by=arguments.text("by"), text=arguments.text("text")
    )
    return {"approval": row.approval_id.hex()}


def legal_basis_answer(basis: message_pb2.LegalBasis) -> Answer:
    """Return a legal basis with every field, in codes."""
    return {
        "purpose": basis.purpose,
        "art6_basis": basis.art6_basis,
        "art9_condition": basis.art9_condition,
        "art10_basis": basis.art10_basis,
        "police_informed": basis.police_informed,
        "transfer_basis": basis.transfer_basis,
        "art49_derogation": basis.art49_derogation,
        "consent_given_by": list(basis.consent_given_by),
        "consent_expires_at_ms": basis.consent_expires_at_ms,
        "consent_purposes": list(basis.consent_purposes),
        "sensitive_reason": basis.sensitive_reason.text,
        "decided_by_count": basis.decided_by_count,
        "overridden_rules": list(basis.overridden_rules),
        "override_reason": basis.override_reason.text,
        "at_once_reason": basis.at_once_reason.text,
    }


def _head(row: ApprovalRow) -> Answer:
    return {
        "step": row.step,
        "peers": row.peers.split(),
        "leg": row.leg_id.hex() if row.leg_id else "",
        "case_id": row.case_id,
        "case_version": row.case_version,
        "reason": row.reason,
        "asked_by": row.asked_by,
        "asked_at_ms": row.asked_at_ms,
        "expires_at_ms": row.expires_at_ms,
        "decision": row.decision or "waiting",
        "decided_by": row.decided_by,
        "decided_at_ms": row.decided_at_ms,
        "text": row.text,
    }


def _preview(core: Core, shown: Shown, node_id: str, content: Content) -> Answer:
    peer = peer_or_refuse(core, node_id)
    ticked, fillable = ticked_count(shown.view.case, list(content.mask.paths))
    is_referral = isinstance(content, message_pb2.Referral)
    return {
        "peer": peer,
        "ask": content.ask.text if isinstance(content, message_pb2.Referral) else "",
        "text": "" if isinstance(content, message_pb2.Referral) else content.text.text,
        "kind": shown.draft.choice.kind,
        "urgency": shown.draft.choice.urgency,
        "reply_by_ms": content.reply_by_ms if isinstance(content, message_pb2.Referral) else 0,
        "is_referral": is_referral,
        "legal_basis": legal_basis_answer(content.legal_basis),
        "rows": [row_answer(row) for row in preview(content.disclosure, peer["language"])],
        "ticked": ticked,
        "fillable": fillable,
        "files": list(shown.draft.choice.file_ids),
    }
