"""What is put on paper of a case: dossier, poster, Hague request, sheet for a Yellow Notice.

A page to print from, and the same as PDF. Both show the same commands' answers, so the
access trail says the same of both.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from node.commands.arguments import decoded
from node.errors import NodeError
from node.forms import pdf
from node.forms.pdf import Part, Readiness
from node.forms.poster import BY_DEFAULT, OFFERED
from node.users.policy import Action
from node.web.casefile import CaseFile, open_case, referrals_of, timeline
from node.web.caseparts import parts_of
from node.web.paperwords import paper_title
from node.web.rendering import LANGUAGES, catalogue
from node.web.sheets import Sheet, drawn_sheet, hague_sheet, poster_sheet, sheet_pdf
from node.web.visit import Route, Visit

_NO_POSTER = frozenset({"publication_held", "case_over"})
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})


# --- the sheets


async def _dossier(visit: Visit) -> Sheet:
    """All of a case, for those who work on it."""
    file = await open_case(visit)
    photos, referrals = _photos(file), await referrals_of(visit, file.case_id)
    return _of_file(
        visit,
        "dossier",
        file,
        photos,
        photos=photos,
        parts_of_case=parts_of(file.answer["rows"], file.places),
        referrals=referrals,
        holding=await visit.command("case.holders", case_id=file.case_id),
        events=await timeline(visit, file.case_id, referrals),
        printed_at_ms=visit.core.context.clock.now_ms(),
        printed_by=visit.visitor.name,
    )


async def _hague(visit: Visit) -> Sheet:
    """A request for return, in the order of the model form."""
    case_id = await visit.core.cases.find(visit.part("case"))
    return hague_sheet(await visit.command("case.hague", case_id=case_id), visit.language)


async def _yellow(visit: Visit) -> Sheet:
    """What the police need for a Yellow Notice, and what of it is known."""
    file = await open_case(visit)
    answer = await visit.command("case.yellow", case_id=file.case_id)
    heads = {each.child_id: each for each in file.head.children}
    photos = tuple(each.file_id for each in heads.values() if each.file_id)
    return _of_file(visit, "yellow", file, photos, readiness=answer, heads=heads)


async def _poster(visit: Visit) -> Sheet:
    """A poster, all in one language; the address names fields, and nothing of the child."""
    asked = visit.asked("language")
    language = asked if asked in LANGUAGES else visit.language
    ticked = [name for name in visit.request.query.getall("field", []) if name in OFFERED]
    chosen = ticked or list(BY_DEFAULT)
    case_id = await visit.core.cases.find(visit.part("case"))
    query = {"language": language, "field": chosen}
    try:
        made = await visit.command("case.poster", case_id=case_id, **query)
    except NodeError as error:
        if error.code not in _NO_POSTER:
            raise
        refused = Sheet(name="poster", case_id=case_id, language=language, values={})
        return replace(refused, query=query, refused=error.code)
    office = visit.office
    sheet = poster_sheet(made, address=office.public_address, telephone=office.public_telephone)
    return replace(sheet, query=query)


def _of_file(
    visit: Visit, name: str, file: CaseFile, pictures: tuple[str, ...], /, **values: object
) -> Sheet:
    return Sheet(
        name=name,
        case_id=file.case_id,
        language=visit.language,
        values={**values, "file": file, "case_id": file.case_id, "version": file.version},
        pictures=pictures,
    )


def _photos(file: CaseFile) -> tuple[str, ...]:
    """Return the photos of a case that are here and that a browser draws."""
    here = {each["file_id"] for each in file.answer["files"] if each["media_type"] in _PICTURES}
    return tuple(each.id for each in file.case.files if each.kind == "photo" and each.id in here)


# --- in a browser, and as PDF


async def _show(visit: Visit, make: Callable[[Visit], Awaitable[Sheet]]) -> web.StreamResponse:
    """Answer with the page from which a sheet is printed."""
    sheet = await make(visit)
    is_ready = await visit.core.context.compute(pdf.readiness) is Readiness.READY
    asked = urlencode(sheet.query, doseq=True)
    address = f"/pdf/{sheet.name}/{sheet.case_id}{'?' if asked else ''}{asked}"
    return visit.page(
        "print_poster.html" if sheet.name == "poster" else "print_sheet.html",
        status=422 if sheet.refused else 200,
        title=paper_title(sheet.name, catalogue(visit.language).gettext),
        case_id=sheet.case_id,
        # A poster is in the language of who will read it, all around it in that of who prints.
        sheet=_drawn(visit, sheet),
        sheet_language=sheet.language,
        pdf_address=address if is_ready and not sheet.refused else "",
        refused=sheet.refused,
        has_public_number=bool(visit.office.public_telephone),
        chosen=sheet.query.get("field", ()),
        offered=list(OFFERED),
    )


def _drawn(visit: Visit, sheet: Sheet) -> Markup:
    if sheet.refused:
        return Markup("")
    code = base64.b64encode(sheet.code).decode()
    return drawn_sheet(
        visit.office.renderer,
        sheet,
        lambda file_id: f"/pictures/{file_id}/{sheet.case_id}",
        f"data:image/svg+xml;base64,{code}" if code else "",
    )


async def _hand_over(visit: Visit, make: Callable[[Visit], Awaitable[Sheet]]) -> web.StreamResponse:
    """Answer with a sheet as PDF."""
    sheet = await make(visit)
    if sheet.refused:
        raise NodeError(sheet.refused, "there is no poster of this case")
    pictures = {}
    for file_id in sheet.pictures:
        answer = await visit.command("case.file", case_id=sheet.case_id, file_id=file_id)
        if answer["media_type"] in _PICTURES:
            pictures[file_id] = Part(answer["media_type"], decoded("content", answer["content"]))
    make_it = partial(sheet_pdf, visit.office.renderer, sheet, pictures)
    async with visit.office.one_pdf:
        made = await visit.core.context.compute(make_it)
    response = web.Response(body=made, content_type=pdf.MEDIA_TYPE)
    # A file of this name may lie in anybody's folder: it says of whom it is only inside.
    response.headers["Content-Disposition"] = f'attachment; filename="{sheet.name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


SHEETS: Mapping[str, Callable[[Visit], Awaitable[Sheet]]] = MappingProxyType(
    {"dossier": _dossier, "poster": _poster, "hague": _hague, "yellow": _yellow}
)
"""By the name in their addresses."""

ROUTES = tuple(
    Route("GET", f"/{way}/{name}/{{case:.+}}", Action.SEE_CASE, partial(answer, make=make))
    for name, make in SHEETS.items()
    for way, answer in (("print", _show), ("pdf", _hand_over))
)
