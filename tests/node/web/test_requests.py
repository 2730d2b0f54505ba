"""Requests that no page of ours makes: refused, and nothing done."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from node.users.policy import Access, Role
from tests.support.hostile import World
from tests.support.scan import Who, faults_of
from tests.support.sweep import wired

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPERVISOR, CASEWORKER, ADMINISTRATOR = (
    Who(role, Access.SIGNED_IN) for role in (Role.SUPERVISOR, Role.CASEWORKER, Role.ADMINISTRATOR)
)
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": ""}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "https://elsewhere.example"}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "OWN.elsewhere.example"}, 403),
        ({"Host": "elsewhere.example"}, 421),
        ({"Host": "localhost"}, 421),
        ({"Host": "localhost:1"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"X_Forwarded_Host": "elsewhere.example"}, 200),
        ({"Sec_Fetch_Site": "", "Origin": "OWN"}, 200),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/json"}, 415),
        ({"Content_Type": "multipart/form-data"}, 400),
        ({"Content_Type": "multipart/form-data; boundary=x"}, 400),
        ({"Content_Type": f"{FORM}; charset=nonsense"}, 200),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Content_Encoding": "br"}, 415),
    ],
    ids=str,
)
async def test_a_form_comes_from_these_pages_as_browsers_send_it(
    world: World, headers: dict[str, str], status: int
) -> None:
    users, name = world.web.office.users, f"Eve {world.web.core.context.random(4).hex()}"
    wire = wired(world, await world.token(ADMINISTRATOR)).wire
    origin = world.web.origin
    sent = {name: value.replace("OWN", origin) for name, value in headers.items()}
    reply = await wire.ask(
        "POST", "/people", f"name={name}&role=operator&language=en".encode(), **sent
    )
    allowed = {status, 400} if status == 415 else {status}
    assert reply.status in allowed
    assert faults_of(reply) == []
    names = [person.name for person in await users.everybody()]
    assert (name in names) is (status == 200)


@pytest.mark.parametrize(
    "body",
    [
        b"name=\xff\xfe", b"name=%ff%fe", b"name=a%00b", b"&" * 5000, b"x=1&" * 5000,
        b"n" * 400 + b"=1",
    ],
    ids=["bytes", "encoded", "nul", "empty fields", "fields", "long name"],
)  # fmt: skip
async def test_a_body_that_nobody_types_is_refused(world: World, body: bytes) -> None:
    wire = wired(world, await world.token(SUPERVISOR)).wire
    for path in ("/cases", f"/edit/children/{world.case_id}", "/drafts", "/sign-in"):
        reply = await wire.ask("POST", path, body)
        assert faults_of(reply) == []
        assert reply.status == 400 or (path == "/sign-in" and reply.status == 413)


async def test_strangers_send_little_and_colleagues_no_more_than_a_form(world: World) -> None:
    wire = wired(world).wire
    assert (await wire.ask("POST", "/sign-in", b"name=" + b"x" * 200_000)).status == 413
    wire.close()
    wire.token = await world.token(SUPERVISOR)
    assert (await wire.ask("POST", "/cases", b"q=" + b"x" * 3_000_000)).status == 413
    wire.close()
    assert (await wire.ask("POST", "/cases", b"q=" + b"x" * 300_000)).status == 303


def parts(*contents: bytes) -> bytes:
    return b"".join(b"--x\r\n" + content + b"\r\n" for content in contents) + b"--x--\r\n"


FIELD = b'Content-Disposition: form-data; name="reason"\r\n'
FILE = b'Content-Disposition: form-data; name="photos"; filename="<img src=x onerror=alert(1)>.svg"'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (parts(*[FIELD + b"\r\na"] * 4100), 400),
        (parts(FIELD + b"Content-Encoding: gzip\r\n\r\n" + b"\x1f\x8b" + b"\0" * 40), 415),
        (parts(FIELD + b"Content-Transfer-Encoding: base64\r\n\r\nYQ=="), 415),
        (parts(b"Content-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\na\r\n--y--"), 400),
        (parts(b"Content-Disposition: form-data\r\n\r\nno name"), 400),
        (parts(FIELD + b"\r\n\xff\xfe"), 400),
        (parts(FIELD + b"\r\nwhole")[:-20], 400),
        (parts(FIELD + b"\r\nwhy", FILE + b"\r\nContent-Type: image/svg+xml\r\n\r\n<svg/>"), 422),
        (parts(FIELD + b"\r\nwhy", FILE + b"\r\n\r\n\x89PNG\r\n\x1a\n" + b"\0" * 99), 422),
        (parts(FIELD + b"\r\nwhy", FILE + b"\r\n\r\n\xff\xd8\xff" + b"\0" * 99), 422),
    ],
    ids=["many", "packed", "base64", "nested", "no name", "not text", "cut", "svg", "png", "jpeg"],
)
async def test_parts_that_are_none_are_refused(world: World, body: bytes, status: int) -> None:
    wire = wired(world, await world.token(CASEWORKER)).wire
    kind = "multipart/form-data; boundary=x"
    body = body.replace(
        b"--x--", parts(b'Content-Disposition: form-data; name="kind"\r\n\r\nphoto')
    )
    reply = await wire.ask("POST", f"/photos/{world.case_id}", body, Content_Type=kind)
    assert faults_of(reply) == []
    assert reply.status == status
    assert "<img src" not in reply.text
    if status == 422:
        assert 'id="fault-photos"' in reply.text


@pytest.mark.parametrize(
    "cookie",
    [
        b"__Host-homeward=\xff\xfe", b"__Host-homeward=" + b"a" * 5000, b"__Host-homeward=",
        b"__Host-homeward=a; __Host-homeward=b", b"=;=;", b'__Host-homeward="\\377"',
    ],
)  # fmt: skip
async def test_a_cookie_that_is_none_lets_nobody_in(world: World, cookie: bytes) -> None:
    reply = await wired(world).wire.ask("GET", "/people", Cookie=cookie, User_Agent=b"\xff\xfe")
    assert (reply.status, reply.headers["Location"]) == (303, "/sign-in?next=%2Fpeople")
    assert faults_of(reply) == []


@pytest.mark.parametrize(
    "request_bytes",
    [b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /secret\xff HTTP/1.1\r\nA b\r\n\r\n",
     b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
)  # fmt: skip
async def test_what_is_no_request_is_refused_and_not_quoted(
    world: World, request_bytes: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    reply = await wired(world).wire.send(request_bytes)
    assert reply.status in (400, 421)
    assert faults_of(reply) == []
    assert "secret" not in reply.text
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "following",
    ["//evil.example", "/%5cevil.example", "/%09/evil.example", "/%0a/evil.example", "%09//evil",
     "/%0d%0aX-Evil:%201", "https://evil.example", "javascript:alert(1)", "%2f%2fevil.example",
     "/%20/evil", "/%c2%a0%0b/evil", "/" + "a" * 5000, ""],
)  # fmt: skip
async def test_after_signing_in_one_stays_here(world: World, following: str) -> None:
    wire = wired(world, await world.token(CASEWORKER)).wire
    reply = await wire.ask("GET", f"/sign-in?next={following}")
    assert reply.status == 303
    assert reply.headers["Location"] == "/" or not reply.headers["Location"][1:2].strip("/\\")
    assert faults_of(reply) == []
    assert "X-Evil" not in reply.headers


@pytest.mark.parametrize("mode", ["no-cors", "cors", "same-origin"])
async def test_other_sites_take_no_part_of_a_page_into_theirs(world: World, mode: str) -> None:
    wire = wired(world, await world.token(CASEWORKER)).wire
    path = f"/cases/{world.case_id}"
    taken = {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": mode}
    assert (await wire.ask("GET", path, **taken)).status == 403
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert (await wire.ask("GET", path, **followed)).status == 200


@pytest.mark.parametrize(
    "page", ["", "people", "//evil.example", "/\\evil.example", "/a\tb", "/" + "a" * 400]
)
async def test_what_is_typed_is_kept_for_pages_of_ours_alone(world: World, page: str) -> None:
    wire = wired(world, await world.token(CASEWORKER)).wire
    for asked, status in ((page, 422), ("/new-case", 204)):
        body = urlencode({"kept_page": asked, "reason": "words"}).encode()
        assert (await wire.ask("POST", "/drafts", body)).status == status
    desk = (await wire.ask("GET", "/")).text
    assert 'href="/new-case"' in desk
    assert "evil" not in desk


async def test_a_form_counts_once_and_tells_others_nothing(world: World) -> None:
    first, second = await world.token(ADMINISTRATOR), await world.token(ADMINISTRATOR)
    wire, users = wired(world, first).wire, world.web.office.users

    async def names(body: str) -> int:
        await wire.ask("POST", "/people", body.encode())
        return len([each for each in await users.everybody() if each.name.startswith("Once")])

    form = "role=operator&language=en&form_id=f1"
    assert await names(f"name=Once+1&{form}") == 1
    assert await names(f"name=Once+2&{form}") == 1
    assert await names(f"name=Once+2&name=Once+3&{form}x&form_id=f1") == 2
    wire.token = second
    assert await names(f"name=Once+4&{form}") == 3
    assert await names("name=Once+5&role=operator&form_id=" + "x" * 5000) == 4
    assert await names("name=Once+6&role=operator&form_id=" + "x" * 5000) == 4
