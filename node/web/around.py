"""The desk: what there is to do around the cases."""

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


ROUTES = (
    Route("GET", "/", Action.SEE_DESK, show_desk),
    Route("GET", "/desk/tiles", Action.SEE_DESK, show_desk, is_background=True),
)
