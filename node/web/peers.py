"""Peers: who the members are, when they are there, how they are reached, and a map."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from aiohttp import web
from babel import Locale

from node.commands.arguments import Answer
from node.federation.facts import record_facts
from node.federation.hours import zone_of
from node.users.policy import Action
from node.web.europe import drawn
from node.web.visit import Route, Visit
from protocol.ids import NodeId

# What weighs most comes first: it stands on a country that has several members.
REACHES: Mapping[str, str] = MappingProxyType(
    {
        "suspended": "\N{DOUBLE VERTICAL LINE}",
        "unreachable": "\N{BALLOT X}",
        "untried": "\N{WHITE CIRCLE}",
        "reachable": "\N{CHECK MARK}",
        "own": "\N{BLACK STAR}",
    }
)


async def show_peers(visit: Visit) -> web.StreamResponse:
    """The members, as a table and on a map."""
    answer = await visit.command("peer.list")
    return visit.page(
        "peers.html",
        peers=answer,
        countries=by_country(visit, answer["members"]),
        zones=zones_of(answer["members"]),
        here=zone_of(answer["time_zone"]) or datetime.UTC,
        map=drawn([(each["country"], each["reach"]) for each in answer["members"]], REACHES),
        signs=REACHES,
    )


async def peers_to_ask(visit: Visit) -> list[Answer]:
    """Return the members who can be asked something, by country."""
    members = (await visit.command("peer.list"))["members"]
    return [each for each in members if each["answer_due_ms"]]


def records_of(visit: Visit, node_ids: Collection[str]) -> list[Answer]:
    """Return what the records of these members say, of those who can be asked something.

    When they are there and how they are reached is not in it: to find that out takes far longer.
    """
    directory, own = visit.core.context.trust.directory, visit.core.context.node_id
    named = (NodeId(each) for each in dict.fromkeys(node_ids) if each != own)
    members = (directory.member(each) for each in named if directory.is_active(each))
    return [record_facts(member) for member in members if member is not None]


def by_country(visit: Visit, members: Sequence[Answer]) -> list[tuple[str, list[Answer]]]:
    """Return members by their countries' codes, in the order of the reader's names of them."""
    names = Locale.parse(visit.language).territories
    found: dict[str, list[Answer]] = {}
    for member in members:
        found.setdefault(member["country"], []).append(member)

    def rank(code: str) -> str:
        # Without accents, so that "Österreich" does not come after all others.
        return unicodedata.normalize("NFKD", names.get(code, code)).casefold()

    return [(code, found[code]) for code in sorted(found, key=rank)]


def zones_of(members: Sequence[Answer]) -> dict[str, datetime.tzinfo]:
    """Return the time zones of members by their ids, as far as they are known."""
    zones = {each["node_id"]: zone_of(each["time_zone"] or "") for each in members}
    return {node_id: zone for node_id, zone in zones.items() if zone is not None}


ROUTES = (Route("GET", "/peers", Action.SEE_PEERS, show_peers),)
