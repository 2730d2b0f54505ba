"""All referrals: narrowed down by links with counts, what is due first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from aiohttp import web

from node.commands.arguments import Answer
from node.users.policy import Action
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


@dataclass(frozen=True, slots=True)
class Filter:
    """One link: what it shows, how many that are, and whether it is shown now."""

    value: str
    address: str
    count: int
    is_chosen: bool


async def show_referrals(visit: Visit) -> web.Response:
    """All referrals, or those that the address asks for."""
    legs = (await visit.command("referral.list"))["referrals"]
    due = await _due_ms(visit)
    chosen = {name: visit.asked(name) for name in _FACETS if visit.asked(name)}
    shown = [{**leg, "due_ms": due.get(leg["leg"])} for leg in _fitting(legs, chosen)]
    shown.sort(key=_rank)
    return visit.page(
        "referrals.html",
        referrals=shown,
        filters={name: _filters(legs, chosen, name) for name in _FACETS},
        now_ms=visit.core.context.clock.now_ms(),
    )


async def _due_ms(visit: Visit) -> dict[str, int]:
    """Return when something is due by leg: the earliest, if several things are."""
    found: dict[str, int] = {}
    for section in (await visit.command("referral.due"))["sections"]:
        for task in section["tasks"]:
            if task["due_ms"]:
                found[task["leg"]] = min(task["due_ms"], found.get(task["leg"], task["due_ms"]))
    return found


def _rank(leg: Answer) -> tuple[bool, float, int, int]:
    """Order by what is due; what waits for nothing comes after, the newest first."""
    due_ms = leg["due_ms"]
    is_ended = leg["state"] in ENDS
    return (is_ended, due_ms or float("inf"), leg["urgency"], -leg["opened_at_ms"])


def _fitting(legs: Sequence[Answer], chosen: Mapping[str, str]) -> list[Answer]:
    return [
        leg for leg in legs if all(_FACETS[name](leg) == value for name, value in chosen.items())
    ]


def _filters(legs: Sequence[Answer], chosen: Mapping[str, str], name: str) -> list[Filter]:
    """Return the links of one row: what else is chosen stays."""
    others = {key: value for key, value in chosen.items() if key != name}
    fitting = _fitting(legs, others)
    values = sorted({_FACETS[name](leg) for leg in legs})
    filters = [Filter("", _address(others), len(fitting), name not in chosen)]
    for value in values:
        count = sum(1 for leg in fitting if _FACETS[name](leg) == value)
        address = _address({**others, name: value})
        filters.append(Filter(value, address, count, chosen.get(name) == value))
    return filters


def _address(chosen: Mapping[str, str]) -> str:
    return f"/referrals?{urlencode(chosen)}" if chosen else "/referrals"


ROUTES = (Route("GET", "/referrals", Action.SEE_REFERRAL, show_referrals),)
