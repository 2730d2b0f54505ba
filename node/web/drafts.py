"""What is typed is kept while it is typed: by the page itself where scripts run."""

from __future__ import annotations

import json

from aiohttp import web

from node.store import users
from node.store.db import Transaction
from node.users import limits
from node.users.policy import Action
from node.web.forms import FORM_ID, read_form
from node.web.visit import Route, Visit, is_local

PAGE = "kept_page"
# Never kept of a form.
SECRET_FIELDS = frozenset({"password", "again", "code", "secret", "answer", FORM_ID, PAGE})
# A referral is typed on two pages: who and what, and what to share.
REFERRING = ("/refer/", "/refer-what/")


async def keep(visit: Visit) -> web.Response:
    """Keep what stands in a form now; the page says which."""
    form = await read_form(visit)
    page = form.text(PAGE)
    if not is_local(page) or len(page) > limits.DRAFT_ADDRESS_CHARACTERS:
        return web.Response(status=422)
    pairs = [(name, value) for name, values in form.values.items() for value in values]
    await keep_fields(visit, page, pairs)
    return web.Response(status=204)


async def drop(visit: Visit) -> web.StreamResponse:
    """Throw away what was typed into a form."""
    page, user_id = (await read_form(visit)).text(PAGE), visit.visitor.user_id

    def job(db: Transaction) -> None:
        for each in pages_of(page):
            users.drop_draft(db, user_id, each)

    await visit.core.store.write(job)
    return visit.go("/")


async def drafts_of(visit: Visit) -> list[tuple[str, int]]:
    """Return what somebody has typed and not sent: the page typed on last, and when."""
    user_id = visit.visitor.user_id
    if not user_id:
        return []
    kept = await visit.core.store.read(lambda db: users.drafts_of(db, user_id))
    newest: dict[tuple[str, ...], tuple[str, int]] = {}
    for page, at_ms in kept:
        newest.setdefault(pages_of(page), (page, at_ms))
    return list(newest.values())


def pages_of(page: str) -> tuple[str, ...]:
    """Return all the pages on which that is typed of which this page is a part."""
    for head in REFERRING:
        if page.startswith(head):
            return tuple(f"{each}{page.removeprefix(head)}" for each in REFERRING)
    return (page,)


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
