"""Peers: who the members are, when they are there, how they are reached, and a map."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aiohttp import web

from node.commands.arguments import Answer
from node.federation.opening import zone_of
from node.users.policy import Action
from node.web.visit import Route, Visit

# Europe as tiles, one for each country, about where it lies: column and row.
TILES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        code: (column, row)
        for row, line in enumerate(
            (
                "IS .. .. .. .. NO SE FI ..",
                ".. .. .. .. .. .. .. EE ..",
                "IE GB .. .. DK .. .. LV ..",
                ".. .. .. NL DE PL LT BY ..",
                ".. .. BE LU CZ SK UA .. ..",
                ".. FR CH LI AT HU MD .. ..",
                "PT ES .. IT SI HR RO .. GE",
                ".. .. .. .. ME BA RS BG AM",
                ".. .. .. MT AL XK MK TR AZ",
                ".. .. .. .. .. GR .. CY ..",
            )
        )
        for column, code in enumerate(line.split())
        if code != ".."
    }
)
COLUMNS, ROWS = 9, 10
SIDE = 44
# What weighs most stands on the tile of a country that has several members.
_GRAVITY = ("suspended", "unreachable", "untried", "reachable", "own", "")
SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "own": "\N{BLACK STAR}",
        "reachable": "\N{CHECK MARK}",
        "untried": "\N{WHITE CIRCLE}",
        "unreachable": "\N{BALLOT X}",
        "suspended": "\N{DOUBLE VERTICAL LINE}",
    }
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One country on the map; without members `reach` is empty."""

    code: str
    x: int
    y: int
    reach: str
    sign: str


async def show_peers(visit: Visit) -> web.StreamResponse:
    """The members, as a table and on a map."""
    answer = await visit.command("peer.list")
    return visit.page(
        "peers.html",
        peers=answer,
        zones={each["node_id"]: zone_of(each["time_zone"] or "") for each in answer["members"]},
        here=zone_of(answer["time_zone"]) or datetime.UTC,
        tiles=tiles(answer["members"]),
        elsewhere=sorted({each["country"] for each in answer["members"]} - TILES.keys()),
        signs=SIGNS,
        width=COLUMNS * SIDE,
        height=ROWS * SIDE,
    )


def tiles(members: list[Answer]) -> list[Tile]:
    """Return the map: every country, those with members by how these are reached."""
    reaches: dict[str, list[str]] = {}
    for member in members:
        reaches.setdefault(member["country"], []).append(member["reach"])
    found = []
    for code, (column, row) in TILES.items():
        reach = min(reaches.get(code, [""]), key=_GRAVITY.index)
        found.append(Tile(code, column * SIDE, row * SIDE, reach, SIGNS.get(reach, "")))
    return found


ROUTES = (Route("GET", "/peers", Action.SEE_PEERS, show_peers),)
