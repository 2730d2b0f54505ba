"""What is printed of a case: the dossier, a poster, the Hague request, Yellow Notice readiness."""

from __future__ import annotations

import io

import segno
from aiohttp import web
from markupsafe import Markup

from node.commands.arguments import Answer
from node.errors import NodeError
from node.forms.poster import BY_DEFAULT, OFFERED
from node.users.policy import Action
from node.web.casefile import open_case, referrals_of
from node.web.caseparts import parts_of
from node.web.rendering import LANGUAGES
from node.web.visit import Route, Visit

_NO_POSTER = frozenset({"publication_held", "case_over"})


async def dossier(visit: Visit) -> web.StreamResponse:
    """All of a case on paper, for those who work on it."""
    file = await open_case(visit)
    return visit.page(
        "print_dossier.html",
        file=file,
        parts_of_case=parts_of(file.answer["rows"], file.places),
        referrals=await referrals_of(visit, file.case_id),
        holding=await visit.command("case.holders", case_id=file.case_id),
        printed_at_ms=visit.core.context.clock.now_ms(),
    )


async def poster(visit: Visit) -> web.StreamResponse:
    """A poster, all in one language; the address names fields, and nothing of the child."""
    asked = visit.asked("language")
    language = asked if asked in LANGUAGES else visit.language
    ticked = [name for name in visit.request.query.getall("field", []) if name in OFFERED]
    chosen = ticked or list(BY_DEFAULT)
    case_id = await visit.core.cases.find(visit.part("case"))
    made: Answer = {}
    refused = ""
    try:
        made = await visit.command("case.poster", case_id=case_id, field=chosen, language=language)
    except NodeError as error:
        if error.code not in _NO_POSTER:
            raise
        refused = error.code
    # The sheet is in the language of who will read it, all around it in that of who prints it.
    sheet = "" if refused else visit.office.renderer.render(
        "poster_sheet.html", language, case_id=case_id, made=made,
        address=visit.office.public_address, code=_code(visit.office.public_address),
    )  # fmt: skip
    return visit.page(
        "print_poster.html",
        status=422 if refused else 200,
        case_id=case_id,
        sheet=Markup(sheet),  # noqa: S704  a template of ours, which has escaped what is in it
        sheet_language=language,
        refused=refused,
        chosen=chosen,
        offered=list(OFFERED),
    )


def _code(address: str) -> str:
    """Return the hotline's own page as a picture that telephones read; nothing else is in it."""
    if not address:
        return ""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=4, xmldecl=False, svgns=True, nl=False, omitsize=True
    )
    return drawn.getvalue().decode("ascii")


async def hague(visit: Visit) -> web.StreamResponse:
    """A request for return, in the order of the model form."""
    file = await open_case(visit)
    answer = await visit.command("case.hague", case_id=file.case_id)
    return visit.page("print_hague.html", file=file, form_of=answer)


async def yellow(visit: Visit) -> web.StreamResponse:
    """How ready the case is for the police to ask a Yellow Notice."""
    file = await open_case(visit)
    answer = await visit.command("case.yellow", case_id=file.case_id)
    return visit.page("print_yellow.html", file=file, readiness=answer)


ROUTES = (
    Route("GET", "/print/dossier/{case:.+}", Action.SEE_CASE, dossier),
    Route("GET", "/print/poster/{case:.+}", Action.SEE_CASE, poster),
    Route("GET", "/print/hague/{case:.+}", Action.SEE_CASE, hague),
    Route("GET", "/print/yellow/{case:.+}", Action.SEE_CASE, yellow),
)
