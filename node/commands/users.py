"""Commands about the people who use the pages; each from a terminal beside the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.app import Core
from node.commands.arguments import Answer, Arguments

if TYPE_CHECKING:
    from node.users.accounts import Users
    from node.users.entering import Person


async def add_user(core: Core, arguments: Arguments) -> Answer:
    """Add somebody; the answer holds the token of their one-time link."""
    users = _users(core)
    token = await users.add(
        arguments.text("name"),
        arguments.text("role"),
        language=arguments.language("language", "en"),
        added_by=arguments.text("made_by"),
    )
    return {**_answer(await users.named(arguments.text("name"))), "token": token}


async def list_users(core: Core, arguments: Arguments) -> Answer:
    """Return everybody."""
    del arguments
    return {"users": [_answer(person) for person in await _users(core).everybody()]}


async def reset_user(core: Core, arguments: Arguments) -> Answer:
    """Ask for a reset, or grant one that another person has asked for."""
    users, made_by = _users(core), arguments.text("made_by")
    person = await users.named(arguments.text("name"))
    token = ""
    if person.reset_asked_by and person.reset_asked_by != made_by:
        token = await users.grant_reset(person.user_id, granted_by=made_by)
    else:
        await users.ask_reset(person.user_id, asked_by=made_by)
    return {**_answer(await users.named(person.name)), "token": token}


def _users(core: Core) -> Users:
    # Only here: passkeys and password hashing are not loaded for a node without pages.
    from node.users.accounts import Users

    return Users(core.context)


def _answer(person: Person) -> Answer:
    return {
        "name": person.name,
        "role": person.role.value,
        "language": person.language,
        "is_active": person.is_active,
        "can_sign_in": person.can_sign_in,
        "passkeys": len(person.passkeys),
        "has_password": person.has_password,
        "reset_asked_by": person.reset_asked_by,
    }
