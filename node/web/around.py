"""The desk: what there is to do around the cases."""

from __future__ import annotations

import datetime

from aiohttp import web

from node.commands.arguments import Answer
from node.federation.hours import zone_of
from node.users.policy import Action
from node.web.drafts import drafts_of
from node.web.forms import whole_number
from node.web.visit import Route, Visit

# What stands of each pile on the desk, and on the page of one pile alone.
FIRST, PILE = 10, 100


async def show_desk(visit: Visit) -> web.Response:
    """What must I do now."""
    desk: Answer = {
        "sections": [], "endings": [], "endings_count": 0, "urgent_count": 0, "unreachable": [],
        "now_ms": 0,
    }  # fmt: skip
    pile = visit.asked("pile")
    skip, count = (whole_number(visit.asked("skip")), PILE) if pile else (0, FIRST)
    if visit.may(Action.SEE_REFERRAL):
        desk = await visit.command("referral.due", limit=count, pile=pile, skip=skip)
    drafts = await drafts_of(visit)
    template = "desk_tiles.html" if visit.is_partial else "desk.html"
    return visit.page(
        template, desk=desk, drafts=drafts, zones=_zones(desk), pile=pile, skipped=skip,
        page_size=count,
    )  # fmt: skip


def _zones(desk: Answer) -> dict[str, datetime.tzinfo]:
    """Return the time zones that the desk names."""
    names = {task["contact"]["time_zone"] for each in desk["sections"] for task in each["tasks"]
             if task["contact"] is not None}  # fmt: skip
    zones = {name: zone_of(name) for name in names}
    return {name: zone for name, zone in zones.items() if zone is not None}


ROUTES = (
    Route("GET", "/", Action.SEE_DESK, show_desk),
    Route("GET", "/desk/tiles", Action.SEE_DESK, show_desk, is_background=True),
)
