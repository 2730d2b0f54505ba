"""Commands that show a case to others than its caseworkers: flags, a file of it, a poster."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial

from node.app import Core
from node.commands.arguments import Answer, Arguments, encoded
from node.errors import NodeError
from node.exchange.received import opened_file
from node.forms.pfif_out import full_name
from node.forms.poster import BY_DEFAULT, make_poster
from protocol.attachment import BrokenAttachment
from protocol.casework.flags import Flag, flags
from protocol.disclosure.values import value_text
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2


async def show_flags(core: Core, arguments: Arguments) -> Answer:
    """Return what whoever opens a case must know first, as of today."""
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    language = arguments.language("language", "en")
    return {
        "case_id": view.row.case_id,
        "flags": flag_answers(view.case, today(core), language),
    }


def flag_answers(case: case_pb2.Case, day: date, language: str) -> list[Answer]:
    """Return the flags of a case as of a day, moments in `language`."""
    return [_flag(case, flag, language) for flag in flags(case, day)]


async def show_file(core: Core, arguments: Arguments) -> Answer:
    """Return one file of a case, decrypted: `file_id`."""
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    file_id = arguments.text("file_id")
    file = next((each for each in view.files if each.file_id == file_id), None)
    if file is None:
        raise NodeError("unknown_file", "the case has no such file")
    pieces = partial(
        opened_file,
        core.context.blobs,
        file.blob_id,
        file.blob_size,
        key=file.key,
        size=file.size,
        digest=file.digest,
    )
    try:
        content = await core.context.disk(lambda: b"".join(pieces()))
    except BrokenAttachment as error:
        raise NodeError(
            "file_damaged", "the file is damaged", "bring it back from a backup"
        ) from error
    return {
        "case_id": view.row.case_id,
        "file_id": file_id,
        "media_type": file.media_type,
        "content": encoded(content),
    }


async def show_poster(core: Core, arguments: Arguments) -> Answer:
    """Return what stands on a poster in `language`: the usual fields, or `field`."""
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    chosen = arguments.texts("field") or BY_DEFAULT
    language = arguments.language("language", "en")
    children = make_poster(view.case, language, today(core), chosen)
    member = core.context.trust.directory.member(NodeId(core.context.node_id))
    return {
        "case_id": view.row.case_id,
        "language": language,
        "organisation": "" if member is None else member.legal_name,
        "telephone": "" if member is None else member.telephone,
        "children": [
            {
                "child_id": child.child_id,
                "names": list(child.names),
                "file_id": child.file_id,
                "lines": [{"name": line.name, "text": line.text} for line in child.lines],
            }
            for child in children
        ],
    }


def today(core: Core) -> date:
    """Return the day, in UTC."""
    return datetime.fromtimestamp(core.context.clock.now_ms() / 1000, UTC).date()


def _flag(case: case_pb2.Case, flag: Flag, language: str) -> Answer:
    names = [full_name(name) for each in case.persons if each.id == flag.person_id
             for name in each.names]  # fmt: skip
    return {
        "kind": flag.kind.value,
        "weight": flag.weight.value,
        "place": flag.place,
        "vocabulary": flag.vocabulary,
        "codes": list(flag.codes),
        "by_when": "" if flag.moment is None else value_text(flag.moment, language),
        "text": "" if flag.text is None else flag.text.text,
        "text_language": "" if flag.text is None else flag.text.language,
        "person_id": flag.person_id,
        "person": next(iter(names), ""),
    }
