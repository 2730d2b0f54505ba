"""All referrals: narrowed down by links with counts, what is due first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from aiohttp import web

from node.commands.arguments import Answer
from node.users.policy import Action
from node.web.forms import whole_number
from node.web.visit import Route, Visit
from protocol.exchange.patterns import ENDS

_FACETS: Mapping[str, Callable[[Answer], str]] = MappingProxyType(
    {
        "whose": lambda leg: "ours" if leg["side"] == "sender" else "theirs",
        "ended": lambda leg: "ended" if leg["state"] in ENDS else "open",
        "kind": lambda leg: str(leg["kind"]),
        "urgency": lambda leg: str(leg["urgency"]),
    }
)


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
    legs = (await visit.command("referral.list", is_brief=True, is_part=True))["referrals"]
    chosen = {name: visit.asked(name) for name in _FACETS if visit.asked(name)}
    facets = [{name: facet(leg) for name, facet in _FACETS.items()} for leg in legs]
    fitting = [leg for leg, told in zip(legs, facets, strict=True) if _fits(told, chosen)]
    fitting.sort(key=_rank)
    skip = whole_number(visit.asked("skip"))
    shown = {leg["leg"]: leg for leg in fitting[skip : skip + SHOWN]}
    told = await visit.command("referral.list", legs=list(shown) or [_NONE])
    older = skip + SHOWN
    return visit.page(
        "referrals.html",
        referrals=[{**leg, "due_ms": shown[leg["leg"]]["due_ms"]} for leg in told["referrals"]],
        filters={name: _filters(facets, chosen, name) for name in _FACETS},
        now_ms=visit.core.context.clock.now_ms(),
        earlier=_address({**chosen, "skip": str(max(0, skip - SHOWN))}) if skip else "",
        further=_address({**chosen, "skip": str(older)}) if older < len(fitting) else "",
    )


def _rank(leg: Answer) -> tuple[bool, float, int, int]:
    """Order by what is due; what waits for nothing comes after, the newest first."""
    due_ms = leg["due_ms"]
    is_ended = leg["state"] in ENDS
    return (is_ended, due_ms or float("inf"), leg["urgency"], -leg["opened_at_ms"])


def _fits(told: Mapping[str, str], chosen: Mapping[str, str]) -> bool:
    return all(told[name] == value for name, value in chosen.items())


def _filters(
    facets: Sequence[Mapping[str, str]], chosen: Mapping[str, str], name: str
) -> list[Filter]:
    """Return the links of one row: what else is chosen stays."""
    others = {key: value for key, value in chosen.items() if key != name}
    counts = Counter(told[name] for told in facets if _fits(told, others))
    filters = [Filter("", _address(others), counts.total(), name not in chosen)]
    for value in sorted({told[name] for told in facets}):
        address = _address({**others, name: value})
        filters.append(Filter(value, address, counts[value], chosen.get(name) == value))
    return filters


def _address(chosen: Mapping[str, str]) -> str:
    return f"/referrals?{urlencode(chosen)}" if chosen else "/referrals"


ROUTES = (Route("GET", "/referrals", Action.SEE_REFERRAL, show_referrals),)
