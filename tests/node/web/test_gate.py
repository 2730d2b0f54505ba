"""Every route for every role, and for nobody: the table alone decides."""

from __future__ import annotations

import pytest

from node.users import limits
from node.users.policy import Access, Role, is_allowed
from node.web.server import ROUTES
from node.web.visit import Route
from tests.support.pages import PagesUnderTest

NOT_ALLOWED = "Your role may not see or do this"


def address(route: Route) -> str:
    """Return an address of this route, about things that are not there."""
    return (
        route.path.replace("{token}", "none")
        .replace("{user}", "0000000000000000")
        .replace("{leg}", "00000000000000000000000000000000")
        .replace("{section}", "children")
        .replace("{number}", "1")
        .replace("{approval}", "00000000000000000000000000000000")
        .replace("{step}", "note")
        .replace("{file}", "f1")
        .replace("{case:.+}", "be.example/none")
    )


@pytest.mark.parametrize("role", [None, *Role])
async def test_a_route_answers_who_may_and_nobody_else(
    web: PagesUnderTest, role: Role | None
) -> None:
    access = Access.SIGNED_IN if role else Access.NOBODY
    for number, route in enumerate(ROUTES):
        # A new session each time: some routes end it.
        token = await web.signed_in(role, f"{role} {number}") if role else ""
        ask = web.get if route.method == "GET" else web.post
        answer = await ask(address(route), token)
        if is_allowed(route.action, access, role):
            assert NOT_ALLOWED not in answer.text, route
            assert answer.status < 500, route
        elif role is None:
            assert answer.status == 303, route
            assert answer.location.startswith("/sign-in"), route
        else:
            assert answer.status == 403, route
            assert NOT_ALLOWED in answer.text, route


async def test_a_page_says_the_same_whether_the_thing_exists_or_not(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.AUDITOR)
    there = await web.get("/cases/be.example/anything", token)
    elsewhere = await web.get("/cases/be.example/something", token)
    assert there.status == elsewhere.status == 403
    assert there.text.replace("anything", "something") == elsewhere.text


async def test_a_locked_session_shows_nothing_and_keeps_what_was_typed(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.CASEWORKER)
    web.clock.at_ms += limits.LOCK_AFTER_MS
    answer = await web.post("/new-case", token, {"reason": "a call at night"})
    assert (answer.status, answer.location) == (303, "/unlock?next=%2Fnew-case")
    seen = await web.get("/cases", token)
    assert (seen.status, seen.location) == (303, "/unlock?next=%2Fcases")
    session = (await web.office.sessions.visitor(token, is_doing=True)).session
    assert session is not None
    await web.office.sessions.unlock(session.token_hash)
    assert "a call at night" in (await web.get("/new-case", token)).text


async def test_one_comes_back_to_a_page_and_not_to_what_only_takes_forms(
    web: PagesUnderTest,
) -> None:
    assert (await web.post("/people/1/end", "")).location == "/sign-in?next=%2F"
    assert (await web.post("/new-case", "")).location == "/sign-in?next=%2Fnew-case"
    assert (await web.get("/peers?a=b", "")).location == "/sign-in?next=%2Fpeers%3Fa%3Db"


async def test_what_a_page_asks_by_itself_keeps_no_session_open(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.CASEWORKER)
    for _ in range(16):
        web.clock.at_ms += limits.MINUTE_MS
        answer = await web.get("/desk/tiles", token, HX_Request="true")
    assert answer.headers["HX-Redirect"].startswith("/unlock")


async def test_a_session_ends_after_half_a_day(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.CASEWORKER)
    web.clock.at_ms += limits.SESSION_ENDS_MS
    assert (await web.get("/", token)).location == "/sign-in?next=%2F"
    assert (await web.office.sessions.visitor(token, is_doing=True)).access is Access.NOBODY


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "", "Origin": "http://localhost:1"},
        {"Host": "elsewhere.example"},
    ],
)
async def test_a_form_from_elsewhere_is_not_taken(
    web: PagesUnderTest, headers: dict[str, str]
) -> None:
    token = await web.signed_in(Role.ADMINISTRATOR)
    fields = {"name": "Eve", "role": "administrator", "language": "en"}
    answer = await web.post("/people", token, fields, **headers)
    assert answer.status in (403, 421)
    assert "Eve" not in [person.name for person in await web.office.users.everybody()]
    assert (await web.post("/people", token, fields)).status == 200
    assert "Eve" in [person.name for person in await web.office.users.everybody()]


async def test_every_answer_is_closed_to_others(web: PagesUnderTest) -> None:
    for path in ("/sign-in", "/", "/static/none/none.css", "/nothing"):
        headers = (await web.get(path)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_nobody_is_sent_to_another_site_after_signing_in(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.OPERATOR)
    for following in ("https://evil.example", "//evil.example", "/\\evil.example", "x"):
        answer = await web.get(f"/sign-in?next={following}", token)
        assert (answer.status, answer.location) == (303, "/")
