"""The people of the node: who there is, adding somebody, resets by a second person."""

from __future__ import annotations

from aiohttp import web

from node.errors import NodeError
from node.users.entering import Person
from node.users.policy import Action, Role
from node.web.forms import Form, act, new_form_id, read_form
from node.web.rendering import LANGUAGES
from node.web.visit import Route, Visit


async def show_people(visit: Visit) -> web.StreamResponse:
    """Everybody, and what waits for a second person."""
    return await _page(visit, Form())


async def _page(visit: Visit, form: Form) -> web.StreamResponse:
    people = await visit.office.users.everybody()
    return visit.page(
        "people.html",
        status=422 if form.faults else 200,
        people=people,
        roles=list(Role),
        form=form,
        form_id=new_form_id(visit),
        languages_offered=LANGUAGES,
    )


async def add_person(visit: Visit) -> web.StreamResponse:
    """Add somebody, and show their one-time link."""
    form = await read_form(visit)
    tokens: list[str] = []

    async def do() -> str:
        language = form.text("language") if form.text("language") in LANGUAGES else "en"
        token = await visit.office.users.add(
            form.text("name"), form.text("role"), language=language, added_by=visit.visitor.name
        )
        tokens.append(token)
        return "/people"

    done = await act(visit, form, do, lambda refused: _page(visit, refused))
    if not tokens:
        return done
    return _link_page(visit, await visit.office.users.named(form.text("name")), tokens[0])


def _link_page(visit: Visit, person: Person, token: str) -> web.Response:
    address = f"{visit.office.party.origin}/welcome/{token}"
    return visit.page("one_time_link.html", person=person, address=address)


async def ask_reset(visit: Visit) -> web.StreamResponse:
    """Ask that somebody may set up anew how they sign in."""
    user_id = visit.part("user")
    await visit.office.users.ask_reset(user_id, asked_by=visit.visitor.name)
    return visit.go("/people")


async def grant_reset(visit: Visit) -> web.StreamResponse:
    """Grant what another person has asked for, and show the one-time link."""
    user_id = visit.part("user")
    token = await visit.office.users.grant_reset(user_id, granted_by=visit.visitor.name)
    return _link_page(visit, await visit.office.users.get(user_id), token)


async def show_person(visit: Visit) -> web.StreamResponse:
    """One person: their role, and where they are signed in."""
    return await _person_page(visit, Form())


async def _person_page(visit: Visit, form: Form) -> web.StreamResponse:
    person = await visit.office.users.get(visit.part("user"))
    return visit.page(
        "person.html",
        status=422 if form.faults else 200,
        person=person,
        sessions=await visit.office.sessions.of(person.user_id),
        form=form,
    )


async def change_role(visit: Visit) -> web.StreamResponse:
    """Give somebody another role, from now on."""
    form = await read_form(visit)
    try:
        await visit.office.users.change_role(
            visit.part("user"), form.text("role"), changed_by=visit.visitor.name
        )
    except NodeError as error:
        form.refuse_for(error, "role")
        return await _person_page(visit, form)
    return visit.go(f"/people/{visit.part('user')}")


async def end_sessions(visit: Visit) -> web.StreamResponse:
    """Sign somebody out of all browsers, or of one."""
    person = await visit.office.users.get(visit.part("user"))
    wanted = (await read_form(visit)).text("session")
    for row in await visit.office.sessions.of(person.user_id):
        if wanted in ("", row.token_hash.hex()):
            await visit.office.sessions.end(row.token_hash)
    return visit.go(f"/people/{person.user_id}")


async def end_person(visit: Visit) -> web.StreamResponse:
    """Let somebody in no more."""
    await visit.office.users.deactivate(visit.part("user"))
    return visit.go("/people")


ROUTES = (
    Route("GET", "/people", Action.SEE_PEOPLE, show_people),
    Route("POST", "/people", Action.CHANGE_PEOPLE, add_person),
    Route("GET", "/people/{user}", Action.CHANGE_PEOPLE, show_person),
    Route("POST", "/people/{user}/role", Action.CHANGE_PEOPLE, change_role),
    Route("POST", "/people/{user}/sessions", Action.CHANGE_PEOPLE, end_sessions),
    Route("POST", "/people/{user}/reset", Action.CHANGE_PEOPLE, ask_reset),
    Route("POST", "/people/{user}/grant", Action.APPROVE_RESET, grant_reset),
    Route("POST", "/people/{user}/end", Action.CHANGE_PEOPLE, end_person),
)
