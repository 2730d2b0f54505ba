"""Commands on a node's own cases."""

from __future__ import annotations

import re

from google.protobuf import json_format

from node.app import Core
from node.cases.cases import PHOTO, CaseView, parse_case
from node.commands.arguments import Answer, Arguments, encoded
from node.commands.posters import flag_answers, today
from node.errors import NodeError
from node.finding.ranking import Hit
from node.finding.reasons import words
from node.store import code_labels
from protocol.casework.places import named_place
from protocol.disclosure import PreviewRow, preview
from protocol.pb.homeward.v1 import case_pb2

_HITS = 20
# What is told of possible duplicates; whoever wants more searches.
_DUPLICATES = 5
_PLACE = re.compile(r"(?P<field>[a-z]+)\[(?P<number>\d+)\]")


async def add_case(core: Core, arguments: Arguments) -> Answer:
    """Keep a new case: `case` (protobuf JSON), `photos`, `reason`, `made_by`.

    `photo_kind` says what the photos are, a code of the list file_kind.

    A case that may be here already is refused, unless `not_a_duplicate` says otherwise.
    """
    case = parse_case(arguments.text("case"))
    # It gets an id of its own here; under the one it came with it may be here already.
    case.federated_id = ""
    if not arguments.flag("not_a_duplicate"):
        refuse_duplicate(await core.finding.possible_duplicates(case))
    case_id = await core.cases.add(
        case,
        arguments.blobs("photos"),
        made_by=arguments.text("made_by"),
        reason=arguments.text("reason", ""),
        photo_kind=arguments.code("photo_kind", "file_kind", PHOTO),
    )
    view = await core.cases.get(case_id)
    return {"case_id": case_id, "files": [file.file_id for file in view.files]}


async def show_case(core: Core, arguments: Arguments) -> Answer:
    """Return a case, all of it, in `language`: its newest version, or `version`.

    `case` in it is JSON; with `is_encoded` the bytes of the message, which are read far faster.
    """
    case_id = await core.cases.find(arguments.text("case_id"))
    view = await core.cases.get(case_id, arguments.number("version", 0) or None)
    language = arguments.language("language", "en")
    held = await core.store.read(code_labels.held)
    is_encoded = arguments.flag("is_encoded")
    return {
        **_head(view),
        "rows": [
            {**row_answer(row), "place": named_place(view.case, row.place)}
            for row in preview(view.case, language, held)
        ],
        "flags": flag_answers(view.case, today(core), language),
        "case": encoded(view.row.body) if is_encoded else json_format.MessageToDict(view.case),
        "files": [
            {"file_id": file.file_id, "media_type": file.media_type, "size": file.size}
            for file in view.files
        ],
    }


async def list_cases(core: Core, arguments: Arguments) -> Answer:
    """Return all cases, the newest change first: about whom; `limit`: so many."""
    limit = arguments.number("limit", 0) or -1
    return {"cases": [_head(view) for view in await core.cases.list(limit)]}


async def search_cases(core: Core, arguments: Arguments) -> Answer:
    """Return the cases that fit `query`, the best first: about whom, how surely, and why."""
    hits = await core.finding.find(arguments.text("query"), arguments.number("limit", _HITS))
    return {"hits": [await _hit_answer(core, hit) for hit in hits]}


def row_answer(row: PreviewRow) -> Answer:
    """Return a preview row as it stands in answers."""
    return {"path": row.path, "place": row.place, "text": row.text, "language": row.language}


def _head(view: CaseView) -> Answer:
    return {
        "case_id": view.row.case_id,
        "version": view.row.version,
        "names": [_name(child.names[0]) for child in view.case.children if child.names],
        "local_case_number": view.case.local_case_number,
        "category": view.case.category,
        "status": view.case.status,
        "made_at_ms": view.row.made_at_ms,
        "made_by": view.row.made_by,
        "reason": view.row.reason,
    }


async def _hit_answer(core: Core, hit: Hit) -> Answer:
    view = await core.cases.get(hit.case_id)
    return {
        "case_id": hit.case_id,
        "score": round(hit.score, 3),
        "part": hit.part,
        "place": hit.place,
        "reasons": list(hit.reasons),
        "words": _words(hit),
        "shown": _shown(view.case, hit.place),
    }


def _words(hit: Hit) -> str:
    """Return why, as people read it; it holds nothing of the case."""
    return f"{words(hit.part)}: {'; '.join(words(reason) for reason in hit.reasons)}"


def _shown(case: case_pb2.Case, place: str) -> list[str]:
    """Return the recorded names of whom a hit is about, as they were written."""
    match = _PLACE.fullmatch(place)
    people = [getattr(case, match["field"])[int(match["number"])]] if match else case.children
    names = [name for person in people for name in getattr(person, "names", ())]
    offices = [person.office for person in people if isinstance(person, case_pb2.Authority)]
    return list(filter(None, [*map(_name, names), *offices]))


def _name(name: case_pb2.PersonName) -> str:
    parts = (name.given, name.patronymic, name.family, name.second_family)
    return name.full or " ".join(filter(None, parts))


def refuse_duplicate(hits: list[Hit]) -> None:
    """Refuse a new case when there may be one of the child already.

    Raises:
        NodeError: possible_duplicate, with the cases to look at.
    """
    if not hits:
        return
    # An error holds nothing of a case: where to look, and why, but no name.
    told = [f"{hit.case_id}: {_words(hit)}" for hit in hits[:_DUPLICATES]]
    raise NodeError(
        "possible_duplicate",
        "there may be a case of this child already",
        "\n".join(
            [*told, "look there first; add it with --not-a-duplicate if it is another child"]
        ),
    )
