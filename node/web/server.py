"""The pages' own server: one address, the routes of all pages, static files.

Static files are served under an address that has their hash in it, so that a browser may
keep them for good.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from itertools import chain

from aiohttp import web

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
    printing,
    referral_list,
    referrals,
    referring,
    signing_in,
    takes,
    telling,
)
from node.web.gate import gated
from node.web.guard import guard
from node.web.rendering import STATIC, static_address
from node.web.visit import Office, Route
from protocol import limits

# A form may carry some photos.
FORM_BYTES = 40 * limits.MIB
SHUTDOWN_SECONDS = 5.0
STATIC_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

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
            client_max_size=FORM_BYTES, middlewares=[guard(office.party.origin)]
        )
        for route in ROUTES:
            self._app.router.add_route(route.method, route.path, gated(route, office, report))
        self._app.router.add_get("/static/{hash}/{name}", _static)
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)

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


async def _static(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    path = STATIC / name
    suffix = name.rpartition(".")[2]
    if "/" in name or suffix not in STATIC_TYPES or not path.is_file():
        return web.Response(status=404)
    if request.path != static_address(name):
        return web.Response(status=404)
    response = web.Response(body=path.read_bytes(), content_type=STATIC_TYPES[suffix])
    response.enable_compression()
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


__all__ = ["ROUTES", "PageServer"]
