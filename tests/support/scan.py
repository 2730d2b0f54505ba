"""An outsider's look at pages: asked byte by byte, judged by the router and the table alone.

Nothing here knows a handler. `Wire` sends what no browser would; `faults_of` says what is
wrong with an answer whatever it was asked for; `expected` says what the table allows.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote

from multidict import CIMultiDict

from node.users.policy import Access, Action, Role, is_allowed
from node.web.visit import COOKIE

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
NEEDED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "Homeward",
}
POLICIES = ("same-origin", "no-referrer")
DIRECTIVES = ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'")
SANDBOXED = "default-src 'none'; sandbox"
SIGNS = ("Traceback (most recent", 'File "/', "aiohttp/", "Python/", "sqlite", "jinja2.")
FETCHED = frozenset({"src", "href", "action", "formaction", "data", "poster", "srcset", "hx-get"})
_URL = re.compile(rb"""(?:url\(|@import|src=|href=)\s*["']?\s*((?:https?:)?//[^"')\s]+)""")
_COOKIE = ("secure", "httponly", "samesite=lax", "path=/")
MARKER = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{'zq'*3}}"
SHORT = '"><script>x</script>'
# What a template would make of it.
FILLED_IN = "zqzqzq"


@dataclass
class Reply:
    """What came back over the wire."""

    status: int
    headers: CIMultiDict[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def is_html(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html")


@dataclass
class Wire:
    """Requests as bytes, one connection kept as long as the server keeps it."""

    port: int
    token: str = ""
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, target: str | bytes, body: bytes = b"", **headers: str | bytes
    ) -> Reply:
        """Send a request; a header is named with _ for -, and left out when empty."""
        sent: dict[str, str | bytes] = {"Host": f"localhost:{self.port}"}
        if method not in ("GET", "HEAD"):
            sent["Sec-Fetch-Site"] = "same-origin"
        if self.token:
            sent["Cookie"] = f"{COOKIE}={self.token}"
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if body or method in ("POST", "PUT", "PATCH"):
            sent["Content-Length"] = str(len(body))
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [method.encode() + b" " + _bytes(target) + b" HTTP/1.1"]
        lines += [name.encode() + b": " + _bytes(value) for name, value in sent.items() if value]
        return await self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body, has_body=method != "HEAD")

    async def send(self, request: bytes, *, has_body: bool = True) -> Reply:
        """Send bytes as they are."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(request)
        try:
            async with asyncio.timeout(20):
                reply, is_kept = await _read(reader, has_body=has_body)
        except BaseException:
            self.close()
            raise
        if not is_kept:
            self.close()
        return reply

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _read(reader: asyncio.StreamReader, *, has_body: bool) -> tuple[Reply, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
    first, *lines = head.split("\r\n")
    headers: CIMultiDict[str] = CIMultiDict()
    for name, _, value in (line.partition(": ") for line in lines if line):
        headers.add(name, value)
    status = int(first.split()[1])
    body = b""
    if has_body and status not in (204, 304):
        if headers.get("Transfer-Encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("Content-Length", "0")))
    # After what is no request the server closes, and does not always say so.
    is_kept = status != 400 and headers.get("Connection", "") != "close"
    return Reply(status, headers, body), is_kept


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


# --- what is wrong with an answer, whatever it answers


def faults_of(reply: Reply) -> list[str]:
    """Return all that an answer gives away, or leaves open."""
    headers = reply.headers
    found = [f"{n}: {headers.get(n)}" for n, value in NEEDED.items() if headers.get(n) != value]
    if reply.status >= 500:
        found.append(f"status {reply.status}")
    if headers.get("Referrer-Policy") not in POLICIES:
        found.append("no referrer policy")
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        found.append("no permissions policy")
    if "immutable" not in headers.get("Cache-Control", "") or reply.status != 200:
        found += ["may be cached"] if headers.get("Cache-Control") != "no-store" else []
    found += _faults_of_policy(headers.get("Content-Security-Policy", ""))
    found += _faults_of_cookies(headers.getall("Set-Cookie", []))
    found += [f"says {sign}" for sign in SIGNS if sign in reply.text]
    if reply.status == 405 and not headers.get("Allow"):
        found.append("405 without Allow")
    location = headers.get("Location", headers.get("HX-Redirect", "/"))
    if not re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", location):
        found.append(f"leads away: {location!r}")
    if reply.is_html:
        found += faults_of_html(reply.text)
    elif reply.body and headers.get("Content-Type", "").startswith(("text/css", "text/java")):
        found += [f"asks {each!r}" for each in _URL.findall(reply.body)]
    return found


def _faults_of_policy(policy: str) -> list[str]:
    if policy == SANDBOXED:
        return []
    found = [f"CSP lacks {each}" for each in DIRECTIVES if each not in policy]
    found += ["CSP allows unsafe"] if "unsafe" in policy else []
    return found + (["CSP allows others"] if re.search(r"https?:|\*", policy) else [])


def _faults_of_cookies(cookies: list[str]) -> list[str]:
    found = []
    for cookie in cookies:
        low = cookie.lower()
        if not cookie.startswith("__Host-") or "domain=" in low:
            found.append("a cookie that others may set")
        found += [f"a cookie without {each}" for each in _COOKIE if each not in low]
    return found


class _Page(HTMLParser):
    """Collects what may run in a page, what it asks for, and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.forms: list[Form] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("iframe", "object", "embed", "base", "style"):
            self.faults.append(f"has <{tag}>")
        if tag == "script" and "src" not in values:
            self.faults.append("has an inline script")
        for name, value in values.items():
            if name.startswith(("on", "hx-on")) or name == "style":
                self.faults.append(f"has {name}=")
            if name in FETCHED and not re.match(
                r"(/(?![/\\])|#|tel:|mailto:|data:image/|$)", value
            ):
                self.faults.append(f"asks {value[:60]!r}")
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").upper()))
        elif self.forms and values.get("name") and tag in ("input", "select", "textarea", "button"):
            self.forms[-1].fields.setdefault(values["name"], values.get("value", ""))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@dataclass
class Form:
    """A form of a page, as an outsider finds it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


def page_of(text: str) -> _Page:
    """Return a page as a browser reads it."""
    page = _Page()
    page.feed(text)
    page.close()
    return page


def faults_of_html(text: str) -> list[str]:
    """Return what could run or be fetched in a page, and markers that came through as they are."""
    page = page_of(text)
    told = "".join(page.texts)
    if FILLED_IN in told:
        page.faults.append("a template in a text was filled in")
    return page.faults


# --- what the table says


@dataclass(frozen=True)
class Who:
    """Somebody as the table knows them."""

    role: Role | None
    access: Access
    state: str = ""

    def __str__(self) -> str:
        return f"{self.role or 'nobody'} {self.state or self.access.value}"


def expected(action: Action, who: Who) -> str:
    """Return what must happen: "page", "no", "/unlock" or "/sign-in"."""
    if is_allowed(action, who.access, who.role):
        return "page"
    if who.access is Access.SIGNED_IN:
        return "no"
    return "/unlock" if who.access is Access.LOCKED else "/sign-in"


def happened(reply: Reply) -> str:
    """Return which of these an answer is."""
    if reply.status == 403 and "Your role may not see or do this" in reply.text:
        return "no"
    location = reply.headers.get("Location", "")
    if reply.status == 303 and location.startswith(("/unlock?next=", "/sign-in?next=")):
        return location.partition("?")[0]
    return "page"


def alike(reply: Reply, *targets: str) -> tuple[object, ...]:
    """Return an answer without the address that was asked for, to be compared with others."""
    text = "\n".join(f"{n}: {v}" for n, v in sorted(reply.headers.items())
                     if n not in ("Date", "Content-Length")) + reply.text  # fmt: skip
    for target in targets:
        for form in {target, quote(target), quote(target, safe=""), quote(quote(target, safe=""))}:
            text = text.replace(form, "TARGET")
    return reply.status, text
