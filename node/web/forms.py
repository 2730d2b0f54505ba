"""What comes with a form, and what is wrong with it.

A form that is refused is shown again with all that was typed, the faults in a summary on
top and each at its field. A form that changes something carries an id that is used once:
a second click, or the back button, leads to what the first one did.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

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


def whole_number(text: str) -> int:
    """Return a number that stands in a form; 0 when it is none, or larger than any of ours."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else 0


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
    store, user_id = visit.core.store, visit.visitor.user_id
    form_id, now_ms = form.text(FORM_ID)[:_FORM_ID_CHARACTERS], visit.core.context.clock.now_ms()
    # Of another person's forms nothing is told.
    form_id = f"{user_id} {form_id}" if form_id else ""
    path = visit.request.path
    if form_id:
        oldest_ms = now_ms - limits.FORM_REMEMBERED_MS

        def use(db: Transaction) -> str | None:
            users.forget_forms(db, oldest_ms)
            return users.use_form(db, form_id, user_id, at_ms=now_ms)

        used = await store.write(use)
        if used is not None:
            return visit.go(used or "/")
    try:
        location = await do()
    except (NodeError, KeysError, PolicyRefusal) as error:
        form.refuse_for(error)
    except BaseException:
        if form_id:
            await store.write(lambda db: users.release_form(db, form_id))
        raise
    if form.faults:
        if form_id:
            await store.write(lambda db: users.release_form(db, form_id))
        return await again(form)

    def done(db: object) -> None:
        users.answer_form(db, form_id, location)  # type: ignore[arg-type] # the store's own
        users.drop_draft(db, user_id, path)  # type: ignore[arg-type]

    await store.write(done)
    return visit.go(location)


def new_form_id(visit: Visit) -> str:
    """Return an id for a form that is about to be shown."""
    return visit.core.context.random(12).hex()
