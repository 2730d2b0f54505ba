"""Referrals: all of them, and one as a thread with what may be done next."""

from __future__ import annotations

import datetime
import hashlib
import json

from aiohttp import web

from node.commands.arguments import Answer
from node.errors import ArgumentError
from node.federation import hours
from node.reminding.waits import What
from node.store.tellings import WAYS
from node.users.policy import Action
from node.web import step_forms
from node.web.choosing import first_page, keep_first, keep_second
from node.web.forms import Form, act, kept_form, new_form_id, read_form
from node.web.labels import grouped
from node.web.rendering import LANGUAGES, catalogue
from node.web.visit import Route, Visit
from protocol.ids import NodeId
from protocol.vocabulary import label, offered

LOST = What.TELEPHONE.value
# Ended in a way after which it may go to somebody else.
_MAY_GO_AGAIN = frozenset({"redirected", "declined", "undeliverable", "expired"})


async def show_referral(visit: Visit) -> web.StreamResponse:
    """One referral as a thread."""
    return await referral_page(visit, await kept_form(visit))


async def show_delivery(visit: Visit) -> web.Response:
    """Only what happened: the page asks for it by itself, and renews what has changed."""
    referral = await _referral(visit)
    if visit.asked("seen") == referral["digest"]:
        return web.Response(status=204)
    return visit.page(
        "referral_steps.html",
        referral=referral,
        zone=zone_of(visit, referral["peer"]),
        loaded=visit.asked("loaded"),
    )


async def _referral(visit: Visit) -> Answer:
    """Return a referral with its rows under headings, and what stands for all it says."""
    referral = await visit.command("referral.show", leg=visit.part("leg"))
    words = catalogue(visit.language).gettext
    held = json.dumps([referral[name] for name in ("state", "steps", "undelivered", "told")])
    digest = hashlib.sha256(held.encode()).hexdigest()[:16]
    for step in referral["steps"]:
        step["groups"] = grouped(step["rows"], words)
    thread = _thread(referral["steps"], referral["told"])
    return {
        **referral,
        "thread": thread,
        "digest": digest,
        "groups": grouped(referral["rows"], words),
    }


def _thread(steps: list[Answer], told: list[Answer]) -> list[Answer]:
    """Return the steps in their order, and where in it somebody told the peer in another way."""
    thread = list(steps)
    for each in told:
        later = (n for n, entry in enumerate(thread) if _made_at_ms(entry) > each["at_ms"])
        thread.insert(next(later, len(thread)), each)
    return thread


def _made_at_ms(entry: Answer) -> int:
    return int(entry["at_ms"] if "how" in entry else entry["created_at_ms"])


async def referral_page(visit: Visit, form: Form) -> web.StreamResponse:
    """Return the page of a referral; `form` is what was typed into the form of a step."""
    referral = await _referral(visit)
    kind = referral["kind"]
    steps = [name for name in referral["allowed"] if visit.may(step_forms.action_of(name, kind))]
    likely = step_forms.likely_step(steps, kind)
    member = visit.core.context.trust.directory.member(referral["peer"])
    tasks = [
        task
        for section in (await visit.command("referral.due", leg=referral["leg"], is_part=True))[
            "sections"
        ]
        for task in section["tasks"]
    ]
    return visit.page(
        "referral.html",
        status=422 if form.faults else 200,
        referral=referral,
        steps=steps,
        steps_with_part=[name for name in steps if name in step_forms.WITH_PART],
        fields_of=lambda step: step_forms.fields_of(step, referral["kind"]),
        options=lambda vocabulary: _options(vocabulary, visit.language),
        peers=_peers(visit),
        peer_languages=list(member.languages) if member is not None else [],
        own=_own(visit),
        tasks=[task for task in tasks if task["what"] != LOST],
        lost_contact=next((task["contact"] for task in tasks if task["what"] == LOST), None),
        zone=zone_of(visit, referral["peer"]),
        loaded=referral["digest"],
        may_go_again=referral["side"] == "sender" and referral["state"] in _MAY_GO_AGAIN,
        chosen=form.text("step") or visit.asked("step") or likely,
        text_languages=list(LANGUAGES),
        form=form,
        form_id=new_form_id(visit),
    )


def zone_of(visit: Visit, peer: str) -> datetime.tzinfo | None:
    """Return the time zone of a peer, if its record says so."""
    member = visit.core.context.trust.directory.member(NodeId(peer))
    return hours.zone_of(member.time_zone) if member is not None else None


def _own(visit: Visit) -> Answer:
    """Return what stands in a claim at first: who is here, and the number of this office."""
    member = visit.core.context.trust.directory.member(visit.core.context.node_id)
    return {
        "contact": visit.visitor.name,
        "telephone": member.telephone if member is not None else "",
    }


def _options(vocabulary: str, language: str) -> list[tuple[str, str]]:
    return [(code, label(vocabulary, code, language)) for code in offered(vocabulary)]


def _peers(visit: Visit) -> list[tuple[str, str]]:
    directory, own = visit.core.context.trust.directory, visit.core.context.node_id
    return [
        (node_id, member.legal_name)
        for node_id, member in directory.members.items()
        if node_id != own and directory.is_active(node_id)
    ]


async def make_step(visit: Visit) -> web.StreamResponse:
    """Make the next step."""
    form = await read_form(visit)
    name, leg = form.text("step"), visit.part("leg")
    if name not in step_forms.STEP_FIELDS:
        raise ArgumentError("argument_invalid", "there is no such step")
    view = await visit.core.legs.view(await visit.core.legs.find(leg))
    if not visit.may(step_forms.action_of(name, view.row.kind)):
        return visit.page("not_allowed.html", status=403)
    fields = step_forms.fields_of(name, view.row.kind)
    values = step_forms.step_values(form, fields)
    if form.text("language"):
        values["language"] = form.text("language")
    if form.faults:
        return await referral_page(visit, form)

    async def do() -> str:
        await visit.command("referral.step", leg=leg, step=name, **values)
        return f"/referrals/{leg}"

    async def again(refused: Form) -> web.StreamResponse:
        step_forms.put_missing_at_field(refused, fields)
        return await referral_page(visit, refused)

    return await act(visit, form, do, again)


async def tell(visit: Visit) -> web.StreamResponse:
    """Note that they were told in another way what could not be delivered."""
    form, leg = await read_form(visit), visit.part("leg")
    await visit.core.legs.find(leg)
    if form.text("how") not in WAYS:
        form.refuse("argument_missing", "how")
        return await referral_page(visit, form)

    async def do() -> str:
        # Only of what stood there: something else may have been lost since.
        causes = form.texts("cause")
        await visit.command("referral.told", leg=leg, how=form.text("how"), causes=causes)
        return f"/referrals/{leg}"

    return await act(visit, form, do, lambda refused: referral_page(visit, refused))


# --- erasing, and sending again


async def ask_erase(visit: Visit) -> web.StreamResponse:
    """Ask the other side to erase what this node sent."""
    return await _erasing(visit, "referral.ask_erase", "erase_reason")


async def erase(visit: Visit) -> web.StreamResponse:
    """Erase what the peer sent, once somebody has said that they are sure."""
    return await _erasing(visit, "referral.erase", "is_sure")


async def refuse_erase(visit: Visit) -> web.StreamResponse:
    """Say that the copy is kept, and why it may be."""
    return await _erasing(visit, "referral.refuse_erase", "erase_refusal")


async def _erasing(visit: Visit, command: str, needed: str) -> web.StreamResponse:
    form, leg = await read_form(visit), visit.part("leg")
    await visit.core.legs.find(leg)
    if not form.text(needed):
        form.refuse("argument_missing", needed)
        return await referral_page(visit, form)

    async def do() -> str:
        values = {} if needed == "is_sure" else {"reason": form.text(needed)}
        await visit.command(command, leg=leg, **values)
        return f"/referrals/{leg}"

    return await act(visit, form, do, lambda refused: referral_page(visit, refused))


async def send_again(visit: Visit) -> web.StreamResponse:
    """Begin a referral in the place of one that was not taken on: the same choice, to another."""
    leg, form = visit.part("leg"), await read_form(visit)
    choice = await visit.command("referral.choice", leg=leg, to=form.text("to"))
    first = {name: [str(choice[name])] for name in (
        "to", "follows", "kind", "urgency", "ask", "language", "purpose", "art6", "police_informed",
    ) if choice[name]}  # fmt: skip
    second = {name: [choice[name]] for name in (
        "art9", "art10", "sensitive_reason", "at_once_reason",
    ) if choice[name]}  # fmt: skip
    second |= {"has_chosen": ["yes"], "field": choice["field"], "file_ids": choice["file_ids"]}
    await keep_first(visit, choice["case_id"], Form(first))
    await keep_second(visit, choice["case_id"], Form(second))
    return visit.go(first_page(choice["case_id"]))


ROUTES = (
    Route("GET", "/referrals/{leg}", Action.SEE_REFERRAL, show_referral),
    Route("GET", "/referrals/{leg}/steps", Action.SEE_REFERRAL, show_delivery, is_background=True),
    Route("POST", "/referrals/{leg}", Action.SEE_REFERRAL, make_step),
    Route("POST", "/referrals/{leg}/told", Action.TELL, tell),
    Route("POST", "/referrals/{leg}/ask-erase", Action.END_CASE, ask_erase),
    Route("POST", "/referrals/{leg}/erase", Action.ERASE_CASE, erase),
    Route("POST", "/referrals/{leg}/refuse-erase", Action.ERASE_CASE, refuse_erase),
    Route("POST", "/referrals/{leg}/again", Action.REFER, send_again),
)
