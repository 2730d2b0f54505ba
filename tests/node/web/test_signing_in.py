"""Signing in on the pages: cookies, sessions of one's own and of others, what is shown once."""

from __future__ import annotations

import re

import pyotp
import pytest

from node.users import limits, secrets
from node.users.policy import Access, Role
from node.web.visit import COOKIE
from tests.support.exchanged import add_case
from tests.support.pages import PASSWORD, Answer, PagesUnderTest

KNOWN = "__Host-homeward-known"


async def link(web: PagesUnderTest, name: str, role: str = "operator") -> str:
    token = await web.office.users.add(name, role, language="en", added_by="test")
    return f"/welcome/{token}"


async def enrolled(web: PagesUnderTest, name: str) -> tuple[str, Answer]:
    """Let somebody set up a password; return the secret and the page of the codes."""
    welcome = await link(web, name)
    page = await web.get(welcome)
    secret = page.field("secret")
    fields = {"secret": secret, "password": PASSWORD, "again": PASSWORD, "code": code(web, secret)}
    return secret, await web.post(f"{welcome}/password", "", fields)


def code(web: PagesUnderTest, secret: str) -> str:
    return pyotp.TOTP(secret).at(web.clock.at_ms // 1000)


async def sign_in(web: PagesUnderTest, secret: str, token: str = "", **headers: str) -> Answer:
    web.clock.at_ms += limits.MINUTE_MS
    fields = {"name": "Anna", "password": PASSWORD, "code": code(web, secret)}
    return await web.post("/sign-in", token, fields, **headers)


async def access(web: PagesUnderTest, token: str) -> Access:
    return (await web.office.sessions.visitor(token, is_doing=True)).access


async def test_cookies_are_kept_from_all_others(web: PagesUnderTest) -> None:
    _, page = await enrolled(web, "Anna")
    for name in (COOKIE, KNOWN):
        cookie = page.cookies[name]
        assert (cookie["path"], cookie["samesite"], cookie["domain"]) == ("/", "Lax", "")
        assert cookie["secure"]
        assert cookie["httponly"]
    assert page.cookies[COOKIE]["max-age"] == ""


async def test_signing_in_takes_no_session_over(web: PagesUnderTest) -> None:
    secret, page = await enrolled(web, "Anna")
    first = page.cookies[COOKIE].value
    planted = await web.signed_in(Role.OPERATOR, "Eve")
    answer = await sign_in(web, secret, planted)
    token = answer.cookies[COOKIE].value
    assert token not in (first, planted, "")
    # The session that came along is over, whoever's it was; another browser's goes on.
    assert await access(web, planted) is Access.NOBODY
    assert await access(web, first) is Access.SIGNED_IN
    assert await access(web, token) is Access.SIGNED_IN
    made_up = await sign_in(web, secret, "made-up")
    assert made_up.cookies[COOKIE].value != "made-up"
    assert await access(web, "made-up") is Access.NOBODY


async def test_a_welcome_ends_the_session_that_was_there(web: PagesUnderTest) -> None:
    other = await web.signed_in(Role.ADMINISTRATOR, "Root")
    welcome = await link(web, "Anna")
    secret = (await web.get(welcome, other)).field("secret")
    fields = {"secret": secret, "password": PASSWORD, "again": PASSWORD, "code": code(web, secret)}
    page = await web.post(f"{welcome}/password", other, fields)
    assert page.status == 200
    assert await access(web, other) is Access.NOBODY
    assert (await web.get("/own", page.cookies[COOKIE].value)).status == 200
    assert (await web.get(welcome)).status == 422


async def test_codes_are_shown_once_and_nowhere_kept(web: PagesUnderTest) -> None:
    _, page = await enrolled(web, "Anna")
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", page.text)
    assert len(codes) == secrets.RECOVERY_CODES
    token = page.cookies[COOKIE].value
    assert page.headers["Cache-Control"] == "no-store"
    own = (await web.get("/own", token)).text
    assert not any(each in own for each in codes)
    assert "10 recovery codes are left" in own


async def test_a_browser_stays_known_and_strangers_wait(web: PagesUnderTest) -> None:
    secret, page = await enrolled(web, "Anna")
    known = page.cookies[KNOWN].value
    wrong = {"name": "Anna", "password": "wrong", "code": "1"}
    for _ in range(limits.FREE_FAILURES):
        assert (await web.post("/sign-in", "", wrong)).status == 422
    web.clock.at_ms -= limits.MINUTE_MS
    assert "too many wrong tries" in (await sign_in(web, secret)).text
    fields = {"name": "Anna", "password": PASSWORD, "code": code(web, secret)}
    answer = await web.post("/sign-in", "", fields, Cookie=f"{KNOWN}={known}")
    assert answer.status == 422
    web.clock.at_ms += limits.MINUTE_MS
    fields["code"] = code(web, secret)
    answer = await web.post("/sign-in", "", fields, Cookie=f"{KNOWN}={known}")
    assert (answer.status, answer.cookies[KNOWN].value) == (303, known)


async def test_signing_out_clears_what_the_browser_holds(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.OPERATOR, "Anna")
    answer = await web.post("/sign-out", token)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.cookies[COOKIE].value == ""
    assert (await web.get("/own", token)).location == "/sign-in?next=%2Fown"


async def test_one_ends_the_sessions_of_ones_own_and_no_others(web: PagesUnderTest) -> None:
    token, other = await web.signed_in(Role.OPERATOR, "Anna"), await web.signed_in(Role.OPERATOR)
    users, sessions = web.office.users, web.office.sessions
    user_id = (await users.named("Anna")).user_id
    second = await sessions.open(user_id, means="passkey", browser="Another")
    page = (await web.get("/own", token)).text
    assert (page.count("this one"), page.count('action="/own/session"')) == (1, 1)
    assert secrets.token_hash(second).hex() in page
    for wanted in (other, second):
        await web.post("/own/session", token, {"session": secrets.token_hash(wanted).hex()})
    assert await access(web, other) is Access.SIGNED_IN
    assert await access(web, second) is Access.NOBODY
    assert await access(web, token) is Access.SIGNED_IN


async def test_an_administrator_signs_others_out(web: PagesUnderTest) -> None:
    token, other = await web.signed_in(Role.OPERATOR, "Anna"), await web.signed_in(Role.OPERATOR)
    root = await web.signed_in(Role.ADMINISTRATOR, "Root")
    user_id = (await web.office.users.named("Anna")).user_id
    second = await web.office.sessions.open(user_id, means="passkey", browser="Another <b>")
    page = await web.get(f"/people/{user_id}", root)
    assert "Another &lt;b&gt;" in page.text
    assert token not in page.text
    # One form for each, and one for all.
    assert page.text.count(f'action="/people/{user_id}/sessions"') == 3
    wanted = {"session": secrets.token_hash(second).hex()}
    assert (await web.post(f"/people/{user_id}/sessions", other, wanted)).status == 403
    assert await access(web, second) is Access.SIGNED_IN
    await web.post(f"/people/{user_id}/sessions", root, wanted)
    assert [await access(web, each) for each in (second, token)] == ["nobody", "signed_in"]
    await web.post(f"/people/{user_id}/sessions", root, {})
    assert [await access(web, each) for each in (token, other)] == ["nobody", "signed_in"]


async def test_another_role_counts_at_once_on_the_pages(web: PagesUnderTest) -> None:
    case_id = await add_case(web.core)
    token = await web.signed_in(Role.CASEWORKER, "Anna")
    root = await web.signed_in(Role.ADMINISTRATOR, "Root")
    user_id = (await web.office.users.named("Anna")).user_id
    assert (await web.get(f"/cases/{case_id}", token)).status == 200
    answer = await web.post(f"/people/{user_id}/role", root, {"role": "auditor"})
    assert answer.location == f"/people/{user_id}"
    assert (await web.get(f"/cases/{case_id}", token)).status == 403
    own_id = (await web.office.users.named("Root")).user_id
    refused = await web.post(f"/people/{own_id}/role", root, {"role": "supervisor"})
    assert refused.status == 422
    assert "Nobody changes their own role" in refused.text
    assert (await web.get(f"/cases/{case_id}", root)).status == 403


@pytest.mark.parametrize("path", ["/own/codes", "/own/passkey", "/own/passkey/remove"])
async def test_who_finds_a_desk_does_not_change_how_one_signs_in(
    web: PagesUnderTest, path: str
) -> None:
    token = await web.signed_in(Role.OPERATOR, "Anna")
    for _ in range(2):
        web.clock.at_ms += limits.FRESH_MS // 2
        await web.get("/own", token)
    answer = await web.post(path, token, {})
    assert answer.location == "/unlock?next=%2Fown"
    assert await access(web, token) is Access.LOCKED
    assert (await web.office.users.named("Anna")).recovery_codes == 0
    fresh = await web.signed_in(Role.OPERATOR, "Ben")
    assert "/unlock" not in (await web.post(path, fresh, {})).location


async def test_a_link_stands_on_one_page_and_in_no_report(
    web: PagesUnderTest, capfd: pytest.CaptureFixture[str]
) -> None:
    root = await web.signed_in(Role.ADMINISTRATOR, "Root")
    fields = {"name": "Anna", "role": "operator", "language": "en", "form_id": "f1"}
    token = re.search(r"/welcome/([\w-]{43})", (await web.post("/people", root, fields)).text)
    assert token is not None
    again = await web.post("/people", root, fields)
    assert (again.status, again.location) == (303, "/people")
    for path in ("/people", "/audit/log", "/node"):
        assert token[1] not in (await web.get(path, root)).text
    await web.get(f"/welcome/{token[1]}/nothing")
    told = capfd.readouterr()
    assert token[1] not in told.out + told.err
    assert web.faults == []


async def test_pages_with_a_secret_are_not_compressed(web: PagesUnderTest) -> None:
    asking = {"Accept-Encoding": "gzip, deflate"}
    page = await web.get(await link(web, "Nova"), **asking)
    assert page.field("secret")
    assert "Content-Encoding" not in page.headers
    _, codes = await enrolled(web, "Anna")
    assert "Content-Encoding" not in codes.headers
    root = await web.signed_in(Role.ADMINISTRATOR)
    fields = {"name": "Vera", "role": "operator", "language": "en"}
    assert "/welcome/" in (made := await web.post("/people", root, fields)).text
    assert "Content-Encoding" not in made.headers
    assert "Content-Encoding" in (await web.get("/people", root, **asking)).headers
