"""What every answer carries, and which requests are not answered at all.

- A form must come from these pages: the browser says so itself (Sec-Fetch-Site), older ones
  name the origin; what says neither is no browser. Cookies are SameSite besides.
- Nor may another site take parts of these pages into its own (pictures, scripts, frames).
- The pages are asked for by the one name that they have: else another name that leads here
  could read them (DNS rebinding).
- Nothing inline runs, nothing is framed, nothing is kept in a cache, nobody else is asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Report = Callable[[str, str], None]

SAFE_METHODS = frozenset({"GET", "HEAD"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Server": "Homeward",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers name the origin of a form "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
}
# What a handler may say itself: of files, for which less is allowed; of what may be kept.
_ITS_OWN = ("Content-Security-Policy", "Cache-Control")


def guard(origin: str, report: Report) -> Middleware:
    """Return the middleware for pages that stand at `origin` ("https://desk.example").

    `report` is told of faults of ours that nobody else has caught.
    """
    host = urlsplit(origin).netloc.lower()

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.host.lower() != host:
            response: web.StreamResponse = web.Response(status=421, text="no pages here")
        elif not _is_own(request, origin):
            response = web.Response(status=403, text="this does not come from these pages")
        else:
            response = await _answered(request, handler, report)
        put_headers(response)
        if origin.startswith("https:"):
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        return response

    return guarded


def put_headers(response: web.StreamResponse) -> None:
    """Put on an answer what every answer carries."""
    for name, value in {**HEADERS, "Cache-Control": "no-store"}.items():
        if name not in _ITS_OWN or name not in response.headers:
            response.headers[name] = value


async def _answered(request: web.Request, handler: Handler, report: Report) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        response = web.Response(status=refusal.status, text=refusal.reason)
        if hdrs.ALLOW in refusal.headers:
            response.headers[hdrs.ALLOW] = refusal.headers[hdrs.ALLOW]
        return response
    except Exception as error:  # noqa: BLE001 - a fault of ours ends one answer, not the node
        report("", type(error).__name__)
        return web.Response(status=500, text="the node has a fault here")


def _is_own(request: web.Request, origin: str) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if request.method in SAFE_METHODS:
        # A link that somebody follows may stand anywhere; nothing else is asked for from there.
        is_followed = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        return is_followed or site in (None, "same-origin", "none")
    if site is not None:
        return site in ("same-origin", "none")
    return request.headers.get("Origin") == origin
