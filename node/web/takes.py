"""Taking what a peer told into an own case, field by field; and the files that it sent.

Where the case holds another value, both stand beside each other, and somebody says whose is
right: nothing gives way unasked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from node.commands.arguments import Answer, decoded
from node.errors import NodeError
from node.users.policy import Action
from node.web.casefile import shown_case
from node.web.drafts import keep_fields
from node.web.forms import Form, act, kept_form, new_form_id, read_form, whole_number
from node.web.labels import grouped
from node.web.rendering import catalogue
from node.web.ticks import tick_groups
from node.web.visit import Route, Visit
from protocol.disclosure.merging import OWN_PATHS
from protocol.errors import PolicyRefusal

NEW = "new"
_NOT_TOLD = OWN_PATHS - {"federated_id"}
# What browsers draw and do not run.
_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})
_HITS = 5
# How inputs of the form begin that say whose value, and which child.
_SIDE, _SAME = "side:", "same:"
_CHILD = re.compile(r"children\[([^\]]+)\]\.(.+)")


@dataclass(frozen=True, slots=True)
class Taking:
    """One step of theirs, and what somebody chose of it."""

    visit: Visit
    form: Form
    referral: Answer
    told: Answer
    rows: list[Answer]

    @property
    def paths(self) -> list[str]:
        """The fields that are ticked; at first all."""
        if self.form.text("has_chosen"):
            return list(dict.fromkeys(self.form.texts("field")))
        groups = tick_groups(self.rows, (), catalogue("en").gettext)
        return [tick.path for group in groups for tick in group.ticks]

    @property
    def into(self) -> str:
        """The case into which it goes; "new" for one more."""
        return self.form.text("into") or self.referral["case_id"] or NEW

    def side_of(self, place: str) -> str:
        """Return whose value is right where both have one: "own", "told", or not said."""
        return self.form.text(f"{_SIDE}{place}")

    def same_as(self, child: str) -> str:
        """Return which of our children one of theirs is; empty: as it is known, or another."""
        return self.form.text(f"{_SAME}{child}")

    def arguments(self, *, is_decided: bool) -> Answer:
        """Return what the node's commands take; `is_decided`: as somebody said of each value."""
        places = [name.removeprefix(_SIDE) for name in self.form.values if name.startswith(_SIDE)]
        sides = {place: self.side_of(place) for place in places if is_decided}
        children = [name.removeprefix(_SAME) for name in self.form.values if name.startswith(_SAME)]
        return {
            "leg": self.visit.part("leg"),
            "step": self.told["number"],
            "field": self.paths,
            "file_ids": self.form.texts("file_ids"),
            "is_new": self.into == NEW,
            "case_id": "" if self.into == NEW else self.into,
            "replace": [place for place, side in sides.items() if side == "told"],
            "keep": [place for place, side in sides.items() if side == "own"],
            "same": [
                f"{child}={self.same_as(child)}"
                for child in children
                if self.into != NEW and self.same_as(child)
            ],
            "not_a_duplicate": bool(self.form.text("not_a_duplicate")),
            "reason": self.form.text("reason"),
        }


async def _taking(visit: Visit, form: Form) -> Taking:
    referral = await visit.command("referral.show", leg=visit.part("leg"))
    number = whole_number(visit.part("number"))
    theirs = [step for step in referral["steps"] if not step["is_ours"]]
    told = next((step for step in theirs if step["number"] == number), None)
    rows = [] if told is None else told["rows"]
    if told is not None and told["name"] == "referral":
        rows = referral["rows"]
    rows = [row for row in rows if row["path"] not in _NOT_TOLD]
    if told is None or not rows:
        raise NodeError("unknown_page", "they told nothing of a case with this step")
    return Taking(visit, form, referral, told, rows)


async def show(visit: Visit) -> web.StreamResponse:
    """What they told, field by field, beside what the case has."""
    return await _page(await _taking(visit, await kept_form(visit)), is_first_look=True)


async def take(visit: Visit) -> web.StreamResponse:
    """Look again, take what is ticked, or say that it is left."""
    form = await read_form(visit)
    taking = await _taking(visit, form)
    pairs = [(name, value) for name, values in form.values.items() for value in values]
    await keep_fields(visit, visit.request.path, pairs)
    wish = form.text("do")
    if wish not in ("take", "leave"):
        return await _page(taking, is_first_look=True)
    if not taking.paths and not form.texts("file_ids"):
        form.refuse("nothing_ticked", "field")
    if wish == "leave" and not form.text("text"):
        form.refuse("argument_missing", "text")
    if form.faults:
        return await _page(taking)

    async def do() -> str:
        return await (_take(taking) if wish == "take" else _leave(taking))

    async def again(refused: Form) -> web.StreamResponse:
        if refused.faults.get("") == "possible_duplicate":
            refused.faults.pop("")
            refused.refuse("possible_duplicate", "into")
        return await _page(taking)

    return await act(visit, form, do, again)


async def _take(taking: Taking) -> str:
    version = taking.form.text("case_version")
    answer = await taking.visit.command(
        "case.take",
        **taking.arguments(is_decided=True),
        case_version=whole_number(version),
    )
    return f"/cases/{answer['case_id']}"


async def _leave(taking: Taking) -> str:
    await taking.visit.command(
        "case.leave",
        leg=taking.visit.part("leg"),
        step=taking.told["number"],
        field=taking.paths,
        text=taking.form.text("text"),
    )
    return f"/referrals/{taking.visit.part('leg')}"


async def _page(taking: Taking, *, is_first_look: bool = False) -> web.StreamResponse:
    visit, form, words = taking.visit, taking.form, catalogue(taking.visit.language).gettext
    shown = await _look(taking)
    own = await _own_children(taking)
    return visit.page(
        "take_preview.html" if visit.is_partial else "take.html",
        status=422 if form.faults and not is_first_look and not visit.is_partial else 200,
        referral=taking.referral,
        told=taking.told,
        groups=tick_groups(taking.rows, taking.paths, words),
        files=_files(taking),
        chosen_files=form.texts("file_ids"),
        into=taking.into,
        offered_cases=await _offered_cases(taking),
        told_children=_children(taking.rows),
        own_children=own,
        shown=shown,
        taken=grouped(shown["rows"], words) if shown else [],
        side_of=taking.side_of,
        same_as=taking.same_as,
        known_as=shown["ids"] if shown else {},
        form=form,
        form_id=new_form_id(visit),
    )


async def _look(taking: Taking) -> Answer | None:
    """Return what would come in, and what stands against it whatever was decided."""
    if not taking.paths and not taking.form.texts("file_ids"):
        return None
    try:
        open_ = await taking.visit.command(
            "case.take_preview", **taking.arguments(is_decided=False)
        )
        decided = taking.arguments(is_decided=True)
        shown = await taking.visit.command("case.take_preview", **decided)
    except (NodeError, PolicyRefusal) as error:
        taking.form.refuse_for(error)
        return None
    return {**shown, "conflicts": open_["conflicts"]}


async def _offered_cases(taking: Taking) -> list[Answer]:
    """Return the cases into which it may go: the leg's own, and those that look like it."""
    linked = taking.referral["case_id"]
    if linked:
        return [{"case_id": linked, "shown": [], "words": ""}]
    names = [name for _, name in _children(taking.rows) if name]
    if not names:
        return []
    found = await taking.visit.command("case.search", query=names[0], limit=_HITS)
    return list(found["hits"])


async def _own_children(taking: Taking) -> list[tuple[str, str]]:
    if taking.into == NEW:
        return []
    try:
        own = await shown_case(taking.visit, taking.into)
    except NodeError:
        return []
    return _children(own["rows"])


def _children(rows: Sequence[Answer]) -> list[tuple[str, str]]:
    """Return the children of a case, by their ids, with what they are called."""
    ids: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for row in rows:
        match = _CHILD.fullmatch(row["place"])
        if match is None:
            continue
        if match[2] == "id":
            ids[match[1]] = row["text"]
        elif row["path"].startswith("children.names.") and row["path"].endswith(
            (".given", ".family", ".full")
        ):
            names.setdefault(match[1], []).append(row["text"])
    return [(known, " ".join(names.get(place, []))) for place, known in ids.items()]


def _files(taking: Taking) -> list[Answer]:
    """Return the pictures that can be taken with this step."""
    if taking.told["name"] not in ("referral", "hand_over"):
        return []
    files: list[Answer] = taking.referral["received_files"]
    return [file for file in files if file["media_type"] in _SHOWN and file["is_complete"]]


async def show_file(visit: Visit) -> web.StreamResponse:
    """One file that the peer sent, decrypted: a picture is drawn, all else is saved."""
    answer = await visit.command("referral.file", leg=visit.part("leg"), file_id=visit.part("file"))
    is_shown = answer["media_type"] in _SHOWN
    response = web.Response(
        body=decoded("content", answer["content"]),
        content_type=answer["media_type"] if is_shown else "application/octet-stream",
    )
    response.headers["Content-Disposition"] = "inline" if is_shown else "attachment"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


ROUTES = (
    Route("GET", "/referrals/{leg}/take/{number}", Action.CHANGE_CASE, show),
    Route("POST", "/referrals/{leg}/take/{number}", Action.CHANGE_CASE, take),
    Route("GET", "/referrals/{leg}/files/{file}", Action.SEE_REFERRAL, show_file),
)
