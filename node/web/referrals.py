"""Referrals: all of them, and one as a thread with what may be done next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from aiohttp import web

from node.commands.arguments import Answer
from node.errors import ArgumentError
from node.users.policy import Action, is_allowed
from node.web.forms import Form, act, kept_form, new_form_id, read_form
from node.web.labels import grouped
from node.web.rendering import catalogue
from node.web.visit import Route, Visit
from protocol.vocabulary import label, offered

# What a person needs to be allowed for a step; what is not named takes ANSWER.
_ACTIONS: Mapping[str, Action] = MappingProxyType(
    {"claim": Action.CLAIM, "note": Action.NOTE, "acknowledge": Action.CLAIM}
)
# The fields of each step's form: name of the argument, kind of field, coded list.
STEP_FIELDS: Mapping[str, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {
        "claim": (("contact", "text", ""), ("telephone", "tel", "")),
        "accept": (("case_number", "text", ""),),
        "decline": (("reason", "code", "decline_reason"), ("text", "long", "")),
        "redirect": (("to", "peer", ""), ("text", "long", "")),
        "ask": (("text", "long", ""),),
        "answer": (("question", "question", ""), ("text", "long", "")),
        "note": (("text", "long", ""),),
        "outcome": (
            ("outcome", "code", "outcome"),
            ("happened_at_ms", "moment", ""),
            ("found_by", "code", "found_by"),
            ("condition", "code", "condition"),
            ("authority_told", "code", "authority_told"),
            ("told_to", "codes", "whereabouts_may_be_told_to"),
            ("text", "long", ""),
        ),
        "confirm": (("text", "long", ""),),
        "dispute": (("text", "long", ""),),
        "withdraw": (("reason", "code", "withdraw_reason"), ("text", "long", "")),
        "confirm_cancel": (("text", "long", ""),),
        "acknowledge": (
            ("copy", "code", "copy"),
            ("kept_basis", "code", "art6_basis"),
            ("text", "long", ""),
        ),
        "disposition": (("disposition", "code", "outcome"), ("text", "long", "")),
        "custody_taken": (("case_number", "text", ""), ("text", "long", "")),
    }
)


async def show_referrals(visit: Visit) -> web.Response:
    """All referrals, the newest first; `show` narrows them down."""
    answer = await visit.command("referral.list")
    show = visit.asked("show")
    rows = [each for each in answer["referrals"] if not show or each["state"] == show]
    states = sorted({each["state"] for each in answer["referrals"]})
    return visit.page("referrals.html", referrals=rows, states=states, show=show)


async def show_referral(visit: Visit) -> web.StreamResponse:
    """One referral as a thread."""
    return await _page(visit, await kept_form(visit))


async def show_delivery(visit: Visit) -> web.Response:
    """Only how the steps got across: the page renews this by itself."""
    answer = await visit.command("referral.show", leg=visit.part("leg"))
    return visit.page("referral_steps.html", referral=answer)


async def _page(visit: Visit, form: Form) -> web.StreamResponse:
    answer = await visit.command("referral.show", leg=visit.part("leg"))
    words = catalogue(visit.language).gettext
    return visit.page(
        "referral.html",
        status=422 if form.faults else 200,
        referral=answer,
        groups=grouped(answer["rows"], words),
        steps_allowed=[name for name in answer["allowed"] if _may_step(visit, name)],
        step_fields=STEP_FIELDS,
        options=lambda vocabulary: _options(vocabulary, visit.language),
        peers=_peers(visit),
        chosen=form.text("step") or visit.asked("step"),
        form=form,
        form_id=new_form_id(visit),
    )


def _may_step(visit: Visit, name: str) -> bool:
    action = _ACTIONS.get(name, Action.ANSWER)
    return name in STEP_FIELDS and is_allowed(action, visit.visitor.access, visit.visitor.role)


def _options(vocabulary: str, language: str) -> list[tuple[str, str]]:
    return [(code, label(vocabulary, code, language)) for code in offered(vocabulary)]


def _peers(visit: Visit) -> list[tuple[str, str]]:
    directory = visit.core.context.trust.directory
    own = visit.core.context.node_id
    return [
        (node_id, member.legal_name)
        for node_id, member in directory.members.items()
        if node_id != own and directory.is_active(node_id)
    ]


async def make_step(visit: Visit) -> web.StreamResponse:
    """Make the next step."""
    form = await read_form(visit)
    name, leg = form.text("step"), visit.part("leg")
    if name not in STEP_FIELDS:
        raise ArgumentError("argument_invalid", "there is no such step")
    if not _may_step(visit, name):
        return visit.page("not_allowed.html", status=403)

    async def do() -> str:
        await visit.command("referral.step", leg=leg, step=name, **_values(form, name))
        return f"/referrals/{leg}"

    return await act(visit, form, do, lambda refused: _page(visit, refused))


def _values(form: Form, step: str) -> Answer:
    """Return the arguments of a step from its form."""
    values: Answer = {}
    for name, kind, _vocabulary in STEP_FIELDS[step]:
        if kind == "codes":
            values[name] = form.texts(name)
        elif kind == "moment":
            values[name] = _moment_ms(form.text(name))
        elif kind == "question":
            values[name] = int(form.text(name) or 0) if form.text(name).isdigit() else 0
        elif form.text(name) or kind != "code":
            values[name] = form.text(name)
    return values


def _moment_ms(text: str) -> int:

    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentError("argument_invalid", "this is no time") from error
    return int(at.astimezone().timestamp() * 1000)


ROUTES = (
    Route("GET", "/referrals", Action.SEE_REFERRAL, show_referrals),
    Route("GET", "/referrals/{leg}", Action.SEE_REFERRAL, show_referral),
    Route("GET", "/referrals/{leg}/steps", Action.SEE_REFERRAL, show_delivery, is_background=True),
    Route("POST", "/referrals/{leg}", Action.SEE_REFERRAL, make_step),
)
