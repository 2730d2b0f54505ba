"""One request, with who stands behind it and what it needs to be answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from node.app import Core
from node.commands import run_command
from node.commands.arguments import Answer
from node.users.accounts import Users
from node.users.passkeys import RelyingParty
from node.users.policy import Action, is_allowed
from node.users.sessions import Sessions, Visitor
from node.web.rendering import Renderer

COOKIE = "__Host-homeward"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What all pages of a node share."""

    core: Core
    users: Users
    sessions: Sessions
    party: RelyingParty
    renderer: Renderer
    public_address: str = ""
    """The hotline's page for everybody, where it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request."""

    request: web.Request
    office: Office
    visitor: Visitor
    language: str

    @property
    def core(self) -> Core:
        """The node."""
        return self.office.core

    @property
    def is_partial(self) -> bool:
        """Whether a part of a page is asked for, which the page puts in itself."""
        return self.request.headers.get("HX-Request") == "true"

    def may(self, action: Action) -> bool:
        """Return whether who is here may do this."""
        return is_allowed(action, self.visitor.access, self.visitor.role)

    def asked(self, name: str) -> str:
        """Return a value of the address; empty when it is not there."""
        return self.request.query.get(name, "").strip()

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]

    async def command(self, name: str, **arguments: object) -> Answer:
        """Run one of the node's commands in the name of who is here."""
        values = {"language": self.language, "made_by": self.visitor.name, **arguments}
        return await run_command(self.core, name, values)

    def page(self, template: str, /, *, status: int = 200, **values: object) -> web.Response:
        """Return a page."""
        text = self.office.renderer.render(
            template, self.language, visit=self, Action=Action, **values
        )
        response = web.Response(text=text, content_type="text/html", status=status)
        # No secret stands in a page, and no other site can ask for one with the cookie.
        response.enable_compression()
        return response

    def go(self, path: str, **query: str) -> web.Response:
        """Send the browser on to another page."""
        location = f"{path}?{urlencode(query)}" if query else path
        if self.is_partial:
            return web.Response(headers={"HX-Redirect": location})
        return web.Response(status=303, headers={"Location": location})


Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A page or an action, and what one must be allowed for it."""

    method: str
    path: str
    action: Action
    handler: Handler
    is_background: bool = False
    """Whether the page asks by itself: nobody need be there."""


Fields = Mapping[str, Sequence[str]]
