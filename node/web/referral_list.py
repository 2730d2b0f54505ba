"""All referrals: narrowed down by links with counts, what is due first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from node.commands.arguments import Answer
from node.commands.listing import FACETS
from node.users.policy import Action
from node.web.forms import whole_number
from node.web.visit import Route, Visit

SHOWN = 50
# No leg is called so: of no referrals the list is empty, and that is noted too.
_NONE = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """One link: what it shows, how many that are, and whether it is shown now."""

    value: str
    address: str
    count: int
    is_chosen: bool


async def show_referrals(visit: Visit) -> web.Response:
    """Some of all referrals, or of those that the address asks for: what is due first."""
    chosen = {name: visit.asked(name) for name in FACETS if visit.asked(name)}
    skip = whole_number(visit.asked("skip"))
    brief = await visit.command(
        "referral.list", is_brief=True, is_part=True, skip=skip, limit=SHOWN, **chosen
    )
    due_ms = {each["leg"]: each["due_ms"] for each in brief["referrals"]}
    told = await visit.command("referral.list", legs=list(due_ms) or [_NONE])
    older = skip + SHOWN
    return visit.page(
        "referrals.html",
        referrals=[{**leg, "due_ms": due_ms[leg["leg"]]} for leg in told["referrals"]],
        filters={name: _filters(brief["counts"], chosen, name) for name in FACETS},
        now_ms=visit.core.context.clock.now_ms(),
        earlier=_address({**chosen, "skip": str(max(0, skip - SHOWN))}) if skip else "",
        further=_address({**chosen, "skip": str(older)}) if older < brief["total"] else "",
    )


def _filters(counted: Sequence[Answer], chosen: Mapping[str, str], name: str) -> list[Filter]:
    """Return the links of one row: what else is chosen stays."""
    others = {key: value for key, value in chosen.items() if key != name}
    counts = Counter[str]()
    for facets in counted:
        if all(facets[key] == value for key, value in others.items()):
            counts[facets[name]] += facets["count"]
    filters = [Filter("", _address(others), counts.total(), name not in chosen)]
    for value in sorted({facets[name] for facets in counted}):
        address = _address({**others, name: value})
        filters.append(Filter(value, address, counts[value], chosen.get(name) == value))
    return filters


def _address(chosen: Mapping[str, str]) -> str:
    return f"/referrals?{urlencode(chosen)}" if chosen else "/referrals"


ROUTES = (Route("GET", "/referrals", Action.SEE_REFERRAL, show_referrals),)
