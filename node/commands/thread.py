"""A leg as one thread: the steps of both sides, what they say, how they got across."""

from __future__ import annotations

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message as AnyMessage

from node.app import Core
from node.commands.arguments import Answer
from node.commands.cases import row_answer
from node.commands.lost import lost_answer
from node.commands.proposals import proposals
from node.exchange.legs import LegView
from node.exchange.overview import LogEntry, Passage, passages
from node.exchange.received import received_files
from node.exchange.standing import standing_of
from node.store import messages
from node.store.messages import MessageRow
from protocol.disclosure import preview
from protocol.messages import labels_of
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from protocol.values import Refusal
from protocol.vocabulary import SenderLabels, label, vocabulary_of

# Shown on their own, or of no use to people.
_LEFT_OUT = frozenset(
    {
        "disclosure",
        "mask",
        "attachment_keys",
        "legal_basis",
        "ask",
        "kind",
        "urgency",
        "figures",
        "reopens_leg_id",
        "about_leg_ids",
    }
)


async def thread_answer(core: Core, view: LegView, language: str) -> Answer:
    """Return the referral's content and all steps of a leg."""
    opening = _opening(view)
    referral, labels = opening.referral, labels_of(opening)
    told = await proposals(core, view)
    found = await passages(core.context, view.messages)
    again = await core.store.read(lambda db: messages.following(db, view.row.leg_id))
    directory = core.context.trust.directory
    member = directory.member(view.row.peer)
    return {
        "peer_name": member.legal_name if member is not None else "",
        "telephone": member.telephone if member is not None else "",
        "now_ms": core.context.clock.now_ms(),
        "own_standing": standing_of(directory, core.context.node_id).value,
        "peer_standing": standing_of(directory, view.row.peer).value,
        "legal_basis": _fields(referral.legal_basis, language, labels),
        "rows": [row_answer(row) for row in preview(referral.disclosure, language, labels)],
        "received_files": [
            {"file_id": f.file_id, "media_type": f.media_type, "size": f.size,
             "is_complete": bool(f.is_complete)}
            for f in await received_files(core.context, view.row.leg_id)
        ],
        "steps": [
            {
                "entry": entry,
                **_step(view, row, passage, language),
                "proposals": told.get((row.direction, row.step_number), []),
            }
            for entry, (row, passage) in enumerate(zip(view.messages, found, strict=True), 1)
        ],
        "open_questions": list(view.open_questions),
        "open_erase_requests": list(view.open_erase_requests),
        "about": [leg_id.hex() for leg_id in referral.about_leg_ids],
        "sent_again_as": [leg_id.hex() for leg_id in again],
        **await lost_answer(core, view),
        "figures": {figure.name: figure.count for figure in referral.figures.figures},
    }  # fmt: skip


def referral_of(view: LegView) -> message_pb2.Referral:
    """Return the step that opened the leg; an empty one if it did not count."""
    return _opening(view).referral


def _opening(view: LegView) -> message_pb2.Message:
    opening = next((row for row in view.messages if row.name == "referral"), None)
    return message_pb2.Message.FromString(opening.payload if opening else b"")


def _step(view: LegView, row: MessageRow, passage: Passage, language: str) -> Answer:
    message = message_pb2.Message.FromString(row.payload)
    content, labels = getattr(message, row.name), labels_of(message)
    return {
        "number": row.step_number,
        "is_ours": row.direction == messages.OUT,
        "name": row.name,
        "message_id": row.message_id.hex(),
        "created_at_ms": row.created_at_ms,
        "made_by": row.made_by,
        "fields": _fields(content, language, labels),
        "rows": [row_answer(each) for each in preview(_disclosed(content), language, labels)],
        "legal_basis": _basis(row.name, content, language, labels),
        "is_erased": not row.salt,
        "is_overtaken": (row.direction, row.step_number) in view.overtaken,
        "passage": _passage(row, passage),
    }


def _basis(step: str, content: AnyMessage, language: str, labels: SenderLabels) -> Answer:
    """Return on which ground a later step took a part of a case; a referral's stands above."""
    basis = getattr(content, "legal_basis", None)
    if step == "referral" or not isinstance(basis, message_pb2.LegalBasis):
        return {}
    return _fields(basis, language, labels)


def _disclosed(content: AnyMessage) -> case_pb2.Case:
    """Return the part of a case that goes with a step, if any; a referral's stands above."""
    if isinstance(content, message_pb2.Answer | message_pb2.Note | message_pb2.HandOver):
        return content.disclosure
    return case_pb2.Case()


def _fields(content: AnyMessage, language: str, labels: SenderLabels) -> Answer:
    """Return what a step says, by field, as people read it."""
    fields: Answer = {}
    for field, value in content.ListFields():
        if field.name in _LEFT_OUT:
            continue
        if isinstance(value, case_pb2.Text):
            fields[field.name] = value.text
        elif isinstance(value, FieldMask):
            fields[field.name] = ", ".join(value.paths)
        elif field.name.endswith("_ms"):
            fields[field.name] = value
        else:
            values = list(value) if field.is_repeated else [value]
            vocabulary = vocabulary_of(field)
            fields[field.name] = ", ".join(
                label(vocabulary, str(each), language, labels) if vocabulary else _plain(each)
                for each in values
            )
    return fields


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _passage(row: MessageRow, passage: Passage) -> Answer:
    queued = passage.queued
    return {
        "settled": row.settled,
        "refusal": Refusal(row.code).name if row.code else None,
        "own_position": passage.own_position,
        "peer_entry": _entry(passage.peer_entry),
        "files_entry": _entry(passage.files_entry),
        "is_waiting_for_files": passage.is_waiting_for_files,
        "tries": 0 if queued is None else queued.tries + passage.queue.failures,
        "next_try_ms": max(queued.not_before_ms, passage.queue.next_try_ms) if queued else None,
    }


def _entry(entry: LogEntry | None) -> Answer | None:
    if entry is None:
        return None
    return {"origin": entry.origin, "position": entry.position, "at_ms": entry.at_ms}
