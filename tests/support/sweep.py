"""Every route, with every method, by everybody: what the table does not allow is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from multidict import CIMultiDict

from node.users.policy import Access, Action, Role
from node.web.server import ROUTES
from tests.support.hostile import World
from tests.support.scan import (
    METHODS,
    Reply,
    Who,
    Wire,
    alike,
    expected,
    faults_of,
    happened,
)

NOBODY = Who(None, Access.NOBODY)
EVERYBODY = (
    NOBODY,
    *(Who(role, Access.SIGNED_IN) for role in Role),
    *(Who(role, Access.LOCKED) for role in Role),
    *(Who(role, Access.NOBODY, state) for role in Role for state in ("ended", "removed")),
)
# These change who is there, so they are asked for with a session of their own.
ENDING = frozenset({"/sign-out", "/lock", "/sign-in", "/unlock"})
MALFORMED = (
    "..", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5c", "%00", "a%00b", "a" * 3000, "%ff%fe",
    "%F0%9F%91%B6%E2%80%AE", "%252e%252e", "'%22<script>", "%0d%0aX-Evil:%201", "a%09b", "%2f%2f",
    "-1", "99999999999999999999999", "%C2%B2", "be.example/" + "9" * 400, "\udcff\udcfe",
)  # fmt: skip


@dataclass
class Sweep:
    """One look at a server by its router and the table."""

    world: World
    wire: Wire
    actions: Mapping[tuple[str, str], Action] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    asked: int = 0
    _tokens: dict[Who, str] = field(default_factory=dict)

    @property
    def paths(self) -> dict[str, set[str]]:
        """The router's own paths with their methods."""
        found: dict[str, set[str]] = {}
        for route in self.world.web.pages._server._app.router.routes():
            found.setdefault(route.resource.canonical, set()).add(route.method)
        return found

    def action(self, path: str, method: str) -> Action | None:
        """Return what the table calls this; None for what only files are."""
        return self.actions.get((path, "GET" if method == "HEAD" else method))

    def there(self, path: str, **changes: str) -> str:
        """Return an address about things that are there, but for the changes."""
        world = self.world
        parts = {
            "case": world.case_id, "leg": world.leg.hex(), "user": world.user_id, "number": "1",
            "token": world.welcome, "section": "children", "step": "note", "file": "f1",
            "approval": "00" * 16, "hash": "none", "name": "pages.css", **changes,
        }  # fmt: skip
        for name, value in parts.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def missing(self, path: str) -> str:
        """Return an address of the same form about things that are not there."""
        return self.there(
            path, case="be.example/01J9ZK4Q7TQ3V6W8X2Y5N0NONE", leg="0" * 32, user="0" * 16,
            token="n" * 43, file="f9", approval="0" * 32, number="9",
        )  # fmt: skip

    def malformed(self, path: str) -> Iterator[str]:
        """Yield addresses with parts that are none."""
        for name in ("case", "leg", "user", "number", "token", "section", "step", "file",
                     "approval", "hash", "name"):  # fmt: skip
            if f"{{{name}}}" in path:
                yield from (self.there(path, **{name: each}) for each in MALFORMED)

    async def ask(
        self, who: Who, method: str, target: str, path: str = "", *, body: bytes = b"", **headers
    ) -> Reply:
        """Ask as somebody, and judge the answer by itself."""
        if path in ENDING or who not in self._tokens:
            token = await self.world.token(who)
            if path not in ENDING:
                self._tokens[who] = token
        else:
            token = self._tokens[who]
        self.wire.token = token
        self.asked += 1
        try:
            reply = await self.wire.ask(method, target, body, **headers)
        except EOFError:
            self.findings.append(f"{who}: {method} {path}: no answer to {target[:60]!r}")
            return Reply(0, CIMultiDict(), b"")
        for fault in faults_of(reply):
            self.findings.append(f"{who}: {method} {path or target[:80]}: {fault}")
        return reply

    # --- the parts

    async def all_as_the_table_says(self, whos: Iterable[Who] = EVERYBODY) -> None:
        """Ask for what is there, with every method, by everybody."""
        for path, methods in self.paths.items():
            for who in whos:
                got = None
                for method in METHODS:
                    if method not in methods:
                        if who in (NOBODY, EVERYBODY[1]):
                            await self._not_allowed(path, method, who, methods)
                    elif method == "HEAD":
                        await self._as_get(path, who, got)
                    else:
                        reply = await self._as_the_table_says(path, method, who)
                        got = reply if method == "GET" else got

    async def _as_get(self, path: str, who: Who, got: Reply | None) -> None:
        if who.state or who.access is Access.LOCKED:
            return
        reply = await self.ask(who, "HEAD", self.there(path), path)
        if got is None or got.status != reply.status or reply.body:
            self.findings.append(f"{who}: HEAD {path} is not as GET")

    async def _as_the_table_says(self, path: str, method: str, who: Who) -> Reply:
        reply = await self.ask(who, method, self.there(path), path)
        action = self.action(path, method)
        if action is not None and path != "/lock":
            wanted, was = expected(action, who), happened(reply)
            if wanted != was:
                told = f"{who}: {method} {path} {was} {reply.status}, must be {wanted}"
                self.findings.append(told)
        return reply

    async def _not_allowed(self, path: str, method: str, who: Who, methods: set[str]) -> None:
        reply = await self.ask(who, method, self.there(path), path)
        named = set(reply.headers.get("Allow", "").split(","))
        if reply.status != 405 or named != methods:
            self.findings.append(f"{who}: {method} {path}: {reply.status}, Allow {sorted(named)}")

    async def nothing_tells_what_is_there(self, whos: Iterable[Who] = EVERYBODY) -> None:
        """Compare what is there with what is not, for who may see neither: answer and work."""
        work = _Work(self.world)
        for (path, method), action in self.actions.items():
            if "{" not in path:
                continue
            for who in whos:
                if expected(action, who) == "page":
                    continue
                there, missing = self.there(path), self.missing(path)
                await self.ask(who, method, there, path)
                one = alike(await work.of(self.ask(who, method, there, path)), there)
                work_of_one = work.taken
                two = alike(await work.of(self.ask(who, method, missing, path)), missing)
                if one != two or work_of_one != work.taken:
                    self.findings.append(f"{who}: {method} {path} tells what is there")

    async def malformed_is_refused(self, whos: Iterable[Who]) -> None:
        """Ask for what has no right form: no fault, nothing given away."""
        for path, methods in self.paths.items():
            for target in self.malformed(path):
                for who in whos:
                    for method in sorted(methods & {"GET", "POST"}):
                        await self.ask(who, method, target, path)


@dataclass
class _Work:
    """Counts what a request makes the store do."""

    world: World
    taken: int = 0

    async def of(self, asking) -> Reply:
        store = self.world.web.core.store
        read, write = store.read, store.write
        self.taken = 0

        def counted(method):
            async def count(*arguments, **more):
                self.taken += 1
                return await method(*arguments, **more)

            return count

        store.read, store.write = counted(read), counted(write)
        try:
            return await asking
        finally:
            store.read, store.write = read, write


def table() -> dict[tuple[str, str], Action]:
    """Return the table of pages as it stands, by the router's names of paths."""
    return {(route.path.replace(":.+}", "}"), route.method): route.action for route in ROUTES}


def wired(world: World, token: str = "") -> Sweep:
    """Return a sweep over a server that listens."""
    wire = Wire(int(world.web.origin.rpartition(":")[2]), token)
    world.wires.append(wire)
    return Sweep(world, wire, table())
