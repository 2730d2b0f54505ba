"""Signing in and out, locking, setting up how to sign in."""

from __future__ import annotations

import io

import segno
from aiohttp import web

from node.errors import NodeError
from node.store.users import SessionRow
from node.users import limits, secrets
from node.users.entering import Person
from node.users.policy import Access, Action
from node.users.sessions import Visitor
from node.users.tries import Place
from node.web.forms import Form, read_form
from node.web.gate import next_page
from node.web.rendering import LANGUAGES
from node.web.visit import COOKIE, Handler, Route, Visit

ISSUER = "Homeward"
# Held by a browser in which somebody has signed in: a stranger's guesses do not count there.
KNOWN_COOKIE = "__Host-homeward-known"


# --- signing in


async def show_sign_in(visit: Visit) -> web.Response:
    """The page on which people sign in."""
    if visit.visitor.access is Access.SIGNED_IN:
        return visit.go(next_page(visit))
    return _sign_in_page(visit, Form())


def _sign_in_page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.page("sign_in.html", status=status, form=form, following=next_page(visit))


async def sign_in(visit: Visit) -> web.StreamResponse:
    """With name, password and code."""
    form = await read_form(visit)
    try:
        person = await visit.office.users.sign_in(
            form.text("name"), form.text("password"), form.text("code"), place=_place(visit)
        )
    except NodeError as error:
        form.refuse(error.code)
        return _sign_in_page(visit, form, status=422)
    return await _signed_in(visit, person.user_id, means="password")


async def passkey_options(visit: Visit) -> web.Response:
    """What the browser needs to ask for a passkey."""
    options = visit.office.users.passkeys.authentication_options(party=visit.office.party)
    return web.Response(text=options, content_type="application/json")


async def sign_in_with_passkey(visit: Visit) -> web.StreamResponse:
    """With a passkey; the answer of the browser is a field of the form."""
    form = await read_form(visit)
    try:
        person = await visit.office.users.sign_in_with_passkey(
            form.text("answer"), party=visit.office.party
        )
    except NodeError as error:
        form.refuse(error.code)
        return _sign_in_page(visit, form, status=422)
    return await _signed_in(visit, person.user_id, means="passkey")


async def _signed_in(visit: Visit, user_id: str, *, means: str) -> web.StreamResponse:
    """Open a session, and go on."""
    response = visit.go(next_page(visit))
    await _let_in(visit, response, user_id, means=means)
    return response


async def _let_in(visit: Visit, response: web.StreamResponse, user_id: str, *, means: str) -> None:
    """Open a session in place of any that was there, and let the browser hold what it needs."""
    if visit.visitor.session is not None:
        await visit.office.sessions.end(visit.visitor.session.token_hash)
    token = await visit.office.sessions.open(user_id, means=means, browser=visit.browser)
    known = await visit.office.users.know_browser(user_id, _place(visit).browser)
    _set_cookie(response, COOKIE, token)
    _set_cookie(response, KNOWN_COOKIE, known, max_age=limits.BROWSER_KNOWN_MS // 1000)


def _set_cookie(
    response: web.StreamResponse, name: str, token: str, *, max_age: int | None = None
) -> None:
    response.set_cookie(
        name, token, path="/", secure=True, httponly=True, samesite="Lax", max_age=max_age
    )


def _place(visit: Visit) -> Place:
    """Return from where somebody tries to sign in."""
    return Place(address=visit.request.remote or "", browser=visit.token(KNOWN_COOKIE))


async def sign_out(visit: Visit) -> web.StreamResponse:
    """End the session here."""
    if visit.visitor.session is not None:
        await visit.office.sessions.end(visit.visitor.session.token_hash)
    response = visit.go("/sign-in")
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


# --- locking


async def lock(visit: Visit) -> web.StreamResponse:
    """Somebody leaves the desk."""
    if visit.visitor.session is not None:
        await visit.office.sessions.lock(visit.visitor.session.token_hash)
    return visit.go("/unlock", next=next_page(visit))


async def show_unlock(visit: Visit) -> web.StreamResponse:
    """The page on which the same person goes on."""
    if visit.visitor.access is not Access.LOCKED:
        return visit.go(next_page(visit))
    return _unlock_page(visit, Form())


def _unlock_page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.page("unlock.html", status=status, form=form, following=next_page(visit))


async def unlock(visit: Visit) -> web.StreamResponse:
    """With password and code, or a passkey; nobody else can go on."""
    form, users = await read_form(visit), visit.office.users
    try:
        if form.text("answer"):
            person = await users.sign_in_with_passkey(form.text("answer"), party=visit.office.party)
        else:
            place = Place(session=_session(visit).token_hash)
            person = await users.sign_in(
                visit.visitor.name, form.text("password"), form.text("code"), place=place
            )
        _check_same(person, visit.visitor)
    except NodeError as error:
        form.refuse(error.code)
        return _unlock_page(visit, form, status=422)
    await visit.office.sessions.unlock(_session(visit).token_hash)
    return visit.go(next_page(visit))


def _session(visit: Visit) -> SessionRow:
    if visit.visitor.session is None:
        raise NodeError("not_signed_in", "there is no session to go on with")
    return visit.visitor.session


def _check_same(person: Person, visitor: Visitor) -> None:
    if person.user_id != visitor.user_id:
        raise NodeError("not_signed_in", "this session is another person's")


# --- the one-time link


async def show_welcome(visit: Visit) -> web.Response:
    """What a one-time link leads to."""
    person = await visit.office.users.invited(visit.part("token"))
    secret = visit.core.context.random(secrets.TOTP_SECRET_BYTES)
    return _welcome_page(visit, person, Form(), secret)


def _welcome_page(
    visit: Visit, person: Person, form: Form, secret: bytes, *, status: int = 200
) -> web.Response:
    address = secrets.totp_address(secret, name=person.name, issuer=ISSUER)
    image = io.BytesIO()
    segno.make(address, error="m").save(
        image, kind="svg", scale=5, border=2, xmldecl=False, svgns=True, light="#fff"
    )
    return visit.page(
        "welcome.html",
        status=status,
        person=person,
        form=form,
        secret=secrets.base32(secret),
        picture=image.getvalue().decode(),
        token=visit.part("token"),
    )


async def welcome_with_password(visit: Visit) -> web.StreamResponse:
    """Set up a password and an authenticator application."""
    form, token = await read_form(visit), visit.part("token")
    person = await visit.office.users.invited(token)
    secret = _secret_of(form.text("secret"))
    if not secret:
        # Of no picture of ours: another one is shown.
        form.refuse("wrong_code", "code")
        secret = visit.core.context.random(secrets.TOTP_SECRET_BYTES)
    elif form.text("password") != form.text("again"):
        form.refuse("passwords_differ", "again")
    else:
        try:
            user_id, codes = await visit.office.users.set_password(
                token, form.text("password"), totp=secret, code=form.text("code")
            )
        except NodeError as error:
            form.refuse(error.code, "code" if error.code == "wrong_code" else "password")
        else:
            return await _codes_page(visit, user_id, codes, means="password")
    return _welcome_page(visit, person, form, secret, status=422)


async def welcome_options(visit: Visit) -> web.Response:
    """What the browser needs to make a first passkey."""
    users = visit.office.users
    person = await users.invited(visit.part("token"))
    options = users.passkeys.registration_options(
        person.user_id, person.name, person.passkeys, party=visit.office.party
    )
    return web.Response(text=options, content_type="application/json")


async def welcome_with_passkey(visit: Visit) -> web.StreamResponse:
    """Set up a first passkey."""
    form, token = await read_form(visit), visit.part("token")
    user_id, codes = await visit.office.users.set_passkey(
        token, form.text("answer"), party=visit.office.party, name=form.text("passkey_name")
    )
    return await _codes_page(visit, user_id, codes, means="passkey")


async def _codes_page(
    visit: Visit, user_id: str, codes: list[str], *, means: str
) -> web.StreamResponse:
    """Show the recovery codes: this once, and never again."""
    response = visit.page("recovery_codes.html", codes=codes)
    await _let_in(visit, response, user_id, means=means)
    return response


def _secret_of(text: str) -> bytes:
    try:
        return secrets.from_base32(text)
    except ValueError:
        return b""


# --- one's own


async def show_own(visit: Visit) -> web.Response:
    """Who I am, how I sign in, where I am signed in."""
    person = await visit.office.users.get(visit.visitor.user_id)
    sessions = await visit.office.sessions.of(person.user_id)
    return visit.page("own.html", person=person, sessions=sessions)


async def set_language(visit: Visit) -> web.StreamResponse:
    """Read the pages in another language."""
    form = await read_form(visit)
    if form.text("language") in LANGUAGES:
        await visit.office.users.set_language(visit.visitor.user_id, form.text("language"))
    return visit.go("/own")


async def end_session(visit: Visit) -> web.StreamResponse:
    """Sign out another browser of one's own."""
    form = await read_form(visit)
    for row in await visit.office.sessions.of(visit.visitor.user_id):
        if row.token_hash.hex() == form.text("session"):
            await visit.office.sessions.end(row.token_hash)
    return visit.go("/own")


def proving(handler: Handler) -> Handler:
    """Return a handler for who has shown just now who they are, and not for who found the desk.

    Who has not shows it first, as on a locked screen.
    """

    async def proven(visit: Visit) -> web.StreamResponse:
        session = _session(visit)
        if visit.office.sessions.is_fresh(session):
            return await handler(visit)
        await visit.office.sessions.lock(session.token_hash)
        return visit.go("/unlock", next="/own")

    return proven


async def own_passkey_options(visit: Visit) -> web.Response:
    """What the browser needs to make another passkey."""
    users = visit.office.users
    person = await users.get(visit.visitor.user_id)
    options = users.passkeys.registration_options(
        person.user_id, person.name, person.passkeys, party=visit.office.party
    )
    return web.Response(text=options, content_type="application/json")


async def add_passkey(visit: Visit) -> web.StreamResponse:
    """Add another passkey."""
    form = await read_form(visit)
    await visit.office.users.add_passkey(
        visit.visitor.user_id,
        form.text("answer"),
        party=visit.office.party,
        name=form.text("passkey_name"),
    )
    return visit.go("/own")


async def remove_passkey(visit: Visit) -> web.StreamResponse:
    """Take a passkey away that is lost."""
    form = await read_form(visit)
    for key in (await visit.office.users.get(visit.visitor.user_id)).passkeys:
        if key.credential_id.hex() == form.text("passkey"):
            await visit.office.users.remove_passkey(visit.visitor.user_id, key.credential_id)
    return visit.go("/own")


async def renew_codes(visit: Visit) -> web.StreamResponse:
    """Make new recovery codes, and show them this once."""
    codes = await visit.office.users.renew_codes(visit.visitor.user_id)
    return visit.page("recovery_codes.html", codes=codes)


ROUTES = (
    Route("GET", "/sign-in", Action.SIGN_IN, show_sign_in),
    Route("POST", "/sign-in", Action.SIGN_IN, sign_in),
    Route("GET", "/sign-in/passkey", Action.SIGN_IN, passkey_options, is_background=True),
    Route("POST", "/sign-in/passkey", Action.SIGN_IN, sign_in_with_passkey),
    Route("POST", "/sign-out", Action.SIGN_OUT, sign_out),
    Route("POST", "/lock", Action.SIGN_OUT, lock),
    Route("GET", "/unlock", Action.UNLOCK, show_unlock),
    Route("POST", "/unlock", Action.UNLOCK, unlock),
    Route("GET", "/welcome/{token}", Action.SIGN_IN, show_welcome),
    Route("POST", "/welcome/{token}/password", Action.SIGN_IN, welcome_with_password),
    Route("GET", "/welcome/{token}/passkey", Action.SIGN_IN, welcome_options),
    Route("POST", "/welcome/{token}/passkey", Action.SIGN_IN, welcome_with_passkey),
    Route("GET", "/own", Action.CHANGE_OWN, show_own),
    Route("POST", "/own/language", Action.CHANGE_OWN, set_language),
    Route("POST", "/own/session", Action.CHANGE_OWN, end_session),
    Route("GET", "/own/passkey", Action.CHANGE_OWN, own_passkey_options),
    Route("POST", "/own/passkey", Action.CHANGE_OWN, proving(add_passkey)),
    Route("POST", "/own/passkey/remove", Action.CHANGE_OWN, proving(remove_passkey)),
    Route("POST", "/own/codes", Action.CHANGE_OWN, proving(renew_codes)),
)
