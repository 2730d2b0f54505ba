"""Help: one short text for each page, the keys, the words, and a first day."""

from __future__ import annotations

from aiohttp import web

from node.users.policy import Action
from node.web.visit import Route, Visit
from protocol.training import is_training

# The texts of help.html, by the first part of a page's address.
SECTIONS = {
    "": "desk",
    "new-case": "cases",
    "edit": "cases",
    "cases": "cases",
    "photos": "cases",
    "pictures": "cases",
    "found": "cases",
    "close": "cases",
    "correct": "cases",
    "hold": "cases",
    "erase": "cases",
    "erase-now": "cases",
    "erased": "cases",
    "print": "cases",
    "pdf": "cases",
    "refer": "refer",
    "refer-what": "refer",
    "refer-check": "refer",
    "sent": "refer",
    "approvals": "referrals",
    "referrals": "referrals",
    "peers": "peers",
    "figures": "figures",
    "audit": "audit",
    "people": "people",
    "node": "node",
    "own": "own",
}


def help_address(path: str) -> str:
    """Return where the help for a page stands."""
    section = SECTIONS.get(path.strip("/").partition("/")[0], "")
    return f"/help#{section}" if section else "/help"


async def show_help(visit: Visit) -> web.StreamResponse:
    """All short texts, the keys and the words."""
    return visit.page("help.html")


async def show_first_day(visit: Visit) -> web.StreamResponse:
    """A way through the pages for somebody new: on invented cases only where they are."""
    is_training_node = is_training(visit.core.context.node_id)
    return visit.page("help_first_day.html", is_training_node=is_training_node)


ROUTES = (
    Route("GET", "/help", Action.SEE_HELP, show_help),
    Route("GET", "/help/first-day", Action.SEE_HELP, show_first_day),
)
