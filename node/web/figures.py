"""Figures: the node's own numbers, as tables with bars beside; also as they may be published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from node.commands.arguments import Answer
from node.users.policy import Action
from node.web.rendering import catalogue
from node.web.visit import Route, Visit
from protocol.vocabulary import label

Gettext = Callable[[str], str]

# Which coded list has the words for a table's rows.
_LISTS = {
    "cases_by_category": "category",
    "cases_by_status": "case_status",
    "cases_cross_border": "cross_border",
    "children_by_status": "child_status",
    "children_by_sex": "sex",
    "children_by_age": "age_band",
    "referrals_by_kind": "referral_kind",
    "referrals_by_outcome": "outcome",
    "referrals_by_found_by": "found_by",
}
# Width of the widest bar, in the units of its picture.
_BAR = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it is shown; the bar's width is 0 where none is to be seen."""

    text: str
    bar: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `state` is a code that templates have words for, else empty."""

    words: str
    state: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it is shown."""

    name: str
    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    totals: tuple[str, ...]


async def show_figures(visit: Visit) -> web.StreamResponse:
    """The figures of a year or of all; `show=publish`: without small cells."""
    asked = visit.asked("year")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else 0
    is_public = visit.asked("show") == "publish"
    answer = await visit.command("node.figures", year=year)
    words = catalogue(visit.language).gettext
    names = _peer_names(visit)
    return visit.page(
        "figures.html",
        figures=answer,
        heads=_heads(answer, words, is_public=is_public),
        sheets=[
            _sheet(each, visit.language, words, names, is_public=is_public)
            for each in (*answer["tables"][:1], answer["months"], *answer["tables"][1:])
            if each["rows"]
        ],
        times=[_time(each, words, is_public=is_public) for each in answer["times"]],
        is_public=is_public,
        year=year,
    )


def _peer_names(visit: Visit) -> dict[str, str]:
    members = visit.core.context.trust.directory.members
    return {str(node_id): member.legal_name for node_id, member in members.items()}


def _heads(figures: Answer, _: Gettext, *, is_public: bool) -> list[tuple[str, str]]:
    """Return the counters, each by itself."""
    cases, referrals = figures["cases"], figures["referrals"]
    heads = [(_("New cases"), cases["new"])]
    if figures["year"]:
        heads.append((_("Cases from earlier years, still open"), cases["carried_over"]))
    heads += [
        (_("Cases closed"), cases["closed"]),
        (_("Children in the new cases"), figures["children"]["new"]),
        (_("Referrals that we sent"), referrals["sent"]),
        (_("Referrals that we received"), referrals["received"]),
    ]
    return [(words, _count(number, number, _, is_public=is_public)) for words, number in heads]


def _count(count: int, public: int | None, _: Gettext, *, is_public: bool) -> str:
    if not is_public:
        return str(count)
    if 0 < count < _SMALL:
        return _("small")
    return _("not shown") if public is None else str(public)


_SMALL = 5


def _sheet(
    table: Answer, language: str, _: Gettext, names: dict[str, str], *, is_public: bool
) -> Sheet:
    name, width = table["name"], len(table["columns"])
    largest = max((max(row["counts"]) for row in table["rows"]), default=0)
    lines = []
    for row in table["rows"]:
        shown = row["public"] if is_public else row["counts"]
        is_open = [not is_public or number is not None for number in shown]
        cells = tuple(
            Cell(
                _count(count, public, _, is_public=is_public),
                round(_BAR * count / largest) if is_open[place] and largest else 0,
            )
            for place, (count, public) in enumerate(zip(row["counts"], row["public"], strict=True))
        )
        state = row["code"] if name == "referrals_by_state" else ""
        lines.append(Line(_row_words(name, row["code"], language, _, names), state, cells))
    sums = [sum(row["counts"][place] for row in table["rows"]) for place in range(width)]
    return Sheet(
        name=name,
        title=_titles(_)[name],
        columns=tuple(_columns(_)[column] for column in table["columns"]),
        lines=tuple(lines),
        totals=tuple(_count(number, number, _, is_public=is_public) for number in sums),
    )


def _row_words(name: str, code: str, language: str, _: Gettext, names: dict[str, str]) -> str:
    if not code:
        return _("not recorded")
    if name in _LISTS:
        return label(_LISTS[name], code, language)
    if name == "referrals_by_peer":
        return names.get(code, code)
    return _bands(_).get(code, code)


def _time(time: Answer, _: Gettext, *, is_public: bool) -> Answer:
    is_small = is_public and time["count"] < _SMALL
    words = {
        ("to_claim_ms", False): _("until they claimed what we sent"),
        ("to_claim_ms", True): _("until we claimed what we received"),
        ("to_answer_ms", False): _("until their first answer"),
        ("to_answer_ms", True): _("until our first answer"),
    }
    return {
        "words": words[time["name"], time["is_ours"]],
        "median_ms": None if is_small else time["median_ms"],
        "count": _count(time["count"], time["count"], _, is_public=is_public),
        "of": "" if is_small else str(time["of"]),
    }


def _titles(_: Gettext) -> dict[str, str]:
    return {
        "cases_by_category": _("New cases by category"),
        "cases_by_status": _("New cases by where they stand now"),
        "cases_cross_border": _("New cases: does it cross a border?"),
        "time_to_found": _("New cases: how long until the child was found"),
        "months": _("Cases by month"),
        "children_by_status": _("Children in the new cases, by where they are now"),
        "children_by_sex": _("Children in the new cases, by sex"),
        "children_by_age": _("Children in the new cases, by age"),
        "referrals_by_kind": _("Referrals by kind"),
        "referrals_by_peer": _("Referrals by organisation"),
        "referrals_by_state": _("Referrals by where they stand"),
        "referrals_by_outcome": _("Referrals with an outcome, by outcome"),
        "referrals_by_found_by": _("Referrals with an outcome: found by"),
    }


def _columns(_: Gettext) -> dict[str, str]:
    return {
        "count": _("Number"),
        "sent": _("Sent"),
        "received": _("Received"),
        "opened": _("Opened"),
        "closed": _("Closed"),
    }


def _bands(_: Gettext) -> dict[str, str]:
    return {
        "under_1_day": _("under 1 day"),
        "1_to_3_days": _("1 to 3 days"),
        "4_to_7_days": _("4 to 7 days"),
        "1_to_4_weeks": _("1 to 4 weeks"),
        "1_to_6_months": _("1 to 6 months"),
        "over_6_months": _("over 6 months"),
    }


ROUTES = (Route("GET", "/figures", Action.SEE_FIGURES, show_figures),)
