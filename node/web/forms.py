"""What comes with a form, and what is wrong with it.

A form that is refused is shown again with all that was typed, the faults in a summary on
top and each at its field. A form that changes something carries an id that is used once:
a second click, or the back button, leads to what the first one did.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web

from keys.errors import KeysError
from node.errors import NodeError
from node.store import users
from node.store.db import Transaction
from node.users import limits
from node.web.visit import Visit
from protocol.errors import PolicyRefusal

FORM_ID = "form_id"
_FORM_ID_CHARACTERS = 64
_LONGEST_NUMBER = 12


@dataclass(slots=True)
class Form:
    """Fields as they were typed, and faults: code by field ("" for the whole form)."""

    values: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, list[bytes]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a field; empty when it is not there."""
        return next(iter(self.values.get(name, ())), "").strip()

    def texts(self, name: str) -> list[str]:
        """Return all values of a field that may be there several times."""
        return [value for value in self.values.get(name, ()) if value.strip()]

    def refuse(self, code: str, name: str = "", sentence: str = "") -> None:
        """Note what is wrong, at a field or with the whole."""
        self.faults.setdefault(name, code)
        if sentence:
            self.sentences.setdefault(name, sentence)

    def refuse_for(self, error: NodeError | KeysError | PolicyRefusal, name: str = "") -> None:
        """Note what a command has refused."""
        code = str(getattr(error, "code", getattr(error, "rule", type(error).__name__)))
        self.refuse(code, name, error.sentence)


async def read_form(visit: Visit) -> Form:
    """Read a form."""
    posted = await visit.posted()
    values: dict[str, list[str]] = {}
    files: dict[str, list[bytes]] = {}
    for name, value in posted.fields:
        values.setdefault(name, []).append(value)
    for name, content in posted.files:
        if content:
            files.setdefault(name, []).append(content)
    return Form(values, files)


def whole_number(text: str, otherwise: int = 0) -> int:
    """Return the number that a text is; another when it is none, or larger than any of ours."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else otherwise


async def kept_form(visit: Visit, path: str = "") -> Form:
    """Return what was typed into the form of a page (without one, of this) and not sent."""
    path, user_id = path or visit.request.path, visit.visitor.user_id
    body = await visit.core.store.read(lambda db: users.draft(db, user_id, path))
    values: dict[str, list[str]] = {}
    for name, value in json.loads(body) if body else []:
        values.setdefault(name, []).append(value)
    return Form(values)


async def act(
    visit: Visit,
    form: Form,
    do: Callable[[], Awaitable[str]],
    again: Callable[[Form], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """Do what a form asks for, once, and go where `do` says; `again` shows a refused form."""
    store, user_id, path = visit.core.store, visit.visitor.user_id, visit.request.path
    form_id = form.text(FORM_ID)[:_FORM_ID_CHARACTERS]
    # Of another person's forms nothing is told.
    form_id = f"{user_id} {form_id}" if form_id else ""
    used = await _use(visit, form_id) if form_id else None
    if used is not None:
        return visit.go(used)
    under_way = visit.office.under_way.setdefault(form_id, asyncio.Event())
    location = None
    try:
        location = await _done(do, form)
        if location is None:
            return await again(form)
        await store.write(partial(_answered, form_id, location, user_id, path))
        return visit.go(location)
    finally:
        if form_id and location is None:
            await store.write(lambda db: users.release_form(db, form_id))
        visit.office.under_way.pop(form_id, None)
        under_way.set()


def _answered(form_id: str, location: str, user_id: str, path: str, db: Transaction) -> None:
    users.answer_form(db, form_id, location)
    users.drop_draft(db, user_id, path)


async def _use(visit: Visit, form_id: str) -> str | None:
    """Use a form up; return where to go if it was used before, by an impatient hand perhaps."""
    user_id, now_ms = visit.visitor.user_id, visit.core.context.clock.now_ms()

    def use(db: Transaction) -> str | None:
        users.forget_forms(db, now_ms - limits.FORM_REMEMBERED_MS)
        return users.use_form(db, form_id, user_id, at_ms=now_ms)

    while True:
        location = await visit.core.store.write(use)
        first = visit.office.under_way.get(form_id)
        if location != "" or first is None:
            # Without a place to go, the node was stopped while it did what was asked for.
            return "/" if location == "" else location
        await first.wait()


async def _done(do: Callable[[], Awaitable[str]], form: Form) -> str | None:
    """Do it; return where to go, or None if the form was refused."""
    try:
        location = await do()
    except (NodeError, KeysError, PolicyRefusal) as error:
        form.refuse_for(error)
    return None if form.faults else location


def new_form_id(visit: Visit) -> str:
    """Return an id for a form that is about to be shown."""
    return visit.core.context.random(12).hex()
