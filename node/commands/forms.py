"""Commands on the forms in which others have cases: PFIF, Hague request, Yellow Notice."""

from __future__ import annotations

from node.app import Core
from node.cases.exporting import export_pfif
from node.commands.arguments import Answer, Arguments, encoded
from node.commands.cases import refuse_duplicate
from node.errors import ArgumentError
from node.forms import yellow
from node.forms.hague import hague_request
from node.forms.pfif_in import Imported, case_of_record, is_expired
from node.forms.pfif_xml import parse_pfif
from node.forms.yellow import particulars, readiness
from protocol.disclosure import Problem, check_own_case


async def export_case(core: Core, arguments: Arguments) -> Answer:
    """Return a case as PFIF: the minimal part of it, or `field`; `reason` is kept."""
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    exported = await export_pfif(
        core.context,
        view,
        arguments.texts("field"),
        reason=arguments.text("reason", ""),
        made_by=arguments.text("made_by"),
    )
    return {
        "case_id": view.row.case_id,
        "pfif": encoded(exported.data),
        "left_out": list(exported.left_out),
        "expires_at_ms": exported.expires_at_ms,
        "log_position": exported.log_position,
    }


async def import_cases(core: Core, arguments: Arguments) -> Answer:
    """Keep a new case for each person in `pfif`, all of them or none.

    One that may be here already holds up all, unless `not_a_duplicate` says otherwise.
    Records that have expired are left out, and told.
    """
    document = parse_pfif(arguments.blob("pfif"))
    now_ms = core.context.clock.now_ms()
    taken = [
        case_of_record(record)
        for record in document.records
        if not is_expired(record, now_ms=now_ms)
    ]
    _check_records(taken, now_ms)
    if not arguments.flag("not_a_duplicate"):
        for each in taken:
            refuse_duplicate(await core.finding.possible_duplicates(each.case))
    return {
        "cases": [await _add(core, each, arguments) for each in taken],
        "expired_count": len(document.records) - len(taken),
        "unknown": list(document.unknown),
    }


def _check_records(taken: list[Imported], now_ms: int) -> None:
    """Refuse all before any is kept."""
    if len({each.record_id for each in taken}) != len(taken):
        raise ArgumentError("bad_pfif", "a person stands twice in the file")
    problems: list[Problem] = [
        problem for each in taken for problem in check_own_case(each.case, now_ms=now_ms)
    ]
    if problems:
        sentence = f"{problems[0].path}: {problems[0].rule}"
        raise ArgumentError("bad_pfif", sentence, f"{len(problems)} in all")


async def _add(core: Core, imported: Imported, arguments: Arguments) -> Answer:
    case_id = await core.cases.add(
        imported.case,
        [],
        made_by=arguments.text("made_by"),
        reason=arguments.text("reason", "") or "imported from PFIF",
    )
    return {
        "case_id": case_id,
        "record_id": imported.record_id,
        "not_taken": list(imported.not_taken),
    }


async def show_hague(core: Core, arguments: Arguments) -> Answer:
    """Return a case as a request for return, coded values in `language`."""
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    sections = hague_request(view.case, arguments.language("language", "en"))
    return {
        "case_id": view.row.case_id,
        "version": view.row.version,
        "sections": [
            {
                "number": section.number,
                "title": section.title,
                "blocks": [
                    {
                        "title": block.title,
                        "kind": block.kind,
                        "element_id": block.element_id,
                        "name": block.name,
                        "rows": [
                            {"path": path, "text": text, "language": language}
                            for path, text, language in block.rows
                        ],
                    }
                    for block in section.blocks
                ],
                "missing": [
                    {"code": each.code, "child_id": each.child_id, "words": each.words}
                    for each in section.missing
                ],
            }
            for section in sections
        ],
    }


async def show_yellow(core: Core, arguments: Arguments) -> Answer:
    """Return how ready a case is for a Yellow Notice, for each child, and what is known."""
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    language = arguments.language("language", "en")
    return {
        "case_id": view.row.case_id,
        "needed_count": len(yellow.WORDS),
        "children": [
            {
                "child_id": each.child_id,
                "there": list(each.there),
                "missing": [_needed(key) for key in each.missing],
                "rows": [
                    {"path": path, "text": text, "language": of}
                    for path, text, of in particulars(view.case, child, language)
                ],
            }
            for child, each in zip(view.case.children, readiness(view.case), strict=True)
        ],
    }


def _needed(key: str) -> Answer:
    words, hint = yellow.WORDS[key]
    return {"code": key, "words": words, "hint": hint}
