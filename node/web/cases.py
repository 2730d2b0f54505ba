"""Cases: search first, then open one."""

from __future__ import annotations

from aiohttp import web

from node.store import users
from node.users.policy import Action
from node.web.forms import read_form
from node.web.visit import Route, Visit

HITS = 30
QUERY_CHARACTERS = 200


async def show_search(visit: Visit) -> web.Response:
    """One box: a name in any script, a telephone number, a reference."""
    query = await last_search(visit) if visit.asked("show") == "hits" else ""
    hits = (await visit.command("case.search", query=query, limit=HITS))["hits"] if query else []
    recent = [] if query else (await visit.command("case.list", limit=HITS))["cases"]
    return visit.page("cases.html", query=query, hits=hits, recent=recent)


async def search(visit: Visit) -> web.Response:
    """Look for something; it may be a name, so it never stands in an address."""
    form = await read_form(visit)
    user_id, now_ms = visit.visitor.user_id, visit.core.context.clock.now_ms()
    query = form.text("q")[:QUERY_CHARACTERS]
    await visit.core.store.write(
        lambda db: users.keep_draft(db, user_id, users.LAST_SEARCH, query, at_ms=now_ms)
    )
    return visit.go("/cases", show="hits")


async def last_search(visit: Visit) -> str:
    """Return what somebody has looked for last; empty when nothing yet."""
    user_id = visit.visitor.user_id
    return await visit.core.store.read(lambda db: users.draft(db, user_id, users.LAST_SEARCH)) or ""


ROUTES = (
    Route("GET", "/cases", Action.SEARCH_CASES, show_search),
    Route("POST", "/cases", Action.SEARCH_CASES, search),
)
