"""Referring a case, in three steps: who and what, what to share, check and send.

Nothing is kept between the steps but what stands in the form: the second page carries the
fields of the first, the third those of both. So the back button is harmless, and nothing
can be sent that was not seen: the last page names the version of the case that it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from node.commands.arguments import Answer
from node.errors import NodeError
from node.users.policy import Action
from node.web.forms import Form, act, kept_form, new_form_id, read_form
from node.web.labels import Gettext, Group, english_label, grouped
from node.web.rendering import catalogue
from node.web.visit import Route, Visit
from protocol.disclosure import Share, default_mask, fields
from protocol.errors import PolicyRefusal
from protocol.exchange.patterns import KINDS
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabulary import label, offered

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# Hours until an answer is asked for, unless somebody chooses otherwise; by urgency.
REPLY_HOURS: Mapping[int, int] = {1: 3, 2: 12, 3: 5 * 24, 4: 28 * 24}
LIVES_DAYS = 180
_FIRST = ("to", "kind", "urgency", "ask", "purpose", "art6", "police_informed", "reply_hours")
_MORE = ("art9", "art10", "derogation")
_KINDS = tuple(kind for kind in KINDS if kind != "statistic")


@dataclass(frozen=True, slots=True)
class Tick:
    """A field, or a group of fields, that can be chosen."""

    path: str
    group: str
    label: str
    share: str
    value: str
    is_ticked: bool


async def show_first(visit: Visit) -> web.StreamResponse:
    """Who and what."""
    return _first_page(visit, await kept_form(visit))


def _first_page(visit: Visit, form: Form) -> web.Response:
    return visit.page(
        "refer_who.html",
        status=422 if form.faults else 200,
        case_id=visit.part("case"),
        form=form,
        peers=_peers(visit),
        lists={
            name: [(code, label(name, code, visit.language)) for code in offered(name)]
            for name in ("purpose", "art6_basis", "police_informed")
        },
        kinds=[(kind, label("referral_kind", kind, visit.language)) for kind in _KINDS],
        urgencies=[(code, label("urgency", code, visit.language)) for code in offered("urgency")],
        reply_hours=REPLY_HOURS,
    )


def _peers(visit: Visit) -> list[Answer]:
    directory, own = visit.core.context.trust.directory, visit.core.context.node_id
    return [
        {
            "node_id": node_id,
            "name": member.legal_name,
            "country": node_id.partition(".")[0].upper(),
            "languages": list(member.languages),
            "telephone": member.telephone,
        }
        for node_id, member in directory.members.items()
        if node_id != own and directory.is_active(node_id)
    ]


async def second(visit: Visit) -> web.StreamResponse:
    """What to share; the peer's view stands beside it."""
    form = await read_form(visit)
    missing = [name for name in _FIRST[:-1] if not form.text(name)]
    for name in missing:
        form.refuse("argument_missing", name)
    if missing:
        return _first_page(visit, form)
    return await _second_page(visit, form)


async def _second_page(visit: Visit, form: Form) -> web.StreamResponse:
    words = catalogue(visit.language).gettext
    shown: Answer = {}
    try:
        shown = await visit.command("referral.preview", **_arguments(visit, form))
    except (NodeError, PolicyRefusal) as error:
        form.refuse_for(error)
    own = await visit.command("case.show", case_id=visit.part("case"))
    return visit.page(
        "refer_preview.html" if visit.is_partial else "refer_what.html",
        status=422 if form.faults and not visit.is_partial else 200,
        case_id=visit.part("case"),
        form=form,
        carried=_carried(form),
        ticks=_ticks(own["rows"], _paths(form), words),
        files=own["files"],
        chosen_files=form.texts("file_ids"),
        shown=shown,
        groups=_as_peer_sees(shown),
        lists={
            name: [(code, label(name, code, visit.language)) for code in offered(name)]
            for name in ("art9_condition", "art10_basis", "art49_derogation")
        },
    )


def _ticks(rows: Sequence[Answer], chosen: Sequence[str], gettext: Gettext) -> list[Tick]:
    """Return what of this case can be chosen: fields that hold something, by path."""
    shares = {info.path: info.share for info in fields(case_pb2.Case)}
    values: dict[str, list[str]] = {}
    for row in rows:
        if row["path"].rpartition(".")[2] not in ("id", "child_id"):
            values.setdefault(row["path"], []).append(row["text"])
    ticks = []
    for path, texts in values.items():
        share = shares[path]
        if share is Share.NEVER:
            continue
        names = [gettext(english_label(name)) for name in path.split(".")]
        group = " / ".join(names[:-1]) or gettext("Case")
        is_ticked = any(path == one or path.startswith(f"{one}.") for one in chosen)
        text = ", ".join(texts)
        ticks.append(Tick(path, group, names[-1], share.name.lower(), text, is_ticked))
    return ticks


def _as_peer_sees(shown: Answer) -> list[Group]:
    """Return the preview's rows with the names of fields in the peer's language."""
    if not shown:
        return []
    return grouped(shown["rows"], catalogue(shown["peer"]["language"]).gettext)


def _paths(form: Form) -> list[str]:
    return form.texts("field") if form.text("has_chosen") else list(default_mask(form.text("kind")))


def _carried(form: Form) -> list[tuple[str, str]]:
    return [(name, form.text(name)) for name in _FIRST]


def _arguments(visit: Visit, form: Form) -> Answer:
    now_ms = visit.core.context.clock.now_ms()
    urgency = int(form.text("urgency") or 3)
    hours = form.text("reply_hours")
    reply_hours = int(hours) if hours.isdigit() and hours != "0" else REPLY_HOURS[urgency]
    values: Answer = {
        "case_id": visit.part("case"),
        "urgency": urgency,
        "field": _paths(form),
        "file_ids": form.texts("file_ids"),
        "reply_by_ms": now_ms + reply_hours * HOUR_MS,
        "expires_at_ms": now_ms + max(LIVES_DAYS * DAY_MS, (reply_hours + 24) * HOUR_MS),
    }
    for name in ("to", "kind", "ask", "purpose", "art6", "police_informed", *_MORE):
        values[name] = form.text(name)
    return values


async def third(visit: Visit) -> web.StreamResponse:
    """Check: everything once more, as the peer will see it."""
    form = await read_form(visit)
    if form.text("to_page") == "second":
        return await _second_page(visit, form)
    try:
        shown = await visit.command("referral.preview", **_arguments(visit, form))
    except (NodeError, PolicyRefusal) as error:
        form.refuse_for(error)
        return await _second_page(visit, form)
    return visit.page(
        "refer_check.html",
        case_id=visit.part("case"),
        form=form,
        carried=[*_carried(form), *((name, form.text(name)) for name in _MORE)],
        fields=_paths(form),
        shown=shown,
        groups=_as_peer_sees(shown),
        form_id=new_form_id(visit),
    )


async def send(visit: Visit) -> web.StreamResponse:
    """Send, and go to the referral, where one sees it arrive."""
    form = await read_form(visit)

    async def do() -> str:
        version = form.text("case_version")
        answer = await visit.command(
            "referral.send",
            **_arguments(visit, form),
            case_version=int(version) if version.isdigit() else 0,
        )
        return f"/referrals/{answer['leg']}"

    return await act(visit, form, do, lambda refused: _second_page(visit, refused))


ROUTES = (
    Route("GET", "/refer/{case:.+}", Action.REFER, show_first),
    Route("POST", "/refer-what/{case:.+}", Action.REFER, second),
    Route("POST", "/refer-check/{case:.+}", Action.REFER, third),
    Route("POST", "/refer-send/{case:.+}", Action.REFER, send),
)
