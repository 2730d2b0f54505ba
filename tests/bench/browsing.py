"""Asks a node's pages as a browser does, on one connection that is kept, and takes the time."""

from __future__ import annotations

import gzip
import http.client
import re
import time
import zlib
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

from node.web.visit import COOKIE

STATIC = re.compile(r"/static/[0-9a-f]+/[\w.-]+")
Fields = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, how large it was on the way, and how long it took."""

    status: int
    text: str
    kind: str
    location: str
    size: int
    seconds: float


class Browser:
    """One browser of one person."""

    def __init__(self, port: int, token: str = "") -> None:
        """Connect when something is asked for first."""
        self._connection = http.client.HTTPConnection("localhost", port, timeout=60)
        self._headers = {"Accept-Encoding": "gzip, deflate", "Sec-Fetch-Site": "same-origin"}
        if token:
            self._headers["Cookie"] = f"{COOKIE}={token}"

    def get(self, path: str, *, is_partial: bool = False) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None, is_partial=is_partial)

    def post(self, path: str, fields: Fields, *, is_partial: bool = False) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields, doseq=True), is_partial=is_partial)

    def _ask(self, method: str, path: str, body: str | None, *, is_partial: bool) -> Answer:
        headers = dict(self._headers)
        if is_partial:
            headers["HX-Request"] = "true"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - started
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
        kind = answer.headers.get_content_type()
        plain = _plain(content, answer.headers.get("Content-Encoding", ""))
        return Answer(
            status=answer.status,
            text=plain.decode() if kind.startswith("text/") else "",
            kind=kind,
            location=answer.headers.get("Location", ""),
            size=len(content) + head,
            seconds=seconds,
        )

    def first_load(self, page: Answer) -> int:
        """Return the bytes of a page with all that it needs, in a browser that has nothing yet."""
        seen, found = set[str](), set(STATIC.findall(page.text))
        size = page.size
        while found - seen:
            address = min(found - seen)
            part = self.get(address)
            seen.add(address)
            found |= set(STATIC.findall(part.text))
            size += part.size
        return size

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _plain(content: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(content)
    return zlib.decompress(content) if encoding == "deflate" else content


def form_on(text: str, action: str) -> Fields:
    """Return the fields of the form that goes to `action`, as a browser would send them."""
    reader = _Forms()
    reader.feed(text)
    return reader.forms[action]


class _Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Fields] = {}
        self._form: Fields | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method") == "post":
            self._form = self.forms.setdefault(values.get("action", ""), {})
        elif self._form is not None:
            self._read(tag, values)

    def _read(self, tag: str, values: dict[str, str]) -> None:
        name, kind = values.get("name", ""), values.get("type", "text")
        is_sent = kind not in ("submit", "file", "checkbox", "radio") or "checked" in values
        if tag == "input" and name and is_sent:
            self._put(name, values.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in values:
            self._put(self._select, values.get("value", ""))
        elif tag == "textarea" and name:
            self._area = name
            self._put(name, "")

    def _put(self, name: str, value: str) -> None:
        if self._form is not None:
            self._form.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._form = None
