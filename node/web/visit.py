"""One request, with who stands behind it and what it needs to be answered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from aiohttp import web

from node.app import Core
from node.commands import run_command
from node.commands.arguments import Answer
from node.users.accounts import Users
from node.users.passkeys import RelyingParty
from node.users.policy import Action, is_allowed
from node.users.sessions import Sessions, Visitor
from node.web import posting
from node.web.posting import Posted, read_posted
from node.web.rendering import Renderer

COOKIE = "__Host-homeward"
# Browsers drop tabs and line ends before they read an address: "/<tab>/x" is another site.
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
_LONGEST_ADDRESS = 2000
_TOKEN_CHARACTERS = 100
# What stays in an address as it is; all else is encoded.
_IN_ADDRESS = "/:?#[]@!$&'()*+,;=%~"
_POSTED = web.RequestKey("posted", Posted)


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
    public_telephone: str = ""
    """The number for everybody; empty: that of the member record."""
    one_pdf: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a PDF is made: the node's other work keeps a thread that computes."""
    under_way: dict[str, asyncio.Event] = field(default_factory=dict)
    """Forms that are being answered, by their ids; set when they are."""


# Sent as they are: their length must not follow what stands in them.
_WITH_SECRETS = frozenset({"one_time_link.html", "recovery_codes.html", "welcome.html"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request."""

    request: web.Request
    office: Office
    visitor: Visitor
    language: str
    most_bytes: int = posting.FORM_BYTES
    """How large a form may be here."""

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

    def token(self, name: str) -> str:
        """Return a token that came in a cookie; empty when it can be none of ours."""
        return token_of(self.request, name)

    @property
    def browser(self) -> str:
        """What the browser says of itself, as text that can be kept."""
        said = self.request.headers.get("User-Agent", "")
        return "".join(each for each in said if each.isprintable())

    async def posted(self) -> Posted:
        """Return what came with the request.

        Raises:
            HTTPException: it is too large, or nothing that a form of these pages sends.
        """
        if _POSTED not in self.request:
            self.request[_POSTED] = await read_posted(self.request, self.most_bytes)
        return self.request[_POSTED]

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
        # The length of an answer tells nobody anything (BREACH): no token stands in a form, ids
        # of forms are new each time, and what comes back from an address stands beside a child's
        # data only on pages whose own address holds an id that cannot be guessed.
        if template not in _WITH_SECRETS:
            response.enable_compression()
        return response

    def go(self, path: str, **query: str) -> web.Response:
        """Send the browser on to another page."""
        location = quote(f"{path}?{urlencode(query)}" if query else path, safe=_IN_ADDRESS)
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
    has_files: bool = False
    """Whether the form takes files along."""


def token_of(request: web.Request, name: str = COOKIE) -> str:
    """Return a token that came in a cookie; empty when it can be none of ours."""
    token = request.cookies.get(name, "")
    return token if token.isascii() and len(token) <= _TOKEN_CHARACTERS else ""


def is_local(address: str) -> bool:
    """Return whether an address is one of these pages, whatever a browser makes of it."""
    return len(address) <= _LONGEST_ADDRESS and _LOCAL.fullmatch(address) is not None


Fields = Mapping[str, Sequence[str]]
