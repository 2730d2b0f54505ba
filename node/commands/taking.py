"""Commands on what a peer told: take it into an own case, or say that it was left."""

from __future__ import annotations

from node.app import Core
from node.cases.taking import Plan, Told, told_by
from node.commands.arguments import Answer, Arguments
from node.commands.cases import refuse_duplicate, row_answer
from node.errors import ArgumentError, NodeError
from node.exchange.legs import LegView
from node.exchange.received import opened_file, received_files
from node.store.attachments import AttachmentRow
from protocol.disclosure import preview
from protocol.disclosure.merging import Conflict
from protocol.disclosure.preview import value_words
from protocol.messages import labels_of
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from protocol.vocabulary import SenderLabels

PHOTO_BYTES = 32 * 1024 * 1024


async def preview_taking(core: Core, arguments: Arguments) -> Answer:
    """Return what would come into the case, and what stands against it; change nothing.

    `ids` has which element of theirs is which of ours, of all that they told.
    """
    plan, files = await _plan(core, arguments)
    labels = labels_of(plan.told.message)
    language = arguments.language("language", "en")
    return {
        "leg": plan.told.view.row.leg_id.hex(),
        "case_id": plan.base.row.case_id if plan.base else "",
        "case_version": plan.base.row.version if plan.base else 0,
        "step": plan.told.number,
        "rows": [row_answer(row) for row in preview(plan.merged.taken, language, labels)],
        "files": [row.file_id for row in files],
        "conflicts": [_conflict(each, language, labels) for each in plan.merged.conflicts],
        "ids": dict(plan.merged.ids),
    }


async def take(core: Core, arguments: Arguments) -> Answer:
    """Take fields of a step of the peer into a case; `case_version` is that of the preview.

    `case_id` is the case, or `is_new`; else it is the leg's. `replace` are fields whose
    values here give way to theirs, `keep` those whose values stay; either may be the place
    of one conflict.
    """
    plan, files = await _plan(core, arguments)
    version = plan.base.row.version if plan.base else 0
    if arguments.number("case_version", version) != version:
        raise NodeError("case_changed", "the case was changed since the preview", "look again")
    if plan.base is None and not arguments.flag("not_a_duplicate"):
        refuse_duplicate(await core.finding.possible_duplicates(plan.merged.case))
    case_id = await core.taking.take(
        plan,
        [await _content(core, row) for row in files],
        made_by=arguments.text("made_by"),
        reason=arguments.text("reason", ""),
    )
    return {"case_id": case_id, "step": plan.told.number, "fields": list(plan.told.paths)}


async def leave(core: Core, arguments: Arguments) -> Answer:
    """Tell the peer that values of its note were left, and why: a note of its own."""
    view = await core.legs.view(await core.legs.find(arguments.text("leg")))
    told = told_by(view, arguments.number("step"), arguments.texts("field"))
    if not told.message.HasField("note"):
        raise ArgumentError("argument_invalid", "only what a note proposes is left")
    language = arguments.language("language", "en")
    note = message_pb2.Note(
        text=case_pb2.Text(text=arguments.text("text"), language=language),
        replies_to=told.number,
    )
    note.left.paths.extend(told.paths)
    await core.legs.step(view.row.leg_id, note, made_by=arguments.text("made_by"))
    core.delivery.wake(view.row.peer)
    return {"leg": view.row.leg_id.hex(), "peer": view.row.peer, "fields": list(told.paths)}


async def _plan(core: Core, arguments: Arguments) -> tuple[Plan, list[AttachmentRow]]:
    view = await core.legs.view(await core.legs.find(arguments.text("leg")))
    file_ids = arguments.texts("file_ids")
    fields = arguments.texts("field")
    if not fields and not file_ids and not arguments.flag("is_all"):
        raise ArgumentError("argument_missing", "--field says what is taken; --all: everything")
    told = told_by(view, arguments.number("step", 0), fields)
    if file_ids and not fields and not arguments.flag("is_all"):
        told = _without_fields(told)
    case_id = None
    if not arguments.flag("is_new"):
        named = arguments.text("case_id", "") or view.row.case_id
        if not named:
            raise ArgumentError("argument_missing", "--case says into which case; --new: a new one")
        case_id = await core.cases.find(named)
    plan = await core.taking.plan(
        told,
        case_id,
        replaced=arguments.texts("replace"),
        kept=arguments.texts("keep"),
        same=_same(arguments),
    )
    return plan, await _files(core, view, file_ids)


def _same(arguments: Arguments) -> dict[str, str]:
    pairs = [text.partition("=") for text in arguments.texts("same")]
    if not all(theirs and own for theirs, _, own in pairs):
        raise ArgumentError("argument_invalid", "--same is not understood", "theirs=ours: c1=c2")
    return {theirs: own for theirs, _, own in pairs}


def _without_fields(told: Told) -> Told:
    return Told(
        view=told.view, number=told.number, paths=(), part=case_pb2.Case(), message=told.message
    )


async def _files(core: Core, view: LegView, file_ids: tuple[str, ...]) -> list[AttachmentRow]:
    known = {row.file_id: row for row in await received_files(core.context, view.row.leg_id)}
    if not set(file_ids) <= set(known):
        raise ArgumentError("argument_invalid", "the referral brought no file of this id")
    rows = [known[file_id] for file_id in file_ids]
    if not all(row.is_complete for row in rows):
        raise NodeError("still_coming", "a file has not arrived yet", "try again later")
    if any(row.size > PHOTO_BYTES for row in rows):
        raise NodeError("too_large", "a file is too large to be taken into a case")
    return rows


async def _content(core: Core, row: AttachmentRow) -> bytes:
    """Return a received photo; it is drawn anew before it is kept in a case."""
    blobs = core.context.blobs

    def read() -> bytes:
        pieces = opened_file(
            blobs, row.blob_id, row.blob_size, key=row.key, size=row.size, digest=row.digest
        )
        return b"".join(pieces)

    return await core.context.disk(read)


def _conflict(conflict: Conflict, language: str, labels: SenderLabels) -> Answer:
    own, told = (
        value_words(conflict.field, value, language, labels)
        for value in (conflict.own, conflict.told)
    )
    return {"path": conflict.path, "place": conflict.place, "own": own, "told": told}
