"""What every answer carries, and which requests are not answered at all.

- A form must come from these pages: the browser says so itself (Sec-Fetch-Site), older ones
  name the origin. Cookies are SameSite besides. As Go's http.CrossOriginProtection does it.
- The pages are asked for by the one name that they have: else another name that leads here
  could read them (DNS rebinding).
- Nothing inline runs, nothing is framed, nothing is kept in a cache, nobody else is asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

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


def guard(origin: str) -> Middleware:
    """Return the middleware for pages that stand at `origin` ("https://desk.example")."""
    host = urlsplit(origin).netloc

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.host != host:
            response: web.StreamResponse = web.Response(status=421, text="no pages here")
        elif not _is_own(request, origin):
            response = web.Response(status=403, text="this form does not come from these pages")
        else:
            try:
                response = await handler(request)
            except web.HTTPException as refusal:
                response = web.Response(status=refusal.status, text=refusal.reason)
        response.headers.update(HEADERS)
        if origin.startswith("https:"):
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def _is_own(request: web.Request, origin: str) -> bool:
    if request.method in SAFE_METHODS:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    named = request.headers.get("Origin")
    return named is None or named == origin
