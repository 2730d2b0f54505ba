"""A step with a part of a case: hand over the file, answer with more, propose values.

As in referring: tick, see what the peer will see, check, send. What is typed is kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from aiohttp import web

from node.commands.arguments import Answer
from node.errors import ArgumentError, NodeError
from node.store import users
from node.users.policy import Action
from node.web.casefile import shown_case
from node.web.choosing import REASONS
from node.web.drafts import keep_fields
from node.web.forms import Form, act, kept_form, new_form_id, read_form, whole_number
from node.web.peers import records_of
from node.web.referrals import zone_of
from node.web.referring import peer_views
from node.web.refusal_words import put_at_field, refuse_together
from node.web.rendering import LANGUAGES, catalogue
from node.web.step_forms import WITH_PART
from node.web.ticks import changed_ticks, file_kinds, tick_groups
from node.web.visit import Route, Visit
from protocol.disclosure import sensitive_paths
from protocol.errors import PolicyRefusal
from protocol.vocabulary import label, offered

_BASIS = ("purpose", "art6", "police_informed", "art9", "art10", "derogation")
_NAMES = ("has_chosen", "field", "file_ids", "text", "language", "question", *_BASIS, *REASONS)
_LISTS = ("purpose", "art6_basis", "police_informed", "art9_condition", "art10_basis",
          "art49_derogation")  # fmt: skip


@dataclass(slots=True)
class Telling:
    """What somebody chose for a step with a part of a case."""

    visit: Visit
    form: Form
    referral: Answer
    step: str

    @property
    def page(self) -> str:
        """Where it is chosen, and under which it is kept."""
        return f"/referrals/{self.visit.part('leg')}/part/{self.step}"

    @property
    def is_sender(self) -> bool:
        """Whether the reasons of our own referral hold for it as well."""
        return bool(self.referral["side"] == "sender")

    @property
    def seen(self) -> str:
        """Stands for everything that was chosen."""
        held = [(name, self.form.texts(name)) for name in _NAMES]
        return hashlib.sha256(json.dumps(held).encode()).hexdigest()[:32]

    def arguments(self) -> Answer:
        """Return what the node's commands take."""
        form = self.form
        fields = list(dict.fromkeys(form.texts("field")))
        if not fields and (form.text("has_chosen") or self.step != "hand_over"):
            form.refuse("nothing_ticked", "field")
            raise ArgumentError("nothing_ticked", "nothing is ticked")
        if self.step == "answer" and not form.text("text"):
            form.refuse("argument_missing", "text")
            raise ArgumentError("argument_missing", "an answer needs a text")
        values: Answer = {
            "leg": self.visit.part("leg"),
            "step": self.step,
            "field": fields,
            "file_ids": form.texts("file_ids"),
            "text": form.text("text"),
            "language": form.text("language") or self.visit.language,
            "question": whole_number(form.text("question")),
        }
        if self.step != "hand_over":
            values["case_id"] = self.referral["case_id"]
        values |= {name: form.text(name) for name in _BASIS if form.text(name)}
        values |= {name: form.text(name) for name in REASONS}
        if not sensitive_paths(fields):
            values["sensitive_reason"] = ""
        return values

    async def look(self) -> Answer | None:
        """Return what the peer would see; what may not go is refused at its field."""
        try:
            return await self.visit.command("referral.step_preview", **self.arguments())
        except (NodeError, PolicyRefusal) as error:
            if not self.form.faults:
                self.form.refuse_for(error)
                put_at_field(self.form)
        return None

    async def unmet(self) -> list[Answer]:
        """Return what the peer would see of what may not go yet, if that can be said."""
        try:
            shown = await self.visit.command("referral.step_unmet", **self.arguments())
        except (NodeError, PolicyRefusal):
            return []
        refuse_together(self.form, shown["shown"])
        return list(shown["shown"])


async def _telling(visit: Visit, form: Form | None = None) -> Telling:
    step = visit.part("step")
    if step not in WITH_PART:
        raise NodeError("unknown_page", "no such step takes a part of a case along")
    referral = await visit.command("referral.show", leg=visit.part("leg"))
    page = f"/referrals/{visit.part('leg')}/part/{step}"
    return Telling(visit, form or await kept_form(visit, page), referral, step)


async def show(visit: Visit) -> web.StreamResponse:
    """What to tell; the peer's view stands beside it."""
    telling = await _telling(visit)
    return await _page(telling, is_first_look=not telling.form.values)


async def choose(visit: Visit) -> web.StreamResponse:
    """Keep what is ticked, and show it or go on."""
    form = await read_form(visit)
    telling = await _telling(visit, form)
    wish = form.text("tick_group")
    if wish and telling.referral["case_id"]:
        own = await shown_case(visit, telling.referral["case_id"])
        groups = tick_groups(own["rows"], form.texts("field"), catalogue("en").gettext)
        form.values = {**form.values, "field": changed_ticks(groups, wish)}
    pairs = [(name, value) for name in _NAMES for value in form.texts(name)]
    await keep_fields(visit, telling.page, pairs)
    if form.text("to_page") == "third" and await telling.look() is not None:
        return visit.go(f"/referrals/{visit.part('leg')}/check/{telling.step}")
    return await _page(telling, is_first_look=form.text("to_page") != "third")


async def _page(telling: Telling, *, is_first_look: bool) -> web.StreamResponse:
    visit, form, referral = telling.visit, telling.form, telling.referral
    if not referral["case_id"]:
        return visit.page("part_no_case.html", referral=referral, step=telling.step)
    is_empty = is_first_look and telling.step != "hand_over" and not form.text("has_chosen")
    shown = None if is_empty else await telling.look()
    seen = [shown] if shown else [] if is_empty else await telling.unmet()
    own = await shown_case(visit, referral["case_id"])
    ticked = form.texts("field")
    if seen and not form.text("has_chosen"):
        ticked = seen[0]["fields"]
    peers = records_of(visit, [referral["peer"]])
    peer = peers[0] if peers else None
    return visit.page(
        "part_preview.html" if visit.is_partial else "part_what.html",
        status=422 if form.faults and not is_first_look and not visit.is_partial else 200,
        referral=referral,
        step=telling.step,
        case_id=referral["case_id"],
        form=form,
        groups=tick_groups(own["rows"], ticked, catalogue(visit.language).gettext),
        files=own["files"] if telling.step == "hand_over" else [],
        file_kinds=file_kinds(own["rows"]),
        chosen_files=form.texts("file_ids"),
        is_sender=telling.is_sender,
        has_third_country=peer is not None and peer["transfer_regime"] != "eea",
        peer_languages=peer["languages"] if peer is not None else [],
        text_languages=list(LANGUAGES),
        views=_views(telling, seen, peers),
        lists={n: [(c, label(n, c, visit.language)) for c in offered(n)] for n in _LISTS},
    )


def _views(telling: Telling, shown: list[Answer], peers: list[Answer]) -> list[Answer]:
    written = telling.form.text("language") or telling.visit.language
    written_in = written if telling.form.text("text") else ""
    return peer_views(shown, peers, written_in)


async def show_check(visit: Visit) -> web.StreamResponse:
    """Everything once more, as the peer will see it."""
    return await _check(await _telling(visit), Form())


async def _check(telling: Telling, form: Form) -> web.StreamResponse:
    visit = telling.visit
    shown = await telling.look() if telling.referral["case_id"] else None
    if shown is None:
        return visit.go(telling.page)
    peers = records_of(visit, [telling.referral["peer"]])
    return visit.page(
        "part_check.html",
        status=422 if form.faults else 200,
        referral=telling.referral,
        step=telling.step,
        form=form,
        shown=shown,
        view=_views(telling, [shown], peers)[0],
        zone=zone_of(visit, telling.referral["peer"]),
        back=telling.page,
        seen=telling.seen,
        form_id=new_form_id(visit),
    )


async def send(visit: Visit) -> web.StreamResponse:
    """Make the step."""
    form = await read_form(visit)
    telling = await _telling(visit)

    async def do() -> str:
        version = form.text("case_version")
        shown = await visit.command("referral.step_preview", **telling.arguments())
        if telling.seen != form.text("seen"):
            raise NodeError("choice_changed", "the choice is not the one that was checked")
        if version != str(shown["case_version"]):
            raise NodeError("case_changed", "the case was changed since the preview")
        answer = await visit.command("referral.step", **telling.arguments())
        user_id = visit.visitor.user_id
        await visit.core.store.write(lambda db: users.drop_draft(db, user_id, telling.page))
        if "approval" in answer:
            return f"/approvals/{answer['approval']}"
        return f"/referrals/{answer['leg']}"

    return await act(visit, form, do, lambda refused: _check(telling, refused))


ROUTES = (
    Route("GET", "/referrals/{leg}/part/{step}", Action.ANSWER, show),
    Route("POST", "/referrals/{leg}/part/{step}", Action.ANSWER, choose),
    Route("GET", "/referrals/{leg}/check/{step}", Action.ANSWER, show_check),
    Route("POST", "/referrals/{leg}/check/{step}", Action.ANSWER, send),
)
