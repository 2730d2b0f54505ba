"""The pages' own server: one address, the routes of all pages, static files.

Static files are served under an address that has their hash in it, so that a browser may
keep them for good.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from itertools import chain

from aiohttp import web
from aiohttp.web_request import BaseRequest

from node.web import (
    approving,
    around,
    auditing,
    caseacts,
    caseedit,
    casefile,
    casephotos,
    cases,
    drafts,
    figures,
    helping,
    nodes,
    peers,
    people,
    posting,
    printing,
    referral_list,
    referrals,
    referring,
    signing_in,
    takes,
    telling,
)
from node.web.gate import gated
from node.web.guard import guard, put_headers
from node.web.rendering import STATIC, static_address
from node.web.visit import Office, Route

SHUTDOWN_SECONDS = 5.0
STATIC_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_STATIC_NAMES = frozenset(path.name for path in STATIC.iterdir() if path.suffix[1:] in STATIC_TYPES)
# What comes before a request is understood may be anything, so nothing of it is written down.
_NO_LOG = logging.getLogger("homeward.pages")
_NO_LOG.addHandler(logging.NullHandler())
_NO_LOG.propagate = False

ROUTES: tuple[Route, ...] = tuple(
    chain(
        signing_in.ROUTES,
        drafts.ROUTES,
        around.ROUTES,
        cases.ROUTES,
        casefile.ROUTES,
        casephotos.ROUTES,
        caseacts.ROUTES,
        caseedit.ROUTES,
        printing.ROUTES,
        referral_list.ROUTES,
        referrals.ROUTES,
        telling.ROUTES,
        takes.ROUTES,
        referring.ROUTES,
        approving.ROUTES,
        people.ROUTES,
        peers.ROUTES,
        figures.ROUTES,
        auditing.ROUTES,
        nodes.ROUTES,
        helping.ROUTES,
    )
)


class PageServer:
    """Serves the pages of one node."""

    def __init__(self, office: Office, report: Callable[[str, str], None]) -> None:
        """Make the routes; nothing listens before `start`."""
        self._app = web.Application(
            client_max_size=posting.FILES_BYTES,
            middlewares=[guard(office.party.origin, report)],
        )
        for route in ROUTES:
            handler = gated(route, office, report)
            self._app.router.add_route(route.method, route.path, handler)
            if route.method == "GET":
                self._app.router.add_route("HEAD", route.path, handler)
        self._app.router.add_get("/static/{hash}/{name}", _static)
        self._runner = _Runner(
            self._app, access_log=None, logger=_NO_LOG, shutdown_timeout=SHUTDOWN_SECONDS
        )

    async def start(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> int:
        """Listen; return the port.

        Raises:
            OSError: the address cannot be listened on.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, ssl_context=tls)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Finish what is being answered, then close."""
        await self._runner.cleanup()


class _Connection(web.RequestHandler):
    """One connection; what is no request is refused like all else, and not quoted."""

    __slots__ = ()

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to what cannot be understood."""
        del message
        response = super().handle_error(request, status, exc, "this is no request")
        put_headers(response)
        return response


class _Server(web.Server):
    """Makes such connections."""

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Runner(web.AppRunner):
    """Runs such a server."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server
        return server


async def _static(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    suffix = name.rpartition(".")[2]
    if name not in _STATIC_NAMES or request.path != static_address(name):
        raise web.HTTPNotFound
    content = (STATIC / name).read_bytes()
    response = web.Response(body=content, content_type=STATIC_TYPES[suffix])
    response.enable_compression()
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


__all__ = ["ROUTES", "PageServer"]
