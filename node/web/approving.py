"""Drafts with sensitive fields: a second person looks, and sends them or does not."""

from __future__ import annotations

from aiohttp import web

from node.commands.arguments import Answer
from node.errors import NodeError
from node.users.policy import Action, may_decide
from node.web.forms import Form, act, kept_form, new_form_id, read_form
from node.web.peers import records_of
from node.web.referrals import zone_of
from node.web.referring import peer_views
from node.web.visit import Route, Visit
from protocol.errors import PolicyRefusal

# Whoever looks here is the second person, and knows it.
_NOT_SAID = {"needs_second_person": False, "is_agreement_ended": False}


async def show_approvals(visit: Visit) -> web.Response:
    """What waits for a second person."""
    answer = await visit.command("referral.approvals")
    return visit.page("approvals.html", approvals=answer["approvals"])


async def show_approval(visit: Visit) -> web.StreamResponse:
    """One draft: who asks for what, and what would go, as they will see it."""
    return await _page(visit, await kept_form(visit))


async def _page(visit: Visit, form: Form) -> web.StreamResponse:
    head = await _head(visit)
    shown, error = None, None
    try:
        if head["decision"] == "waiting":
            shown = await visit.command("referral.approval", approval=head["approval"])
    except (NodeError, PolicyRefusal) as refusal:
        error = refusal
    peers = records_of(visit, head["peers"])
    previews = shown["previews"] if shown else []
    return visit.page(
        "approval.html",
        status=422 if form.faults else 200,
        draft=head,
        sensitive=shown["sensitive"] if shown else [],
        views=peer_views([{**each, **_NOT_SAID} for each in previews], peers),
        error=error,
        zones={peer: zone_of(visit, peer) for peer in head["peers"]},
        may_approve=_may_approve(visit, head),
        may_reject=visit.may(Action.APPROVE) or _is_own(visit, head),
        is_own=_is_own(visit, head),
        form=form,
        form_id=new_form_id(visit),
    )


async def _head(visit: Visit) -> Answer:
    row = await visit.core.approvals.find(visit.part("approval"))
    drafts = (await visit.command("referral.approvals", all=True))["approvals"]
    found: Answer = next(each for each in drafts if each["approval"] == row.approval_id.hex())
    return found


def _is_own(visit: Visit, head: Answer) -> bool:
    return str(head["asked_by"]) == visit.visitor.name


def _may_approve(visit: Visit, head: Answer) -> bool:
    role = visit.visitor.role
    return role is not None and may_decide(
        Action.APPROVE, role, decided_by=visit.visitor.name, asked_by=head["asked_by"]
    )


async def approve(visit: Visit) -> web.StreamResponse:
    """Send it."""
    form = await read_form(visit)
    head = await _head(visit)

    async def do() -> str:
        if not _may_approve(visit, head):
            raise NodeError("same_person", "who asked for it cannot approve it")
        answer = await visit.command(
            "referral.approve", approval=head["approval"], by=visit.visitor.name
        )
        legs = [each["leg"] for each in answer["legs"]]
        return f"/referrals/{legs[0]}" if len(legs) == 1 else f"/sent?legs={','.join(legs)}"

    return await act(visit, form, do, lambda refused: _page(visit, refused))


async def reject(visit: Visit) -> web.StreamResponse:
    """Send nothing, and say why; who asked may take it back in the same way."""
    form = await read_form(visit)
    head = await _head(visit)
    if not (visit.may(Action.APPROVE) or _is_own(visit, head)):
        return visit.page("not_allowed.html", status=403)
    if not form.text("text"):
        form.refuse("argument_missing", "text")
        return await _page(visit, form)

    async def do() -> str:
        await visit.command(
            "referral.reject", approval=head["approval"], by=visit.visitor.name,
            text=form.text("text"),
        )  # fmt: skip
        return f"/approvals/{head['approval']}"

    return await act(visit, form, do, lambda refused: _page(visit, refused))


ROUTES = (
    Route("GET", "/approvals", Action.REFER, show_approvals),
    Route("GET", "/approvals/{approval}", Action.REFER, show_approval),
    Route("POST", "/approvals/{approval}/approve", Action.APPROVE, approve),
    Route("POST", "/approvals/{approval}/reject", Action.REFER, reject),
)
