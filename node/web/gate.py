"""Between a request and its page: who is there, and may they.

Nobody is sent to the sign-in page; a locked session to the page that unlocks it, and what
was typed into the form that came too late is kept. Who may not gets one and the same page
whether the thing exists or not: the table is asked before anything is looked up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from keys.errors import KeysError
from node.errors import NodeError
from node.users.policy import Access, Action, is_allowed
from node.users.sessions import Visitor
from node.web import posting
from node.web.drafts import keep_fields
from node.web.rendering import LANGUAGES, SOURCE_LANGUAGE
from node.web.visit import Office, Route, Visit, is_local, token_of
from protocol.errors import PolicyRefusal

Report = Callable[[str, str], None]

_ACCEPTED = 20


def gated(
    route: Route, office: Office, report: Report
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a route's handler behind the gate; `report` is told of faults of ours."""
    most_bytes = _most_bytes(route)

    async def handle(request: web.Request) -> web.StreamResponse:
        visitor = await office.sessions.visitor(token_of(request), is_doing=not route.is_background)
        visit = Visit(
            request=request,
            office=office,
            visitor=visitor,
            language=_language(request, visitor),
            most_bytes=most_bytes,
        )
        if not is_allowed(route.action, visitor.access, visitor.role):
            return await _turned_away(visit)
        try:
            return await route.handler(visit)
        except (NodeError, KeysError, PolicyRefusal) as error:
            return _refused(visit, error)
        except web.HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours ends one page, not the node
            report(route.path, type(error).__name__)
            return visit.page("fault.html", status=500)

    return handle


def _most_bytes(route: Route) -> int:
    if route.action is Action.SIGN_IN:
        return posting.STRANGER_BYTES
    return posting.FILES_BYTES if route.has_files else posting.FORM_BYTES


async def _turned_away(visit: Visit) -> web.StreamResponse:
    access = visit.visitor.access
    if access is Access.SIGNED_IN:
        return visit.page("not_allowed.html", status=403)
    here = _page_of(visit.request)
    if access is Access.LOCKED:
        if visit.request.method == "POST":
            await _keep(visit)
        return visit.go("/unlock", next=here)
    return visit.go("/sign-in", next=here)


def _page_of(request: web.Request) -> str:
    """Return the page to come back to: of a form that has no page of its own, the desk."""
    if request.method != "POST":
        return request.path_qs
    resource = request.match_info.route.resource
    is_page = resource is not None and any(route.method == "GET" for route in resource)
    return request.path if is_page else "/"


async def _keep(visit: Visit) -> None:
    """Keep what was typed; files are not kept."""
    posted = await visit.posted()
    await keep_fields(visit, visit.request.path, posted.fields)


def _refused(visit: Visit, error: NodeError | KeysError | PolicyRefusal) -> web.Response:
    code = str(getattr(error, "code", getattr(error, "rule", "")))
    status = 404 if code.startswith("unknown_") else 422
    return visit.page("refused.html", status=status, error=error, code=code)


def _language(request: web.Request, visitor: Visitor) -> str:
    wanted = [visitor.language] if visitor.language else []
    accepted = request.headers.get("Accept-Language", "").split(",")[:_ACCEPTED]
    wanted += [each.partition(";")[0].strip().partition("-")[0].lower() for each in accepted]
    return next((each for each in wanted if each in LANGUAGES), SOURCE_LANGUAGE)


def next_page(visit: Visit) -> str:
    """Return where to go on after signing in: a page of these, never another address."""
    path = visit.asked("next")
    return path if is_local(path) else "/"
