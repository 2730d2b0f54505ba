"""Opening a case, and changing one: forms, part by part, every save a version."""

from __future__ import annotations

from aiohttp import web

from node.cases.editing import assign
from node.commands.arguments import encoded
from node.errors import ArgumentError, NodeError
from node.users.policy import Action
from node.web import caseform
from node.web.caseform import Block, Gettext
from node.web.cases import last_search
from node.web.forms import Form, act, kept_form, new_form_id, read_form
from node.web.rendering import catalogue
from node.web.visit import Route, Visit
from protocol.pb.homeward.v1 import case_pb2

# What is asked when a case is opened: enough to search, and to refer.
_FIRST_PARTS = ("children", "case", "circumstances", "police")
_FIRST_PATHS = frozenset(
    {
        "category",
        "runaway_from",
        "urgency",
        "countries_from",
        "countries_to",
        "reported_missing_at",
        "reported_by",
        "children.names.type",
        "children.names.given",
        "children.names.family",
        "children.names.script",
        "children.sex",
        "children.date_of_birth",
        "children.age_years",
        "children.nationalities",
        "children.languages",
        "children.contact_points.kind",
        "children.contact_points.value",
        "children.description.height_cm",
        "children.description.hair_colours",
        "circumstances.missing_from",
        "circumstances.text",
        "circumstances.last_seen.seen",
        "circumstances.last_seen.place.country",
        "circumstances.last_seen.place.locality",
        "circumstances.last_seen.place.name",
        "police.kind",
        "police.country",
        "police.office",
        "police.references.kind",
        "police.references.number",
    }
)


async def show_edit(visit: Visit) -> web.StreamResponse:
    """The form of one part of a case."""
    return await _edit_page(visit, await kept_form(visit))


async def _edit_page(visit: Visit, form: Form) -> web.StreamResponse:
    section = _section(visit)
    view = await visit.core.cases.get(await visit.core.cases.find(visit.part("case")))
    blocks = _blocks(visit, view.case, section)
    _put_fault_at_field(form, blocks)
    return visit.page(
        "case_edit.html",
        status=422 if form.faults else 200,
        case_id=view.row.case_id,
        version=form.text("version") or view.row.version,
        section=section,
        sections=caseform.sections(),
        blocks=blocks,
        options=lambda vocabulary: caseform.options(vocabulary, visit.language),
        form=form,
        form_id=new_form_id(visit),
    )


def _section(visit: Visit) -> str:
    section = visit.part("section")
    if section not in caseform.sections():
        raise NodeError("unknown_page", "there is no such part of a case")
    return section


def _blocks(visit: Visit, case: case_pb2.Case, section: str) -> list[Block]:
    return caseform.section_blocks(case, section, catalogue(visit.language).gettext)


async def edit(visit: Visit) -> web.StreamResponse:
    """Save one part of a case as the next version."""
    form, section = await read_form(visit), _section(visit)
    view = await visit.core.cases.get(await visit.core.cases.find(visit.part("case")))
    changed, gone = caseform.changes(_blocks(visit, view.case, section), form)
    case_id = view.row.case_id

    async def do() -> str:
        if changed or gone:
            version = form.text("version")
            await visit.command(
                "case.change",
                case_id=case_id,
                version=int(version) if version.isdigit() else 0,
                set=changed,
                remove=gone,
                photos=[],
                reason=form.text("reason"),
            )
        return f"/cases/{case_id}"

    return await act(visit, form, do, lambda refused: _edit_page(visit, refused))


async def show_new(visit: Visit) -> web.StreamResponse:
    """Search first: the form opens when somebody has looked for the child."""
    form = await kept_form(visit)
    if not form.values and not await last_search(visit):
        return visit.go("/cases")
    return await _new_page(visit, form)


async def _new_page(visit: Visit, form: Form) -> web.StreamResponse:
    words = catalogue(visit.language).gettext
    parts = [(name, _first_blocks(name, words)) for name in _FIRST_PARTS]
    _put_fault_at_field(form, [block for _, blocks in parts for block in blocks])
    return visit.page(
        "case_new.html",
        status=422 if form.faults else 200,
        parts_of_case=parts,
        options=lambda vocabulary: caseform.options(vocabulary, visit.language),
        form=form,
        form_id=new_form_id(visit),
    )


async def add(visit: Visit) -> web.StreamResponse:
    """Open a case; a possible duplicate is refused once, with the way to look at it."""
    form = await read_form(visit)

    async def do() -> str:
        case = _new_case(visit, form)
        answer = await visit.command(
            "case.add",
            case=caseform.case_json(case),
            photos=[encoded(photo) for photo in form.files.get("photos", [])],
            reason=form.text("reason"),
            not_a_duplicate=bool(form.text("not_a_duplicate")),
        )
        return f"/cases/{answer['case_id']}"

    return await act(visit, form, do, lambda refused: _new_page(visit, refused))


def _put_fault_at_field(form: Form, blocks: list[Block]) -> None:
    """Move a fault of the dictionary's rules to the input that it is about."""
    if form.faults.get("") != "bad_case":
        return
    sentence = form.sentences.get("", "")
    place, _, rule = sentence.partition(" ")
    name = caseform.input_of(blocks, place.rstrip(":"))
    if name:
        del form.faults[""]
        form.refuse("bad_case", name, rule)


def _first_blocks(section: str, words: Gettext) -> list[Block]:
    return caseform.only_asking(caseform.new_case_block(section, words), _FIRST_PATHS)


def _new_case(visit: Visit, form: Form) -> case_pb2.Case:
    case, words = case_pb2.Case(), catalogue(visit.language).gettext
    for section in _FIRST_PARTS:
        changed, _ = caseform.changes(_first_blocks(section, words), form)
        for change in changed:
            place, _, value = change.partition("=")
            assign(case, place, value)
    if not case.children:
        raise ArgumentError("argument_missing", "a case is of at least one child")
    return case


ROUTES = (
    Route("GET", "/new-case", Action.ADD_CASE, show_new),
    Route("POST", "/new-case", Action.ADD_CASE, add),
    Route("GET", "/edit/{section}/{case:.+}", Action.CHANGE_CASE, show_edit),
    Route("POST", "/edit/{section}/{case:.+}", Action.CHANGE_CASE, edit),
)
