"""A node's pages on loopback, with people in every role, asked as a browser asks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from node.app import Core
from node.cli.demo.processes import free_ports
from node.config import Settings
from node.users.policy import Role
from node.users.secrets import Costs, Passwords
from node.web.office import Pages
from node.web.visit import COOKIE
from tests.support.nodes import DirectLink, SettableClock, make_federation, open_core

BE, GR = "be.example", "gr.example"
CHEAP = Costs(rounds=1, memory_kib=8)
PASSWORD = "four words and a hat"


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    headers: dict[str, str]
    cookies: SimpleCookie

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    def field(self, name: str) -> str:
        """Return the value of a hidden field of a form."""
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.text)
        assert found is not None, f"the page has no field {name}"
        return found[1]


@dataclass
class PagesUnderTest:
    """The pages of Belgium, with Greece as a peer."""

    cores: dict[str, Core]
    pages: Pages
    origin: str
    clock: SettableClock
    client: aiohttp.ClientSession
    faults: list[tuple[str, str]]
    link: DirectLink
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def core(self) -> Core:
        return self.cores[BE]

    @property
    def office(self):
        return self.pages.office

    async def signed_in(self, role: Role, name: str = "") -> str:
        """Return the token of a session of somebody in this role; the same one again."""
        person = name or f"A {role.value}"
        if person not in self.tokens:
            users, sessions = self.office.users, self.office.sessions
            await users.add(person, role.value, language="en", added_by="test")
            user_id = (await users.named(person)).user_id
            self.tokens[person] = await sessions.open(user_id, means="password", browser="Test")
        return self.tokens[person]

    async def get(self, path: str, token: str = "", **headers: str) -> Answer:
        return await self._ask("GET", path, token, None, headers)

    async def post(
        self, path: str, token: str = "", fields: object = None, **headers: str
    ) -> Answer:
        sent = {"Sec_Fetch_Site": "same-origin", **headers}
        body = fields if isinstance(fields, aiohttp.FormData) else urlencode(fields or {}, True)
        return await self._ask("POST", path, token, body, sent)

    async def _ask(
        self, method: str, path: str, token: str, body: object, headers: dict[str, str]
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value}
        if isinstance(body, str):
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if token:
            sent["Cookie"] = f"{COOKIE}={token}"
        async with self.client.request(
            method, f"{self.origin}{path}", data=body, headers=sent, allow_redirects=False
        ) as answer:
            return Answer(answer.status, await answer.text(), dict(answer.headers), answer.cookies)

    async def close(self) -> None:
        await self.client.close()
        await self.pages.stop()
        for core in self.cores.values():
            await core.close()


async def open_pages(folder: Path) -> PagesUnderTest:
    """Open two nodes; the pages of Belgium listen."""
    federation, link, clock = make_federation(folder, (BE, GR)), DirectLink(), SettableClock()
    cores = {name: open_core(federation, name, link, clock) for name in (BE, GR)}
    (port,) = free_ports(1)
    faults: list[tuple[str, str]] = []
    settings = Settings(node_id=BE, pages_port=port)
    pages = Pages(
        cores[BE],
        settings,
        lambda page, error: faults.append((page, error)),
        passwords=Passwords(CHEAP),
    )
    await pages.start()
    return PagesUnderTest(
        cores=cores,
        pages=pages,
        origin=f"http://localhost:{port}",
        clock=clock,
        client=aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()),
        faults=faults,
        link=link,
    )
