"""Commands on a node's own cases."""

from __future__ import annotations

from node.app import Core
from node.cases.cases import CaseView, parse_case
from node.commands.arguments import Answer, Arguments
from protocol.disclosure import PreviewRow, preview
from protocol.vocabulary import check_codes


async def add_case(core: Core, arguments: Arguments) -> Answer:
    """Keep a new case: `case` (protobuf JSON), `photos`, `reason`, `made_by`."""
    case_id = await core.cases.add(
        parse_case(arguments.text("case")),
        arguments.blobs("photos"),
        made_by=arguments.text("made_by"),
        reason=arguments.text("reason", ""),
    )
    view = await core.cases.get(case_id)
    return {
        "case_id": case_id,
        "files": [file.file_id for file in view.files],
        "unknown_codes": [path for path, _ in check_codes(view.case)],
    }


async def show_case(core: Core, arguments: Arguments) -> Answer:
    """Return the newest version of a case, all of it, in `language`."""
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    language = arguments.language("language", "en")
    return {
        **_head(view),
        "rows": [row_answer(row) for row in preview(view.case, language)],
        "files": [
            {"file_id": file.file_id, "media_type": file.media_type, "size": file.size}
            for file in view.files
        ],
    }


async def list_cases(core: Core, arguments: Arguments) -> Answer:
    """Return all cases, without what is in them."""
    del arguments
    return {"cases": [_head(view) for view in await core.cases.list()]}


def row_answer(row: PreviewRow) -> Answer:
    """Return a preview row as it stands in answers."""
    return {"path": row.path, "place": row.place, "text": row.text, "language": row.language}


def _head(view: CaseView) -> Answer:
    return {
        "case_id": view.row.case_id,
        "version": view.row.version,
        "category": view.case.category,
        "status": view.case.status,
        "made_at_ms": view.row.made_at_ms,
        "made_by": view.row.made_by,
        "reason": view.row.reason,
    }
