"""What is typed is kept while it is typed: by the page itself where scripts run."""

from __future__ import annotations

import json

from aiohttp import web

from node.store import users
from node.store.db import Transaction
from node.users import limits
from node.users.policy import Action
from node.web.forms import FORM_ID, read_form
from node.web.visit import Route, Visit

PAGE = "kept_page"
# Never kept of a form.
SECRET_FIELDS = frozenset({"password", "again", "code", "secret", "answer", FORM_ID, PAGE})


async def keep(visit: Visit) -> web.Response:
    """Keep what stands in a form now; the page says which."""
    form = await read_form(visit)
    page = form.text(PAGE)
    if not page.startswith("/"):
        return web.Response(status=422)
    pairs = [(name, value) for name, values in form.values.items() for value in values]
    await keep_fields(visit, page, pairs)
    return web.Response(status=204)


async def drop(visit: Visit) -> web.StreamResponse:
    """Throw away what was typed into a form."""
    page, user_id = (await read_form(visit)).text(PAGE), visit.visitor.user_id
    await visit.core.store.write(lambda db: users.drop_draft(db, user_id, page))
    return visit.go("/")


async def keep_fields(visit: Visit, page: str, pairs: list[tuple[str, str]]) -> None:
    """Keep fields of a form, but no secrets, and not more than a person can type."""
    kept = [(name, value) for name, value in pairs if name not in SECRET_FIELDS]
    body = json.dumps(kept)
    if not any(value.strip() for _, value in kept) or len(body) > limits.DRAFT_CHARACTERS:
        return
    user_id, now_ms = visit.visitor.user_id, visit.core.context.clock.now_ms()

    def job(db: Transaction) -> None:
        users.keep_draft(db, user_id, page, body, at_ms=now_ms)
        for old, _ in users.drafts_of(db, user_id)[limits.DRAFTS_EACH :]:
            users.drop_draft(db, user_id, old)

    await visit.core.store.write(job)


ROUTES = (
    Route("POST", "/drafts", Action.CHANGE_OWN, keep),
    Route("POST", "/drafts/drop", Action.CHANGE_OWN, drop),
)
