"""Desk, peers, figures, the log, the node, help: what there is around the cases."""

from __future__ import annotations

import datetime
import zoneinfo

from aiohttp import web

from node.commands.arguments import Answer
from node.store import users
from node.users.policy import Action
from node.web.visit import Route, Visit


async def show_desk(visit: Visit) -> web.Response:
    """What must I do now."""
    desk: Answer = {"sections": [], "endings": [], "unreachable": [], "now_ms": 0}
    if visit.may(Action.SEE_REFERRAL):
        desk = await visit.command("referral.due")
    drafts: list[tuple[str, int]] = []
    if visit.visitor.user_id:
        user_id = visit.visitor.user_id
        drafts = await visit.core.store.read(lambda db: users.drafts_of(db, user_id))
    template = "desk_tiles.html" if visit.is_partial else "desk.html"
    return visit.page(template, desk=desk, drafts=drafts, zones=_zones(desk))


def _zones(desk: Answer) -> dict[str, datetime.tzinfo]:
    """Return the time zones that the desk names."""
    names = {task["contact"]["time_zone"] for each in desk["sections"] for task in each["tasks"]
             if task["contact"] is not None}  # fmt: skip
    return {name: zoneinfo.ZoneInfo(name) for name in names if name}


async def show_peers(visit: Visit) -> web.Response:
    """The members: who they are, when they are there, how they are reached."""
    federation = await visit.command("federation.show")
    status = await visit.command("node.status")
    known = {peer["node_id"]: peer for peer in status["peers"]}
    return visit.page("peers.html", federation=federation, known=known)


async def show_node(visit: Visit) -> web.Response:
    """How the node is doing."""
    status = await visit.command("node.status")
    keys = await visit.command("keys.show")
    return visit.page("node.html", condition=status, keys=keys)


async def show_help(visit: Visit) -> web.Response:
    """Help and a glossary."""
    return visit.page("help.html")


ROUTES = (
    Route("GET", "/", Action.SEE_DESK, show_desk),
    Route("GET", "/desk/tiles", Action.SEE_DESK, show_desk, is_background=True),
    Route("GET", "/peers", Action.SEE_PEERS, show_peers),
    Route("GET", "/node", Action.SEE_NODE, show_node),
    Route("GET", "/help", Action.SEE_HELP, show_help),
)
