"""Referring a case, in three steps: who and what, what to share, check and send.

What is typed is kept with the person's drafts (`node.web.choosing`), so that each step is a
page of its own that can be left and come back to. Nothing can be sent that was not seen: the
last page names the choice and the version of the case that it shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from node.commands.arguments import Answer
from node.errors import NodeError
from node.users.policy import Action
from node.web import choosing
from node.web.casefile import shown_case
from node.web.choosing import Chosen, chosen, first_page, second_page
from node.web.europe import drawn
from node.web.forms import Form, act, new_form_id, read_form, whole_number
from node.web.labels import Group, grouped
from node.web.peers import by_country, peers_to_ask, records_of, zones_of
from node.web.referral_words import is_read
from node.web.rendering import LANGUAGES, catalogue
from node.web.ticks import file_kinds
from node.web.visit import Route, Visit
from protocol.exchange.patterns import KINDS
from protocol.vocabulary import label, offered

# A statistic has no case; a notice goes to all who have a copy, from the page of the case.
_KINDS = tuple(kind for kind in KINDS if kind not in ("statistic", "found_notice"))
# What the first page says; other rules are about what is ticked on the second one.
_TOLD_FIRST = frozenset(
    {
        "ask_too_long",
        "argument_invalid",
        "expiry_range",
        "not_to_one",
        "reply_by_range",
        "unknown_kind",
        "unknown_peer",
    }
)
_FIRST_LISTS = ("purpose", "art6_basis", "police_informed")
_SECOND_LISTS = ("art9_condition", "art10_basis", "art49_derogation")
# Of several organisations in a country it counts that somebody is there.
_PRESENCES = {True: "open", False: "closed", None: "unknown"}
_SIGNS = {"open": "\N{BLACK CIRCLE}", "closed": "\N{WHITE CIRCLE}", "unknown": "?"}


async def show_first(visit: Visit) -> web.StreamResponse:
    """Who and what."""
    return await _first_page(visit, await chosen(visit))


async def _first_page(visit: Visit, choice: Chosen) -> web.Response:
    form = choice.first
    peers = await peers_to_ask(visit)
    part = "refer_peers.html" if visit.asked("part") == "peers" else "refer_reply.html"
    return visit.page(
        part if visit.is_partial else "refer_who.html",
        status=422 if form.faults and not visit.is_partial else 200,
        case_id=choice.case_id,
        form=form,
        peers=peers,
        countries=by_country(visit, peers),
        map=drawn([(peer["country"], _PRESENCES[peer["is_open"]]) for peer in peers], _SIGNS),
        asked=[peer for peer in peers if peer["node_id"] in form.texts("to")],
        zones=zones_of(peers),
        lists=_lists(visit, _FIRST_LISTS),
        kinds=_KINDS,
        urgencies=_lists(visit, ("urgency",))["urgency"],
        ask_languages=_languages(visit, peers),
    )


async def first(visit: Visit) -> web.StreamResponse:
    """Keep who and what, and go on."""
    form = await read_form(visit)
    await choosing.keep_first(visit, visit.part("case"), form)
    choice = await chosen(visit, first=form)
    if visit.is_partial or form.text("to_page") == "first":
        return await _first_page(visit, choice)
    for name in choice.missing:
        form.refuse("argument_missing", name)
    if not form.faults:
        await choice.look()
        # What else is wrong is told on the next page, where it can be seen.
        for name, code in choice.second.faults.items():
            if code in _TOLD_FIRST:
                form.refuse(code, name)
    if form.faults:
        return await _first_page(visit, choice)
    return visit.go(second_page(choice.case_id))


async def show_second(visit: Visit) -> web.StreamResponse:
    """What to share; the peer's view stands beside it."""
    choice = await chosen(visit)
    if choice.missing:
        return visit.go(first_page(choice.case_id))
    return await _second_page(visit, choice, is_first_look=True)


async def second(visit: Visit) -> web.StreamResponse:
    """Keep what is ticked, and show it or go on."""
    form = await read_form(visit)
    choice = await chosen(visit, second=form)
    wish, page = form.text("tick_group"), form.text("to_page")
    if wish:
        own = await shown_case(visit, choice.case_id)
        choice.change_group(choice.groups(own["rows"], catalogue("en").gettext), wish)
    if form.text("usual"):
        form.values = {n: v for n, v in form.values.items() if n not in ("field", "has_chosen")}
    await choosing.keep_second(visit, choice.case_id, choice.second)
    if choice.missing:
        return visit.go(first_page(choice.case_id))
    if form.text("leave_out"):
        await _leave_out(visit, choice, form.text("leave_out"))
    if page == "first":
        return visit.go(first_page(choice.case_id))
    if page == "third" and not visit.is_partial:
        shown = await choice.look()
        if not choice.second.faults and not shown["refused"]:
            return visit.go(f"/refer-check/{choice.case_id}")
    return await _second_page(visit, choice, is_first_look=page != "third")


async def _leave_out(visit: Visit, choice: Chosen, peer: str) -> None:
    """Take a peer out to which it may not go."""
    kept = [each for each in choice.first.texts("to") if each != peer]
    choice.first.values = {**choice.first.values, "to": kept}
    await choosing.keep_first(visit, choice.case_id, choice.first)


async def _second_page(
    visit: Visit, choice: Chosen, *, is_first_look: bool = False
) -> web.StreamResponse:
    shown, form = await choice.look(), choice.second
    own = await shown_case(visit, choice.case_id)
    words = catalogue(visit.language).gettext
    peers = records_of(visit, choice.first.texts("to"))
    is_fault = bool(form.faults or shown["refused"]) and not is_first_look
    return visit.page(
        "refer_preview.html" if visit.is_partial else "refer_what.html",
        status=422 if is_fault and not visit.is_partial else 200,
        case_id=choice.case_id,
        form=form,
        first=choice.first,
        first_fields=choosing.FIRST,
        groups=choice.groups(own["rows"], words),
        files=own["files"],
        file_kinds=file_kinds(own["rows"]),
        chosen_files=form.texts("file_ids"),
        has_third_country=any(peer["transfer_regime"] != "eea" for peer in peers),
        refused=shown["refused"],
        views=peer_views([*shown["previews"], *shown["unmet"]], peers, choice.language),
        lists=_lists(visit, _SECOND_LISTS),
    )


async def show_third(visit: Visit) -> web.StreamResponse:
    """Check: everything once more, as the peers will see it."""
    return await _third_page(visit, await chosen(visit), Form())


async def _third_page(visit: Visit, choice: Chosen, form: Form) -> web.StreamResponse:
    if choice.missing:
        return visit.go(first_page(choice.case_id))
    shown = await choice.look()
    if choice.second.faults or shown["refused"]:
        return visit.go(second_page(choice.case_id))
    peers = records_of(visit, choice.first.texts("to"))
    return visit.page(
        "refer_check.html",
        status=422 if form.faults else 200,
        case_id=choice.case_id,
        form=form,
        shown=shown["previews"][0],
        views=peer_views(shown["previews"], peers, choice.language),
        zones=zones_of(peers),
        seen=choice.seen,
        form_id=new_form_id(visit),
    )


async def send(visit: Visit) -> web.StreamResponse:
    """Send, and go to the referral, where one sees it arrive."""
    form = await read_form(visit)
    choice = await chosen(visit)

    async def do() -> str:
        if choice.seen != form.text("seen"):
            raise NodeError("choice_changed", "the choice is not the one that was checked")
        version = form.text("case_version")
        answer = await visit.command(
            "referral.send",
            **choice.arguments(),
            case_version=whole_number(version),
        )
        await choosing.drop(visit, choice.case_id)
        if "approval" in answer:
            return f"/approvals/{answer['approval']}"
        legs = [each["leg"] for each in answer["legs"]]
        if len(legs) == 1:
            return f"/referrals/{legs[0]}"
        return f"/sent?legs={','.join(legs)}"

    return await act(visit, form, do, lambda refused: _third_page(visit, choice, refused))


async def show_sent(visit: Visit) -> web.Response:
    """How referrals to several peers get across.

    The page asks for the list by itself, which keeps nobody's session open.
    """
    wanted = visit.asked("legs").split(",")
    found = await visit.command("referral.list", legs=wanted, is_part=True)
    referrals = [
        await visit.command("referral.show", leg=each["leg"]) for each in found["referrals"]
    ]
    template = "sent_list.html" if visit.is_partial else "sent.html"
    return visit.page(template, referrals=referrals, legs=",".join(wanted))


def peer_views(
    previews: Sequence[Answer], peers: Sequence[Answer], written_in: str = ""
) -> list[Answer]:
    """Return each preview as the peer sees it, with what its people may not be able to read."""
    reads = {peer["node_id"]: peer["languages"] for peer in peers}
    views = []
    for shown in previews:
        languages = reads.get(shown["peer"]["node_id"], [])
        used = {row["language"] for row in shown["rows"] if row["language"]}
        foreign = sorted(each for each in used if not is_read(each, languages))
        views.append(
            {
                **shown,
                # Of a preview that may go there are none.
                "rules": shown.get("rules", []),
                "groups": _as_peer_sees(shown),
                "languages": languages,
                "foreign": foreign,
                "is_text_foreign": bool(written_in) and not is_read(written_in, languages),
            }
        )
    return views


def _as_peer_sees(shown: Answer) -> list[Group]:
    """Return a preview's rows with the names of fields in the peer's language."""
    return grouped(shown["rows"], catalogue(shown["peer"]["language"]).gettext)


def _lists(visit: Visit, names: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    return {name: [(c, label(name, c, visit.language)) for c in offered(name)] for name in names}


def _languages(visit: Visit, peers: Sequence[Answer]) -> list[str]:
    """Return in which languages somebody may write: one's own first, then the peers'."""
    theirs = sorted({each for peer in peers for each in peer["languages"]})
    return list(dict.fromkeys([visit.language, *theirs, *LANGUAGES]))


ROUTES = (
    Route("GET", "/refer/{case:.+}", Action.REFER, show_first),
    Route("POST", "/refer/{case:.+}", Action.REFER, first),
    Route("GET", "/refer-what/{case:.+}", Action.REFER, show_second),
    Route("POST", "/refer-what/{case:.+}", Action.REFER, second),
    Route("GET", "/refer-check/{case:.+}", Action.REFER, show_third),
    Route("POST", "/refer-check/{case:.+}", Action.REFER, send),
    Route("GET", "/sent", Action.SEE_REFERRAL, show_sent),
    Route("GET", "/sent/list", Action.SEE_REFERRAL, show_sent, is_background=True),
)
