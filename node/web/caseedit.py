"""Opening a case, and changing one: forms, part by part, every save a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from node.cases.cases import CaseView
from node.cases.editing import assign
from node.commands.arguments import encoded
from node.errors import ArgumentError, NodeError
from node.users.policy import Action
from node.web import caseform
from node.web.casedrawing import option_tags
from node.web.caseform import Block, Question, all_blocks
from node.web.casemerge import Meanwhile, on_newest
from node.web.cases import last_search
from node.web.casevalues import Tongue, options, suggestion
from node.web.forms import Form, act, kept_form, new_form_id, read_form, whole_number
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


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that a colleague has changed meanwhile, and to which something else was typed."""

    mine: str
    theirs: str


async def show_edit(visit: Visit) -> web.StreamResponse:
    """The form of one part of a case."""
    form = await kept_form(visit)
    view = await _view(visit)
    version = _version(form)
    if 0 < version < view.row.version:
        # What was typed on top of an older version must be looked at again.
        return await _meanwhile(visit, form, version)
    return await _edit_page(visit, form, view)


async def _view(visit: Visit) -> CaseView:
    return await visit.core.cases.get(await visit.core.cases.find(visit.part("case")))


async def _edit_page(
    visit: Visit, form: Form, view: CaseView, merged: Meanwhile | None = None
) -> web.Response:
    section = _section(visit)
    await visit.core.accesses.note(visit.visitor.name, "case.edit", [view.row.case_id])
    blocks = await _blocks(visit, view.case)
    _put_fault_at_field(form, blocks)
    return visit.page(
        "case_edit.html",
        status=422 if form.faults else 200,
        case_id=view.row.case_id,
        version=form.text("version") or view.row.version,
        section=section,
        sections=caseform.sections(),
        blocks=blocks,
        clashes=_clashes(form, blocks),
        merged=merged,
        **_lists(visit.language),
        form=form,
        form_id=new_form_id(visit),
    )


def _section(visit: Visit) -> str:
    section = visit.part("section")
    if section not in caseform.sections():
        raise NodeError("unknown_page", "there is no such part of a case")
    return section


def _tongue(visit: Visit) -> Tongue:
    return Tongue(catalogue(visit.language).gettext, visit.language)


async def _blocks(visit: Visit, case: case_pb2.Case, *, until: int | None = None) -> list[Block]:
    """Return the form of a case; `until` a version, as it was made from that one."""
    used_ids = await visit.core.cases.used_ids(case.federated_id, until=until)
    return caseform.section_blocks(case, _section(visit), _tongue(visit), used_ids)


def _version(form: Form) -> int:
    text = form.text("version")
    return whole_number(text)


async def edit(visit: Visit) -> web.StreamResponse:
    """Save one part of a case as the next version."""
    form, view = await read_form(visit), await _view(visit)
    version = _version(form)

    async def again(refused: Form) -> web.StreamResponse:
        newest = await _view(visit)
        if 0 < version < newest.row.version:
            return await _meanwhile(visit, refused, version)
        return await _edit_page(visit, refused, newest)

    async def do() -> str:
        if 0 < version < view.row.version:
            form.refuse("case_changed")
            return ""
        changed, gone = await _changes(visit, form, view.case)
        if form.faults:
            return ""
        if changed or gone:
            await visit.command(
                "case.change",
                case_id=view.row.case_id,
                version=version,
                set=changed,
                remove=gone,
                photos=[],
                reason=form.text("reason"),
            )
        return f"/cases/{view.row.case_id}"

    return await act(visit, form, do, again)


async def _changes(visit: Visit, form: Form, case: case_pb2.Case) -> tuple[list[str], list[str]]:
    """Return what a form changes; what is missing or cannot be read is noted in the form."""
    if not form.text("reason"):
        form.refuse("argument_missing", "reason")
    for name in form.texts("clash"):
        if form.text(f"choice {name}") not in ("mine", "theirs"):
            form.refuse("choice_missing", name)
    return caseform.changes(_without_theirs(await _blocks(visit, case), form), form)


def _without_theirs(blocks: Sequence[Block], form: Form) -> list[Block]:
    """Return the blocks without the questions in which the colleague's value stays."""
    theirs = {name for name in form.texts("clash") if form.text(f"choice {name}") == "theirs"}
    return [
        replace(
            block,
            questions=tuple(q for q in block.questions if q.inputs[0].name not in theirs),
            blocks=tuple(_without_theirs(block.blocks, form)),
        )
        for block in blocks
    ]


async def _meanwhile(visit: Visit, form: Form, version: int) -> web.StreamResponse:
    """Show the form again on top of what a colleague saved; what was typed stays."""
    newest = await _view(visit)
    earlier = await visit.core.cases.get(newest.row.case_id, version)
    merged = on_newest(await _blocks(visit, earlier.case), await _blocks(visit, newest.case), form)
    values = {**merged.values, "version": [str(newest.row.version)], "clash": merged.clashes}
    shown = Form(values, form.files)
    shown.refuse("case_changed")
    for name in merged.clashes:
        shown.refuse("choice_missing", name)
    return await _edit_page(visit, shown, newest, merged)


def _questions(blocks: list[Block]) -> dict[str, Question]:
    return {each.place: each for block in all_blocks(blocks) for each in block.questions}


def _clashes(form: Form, blocks: list[Block]) -> dict[str, Clash]:
    """Return both values of the fields that two people have changed, by the first input."""
    named = set(form.texts("clash"))
    return {
        each.inputs[0].name: Clash(
            mine=" ".join(text for one in each.inputs for text in form.texts(one.name)),
            theirs=" ".join(text for one in each.inputs for text in one.shown if text),
        )
        for each in _questions(blocks).values()
        if each.inputs[0].name in named
    }


async def show_new(visit: Visit) -> web.StreamResponse:
    """Search first: the form opens when somebody has looked for the child."""
    form = await kept_form(visit)
    if not form.values and not await last_search(visit):
        return visit.go("/cases")
    return await _new_page(visit, form)


async def _new_page(visit: Visit, form: Form) -> web.StreamResponse:
    tongue = _tongue(visit)
    parts = [(name, _first_blocks(name, tongue)) for name in _FIRST_PARTS]
    _put_fault_at_field(form, [block for _, blocks in parts for block in blocks])
    return visit.page(
        "case_new.html",
        status=422 if form.faults else 200,
        parts_of_case=parts,
        **_lists(visit.language),
        clashes={},
        form=form,
        form_id=new_form_id(visit),
    )


async def add(visit: Visit) -> web.StreamResponse:
    """Open a case; a possible duplicate is refused once, with the way to look at it."""
    form = await read_form(visit)
    for section in _FIRST_PARTS:
        caseform.changes(_first_blocks(section, _tongue(visit)), form)
    if form.faults:
        return await _new_page(visit, form)

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


def _lists(language: str) -> dict[str, object]:
    """Return what the inputs of a form ask about lists."""
    return {
        "options": lambda vocabulary: options(vocabulary, language),
        "option_tags": lambda vocabulary, chosen, has_none: option_tags(
            vocabulary, chosen, language, has_none=has_none
        ),
        "suggestion": lambda vocabulary, code: suggestion(vocabulary, code, language),
    }


def _put_fault_at_field(form: Form, blocks: list[Block]) -> None:
    """Move a fault of the dictionary's rules to the input that it is about."""
    if form.faults.get("") != "bad_case":
        return
    place, _, rule = form.sentences.get("", "").partition(" ")
    name = caseform.input_of(blocks, place.rstrip(":"))
    if name:
        del form.faults[""]
        # The sentence ends with the rule's code: "is no date (not_a_date)".
        form.refuse(
            rule.rpartition("(")[2].rstrip(")") or "bad_case", name, rule.partition(" (")[0]
        )


def _first_blocks(section: str, tongue: Tongue) -> list[Block]:
    return caseform.only_asking(caseform.new_case_block(section, tongue), _FIRST_PATHS)


def _new_case(visit: Visit, form: Form) -> case_pb2.Case:
    case, tongue = case_pb2.Case(), _tongue(visit)
    for section in _FIRST_PARTS:
        changed, _ = caseform.changes(_first_blocks(section, tongue), form)
        for change in changed:
            place, _, value = change.partition("=")
            assign(case, place, value)
    if not case.children:
        raise ArgumentError("argument_missing", "a case is of at least one child")
    return case


ROUTES = (
    Route("GET", "/new-case", Action.ADD_CASE, show_new),
    Route("POST", "/new-case", Action.ADD_CASE, add, has_files=True),
    Route("GET", "/edit/{section}/{case:.+}", Action.CHANGE_CASE, show_edit),
    Route("POST", "/edit/{section}/{case:.+}", Action.CHANGE_CASE, edit),
)
