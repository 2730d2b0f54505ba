"""A sheet of paper, made of what commands have answered: HTML for a browser, or a PDF.

The template is the same for both. Only by what name it calls a picture differs: an address
of the pages, or in a PDF something that is handed over with it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import segno
from babel.dates import format_date
from markupsafe import Markup

from node.commands.arguments import Answer
from node.forms.pdf import SCHEME, Part, make_pdf
from node.web.casedrawing import Drawing
from node.web.casewords import CASE_GLOBALS
from node.web.helping import help_address
from node.web.paperwords import PAPER_GLOBALS, paper_title
from node.web.rendering import STATIC, Renderer, catalogue
from node.web.words import GLOBALS
from protocol.ids import NodeId
from protocol.training import is_training

_STYLES = ("paper.css", "paper_pdf.css")
_CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Something to print, with what its template needs."""

    name: str
    case_id: str
    language: str
    values: Mapping[str, object]
    pictures: tuple[str, ...] = ()
    """Files of the case that stand on it."""
    code: bytes = b""
    """A picture of an address; empty for none."""
    query: Mapping[str, object] = field(default_factory=dict)
    """What makes the same sheet again."""
    refused: str = ""
    """Why there is no sheet; empty when there is one."""


def template_globals(node_id: str) -> dict[str, Any]:
    """Return what all templates of a node know."""
    return {
        **GLOBALS,
        **CASE_GLOBALS,
        **PAPER_GLOBALS,
        "drawn": Drawing(),
        "help_address": help_address,
        "organisation": node_id,
        "training": is_training(NodeId(node_id)),
    }


def hague_sheet(answer: Answer, language: str) -> Sheet:
    """Return a request for return, from the answer of case.hague."""
    return Sheet(
        name="hague",
        case_id=answer["case_id"],
        language=language,
        values={
            "form_of": answer, "case_id": answer["case_id"], "version": answer["version"]
        },
    )  # fmt: skip


def poster_sheet(answer: Answer, *, address: str, telephone: str) -> Sheet:
    """Return a poster, from the answer of case.poster.

    `address` and `telephone` are the hotline's for everybody; without the telephone it is
    that of the member record.
    """
    return Sheet(
        name="poster",
        case_id=answer["case_id"],
        language=answer["language"],
        values={
            "made": _with_days(answer),
            "telephone": telephone or answer["telephone"],
            "address": address,
        },
        pictures=tuple(each["file_id"] for each in answer["children"] if each["file_id"]),
        code=code_of(address) if address else b"",
    )


def _with_days(made: Answer) -> Answer:
    """Return a poster whose day is written as its readers write it."""

    def line(each: Answer) -> Answer:
        if each["name"] != "missing_since":
            return each
        day = date.fromisoformat(each["text"])
        return {**each, "text": format_date(day, "long", locale=made["language"])}

    children = [
        {**child, "lines": [line(each) for each in child["lines"]]} for child in made["children"]
    ]
    return {**made, "children": children}


def code_of(address: str) -> bytes:
    """Return an address as a picture that telephones read; nothing else is in it."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=4, xmldecl=False, svgns=True, nl=False, omitsize=True
    )
    return drawn.getvalue()


def drawn_sheet(
    renderer: Renderer, sheet: Sheet, picture: Callable[[str], str], code: str
) -> Markup:
    """Return a sheet as HTML; `picture` and `code` say by which address it names pictures."""
    text = renderer.render(
        f"sheet_{sheet.name}.html", sheet.language, **sheet.values, picture=picture, code=code
    )
    return Markup(text)  # noqa: S704  a template of ours, which has escaped what is in it


def sheet_pdf(renderer: Renderer, sheet: Sheet, pictures: Mapping[str, Part]) -> bytes:
    """Return a sheet as PDF; `pictures` are those that it names.

    Raises:
        NodeError: pdf_missing, pdf_timeout or pdf_failed.
    """
    html = renderer.render(
        "paper.html",
        sheet.language,
        title=paper_title(sheet.name, catalogue(sheet.language).gettext),
        name=sheet.name,
        case_id=sheet.case_id,
        sheet=drawn_sheet(
            renderer,
            sheet,
            lambda file_id: f"{SCHEME}{file_id}",
            f"{SCHEME}{_CODE}" if sheet.code else "",
        ),
        styles=[f"{SCHEME}{name}" for name in _STYLES],
    )
    parts = {name: Part("text/css", (STATIC / name).read_bytes()) for name in _STYLES}
    if sheet.code:
        parts[_CODE] = Part("image/svg+xml", sheet.code)
    return make_pdf(html, {**pictures, **parts})
