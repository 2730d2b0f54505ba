"""A leg as one thread: the steps of both sides, what they say, how they got across."""

from __future__ import annotations

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message as AnyMessage

from node.app import Core
from node.commands.arguments import Answer
from node.commands.cases import row_answer
from node.exchange.legs import LegView
from node.exchange.overview import LogEntry, Passage, passages
from node.exchange.received import received_files
from node.exchange.standing import standing_of
from node.store import messages
from node.store.messages import MessageRow
from protocol.disclosure import preview
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from protocol.values import Refusal
from protocol.vocabulary import label

# Coded fields of the steps, by the list that has their words.
_LISTS = {
    "code": "outcome",
    "found_by": "found_by",
    "condition": "condition",
    "copy": "copy",
    "kept_basis": "art6_basis",
    "authority_told": "authority_told",
    "whereabouts_may_be_told_to": "whereabouts_may_be_told_to",
    "purpose": "purpose",
    "art6_basis": "art6_basis",
    "art9_condition": "art9_condition",
    "art10_basis": "art10_basis",
    "police_informed": "police_informed",
    "transfer_basis": "transfer_basis",
    "art49_derogation": "art49_derogation",
}
_REASONS = {"decline": "decline_reason", "withdraw": "withdraw_reason"}
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
    }
)


async def thread_answer(core: Core, view: LegView, language: str) -> Answer:
    """Return the referral's content and all steps of a leg."""
    referral = referral_of(view)
    found = await passages(core.context, view.messages)
    directory = core.context.trust.directory
    member = directory.member(view.row.peer)
    return {
        "peer_name": member.legal_name if member is not None else "",
        "telephone": member.telephone if member is not None else "",
        "now_ms": core.context.clock.now_ms(),
        "own_standing": standing_of(directory, core.context.node_id).value,
        "peer_standing": standing_of(directory, view.row.peer).value,
        "legal_basis": _fields("referral", referral.legal_basis, language),
        "rows": [row_answer(row) for row in preview(referral.disclosure, language)],
        "received_files": [
            {"file_id": f.file_id, "media_type": f.media_type, "size": f.size,
             "is_complete": bool(f.is_complete)}
            for f in await received_files(core.context, view.row.leg_id)
        ],
        "steps": [
            {"entry": entry, **_step(view, row, passage, language)}
            for entry, (row, passage) in enumerate(zip(view.messages, found, strict=True), 1)
        ],
        "open_questions": list(view.open_questions),
        "figures": {figure.name: figure.count for figure in referral.figures.figures},
    }  # fmt: skip


def referral_of(view: LegView) -> message_pb2.Referral:
    """Return the step that opened the leg; an empty one if it did not count."""
    opening = next((row for row in view.messages if row.name == "referral"), None)
    return message_pb2.Message.FromString(opening.payload if opening else b"").referral


def _step(view: LegView, row: MessageRow, passage: Passage, language: str) -> Answer:
    message = message_pb2.Message.FromString(row.payload)
    content = getattr(message, row.name)
    return {
        "number": row.step_number,
        "is_ours": row.direction == messages.OUT,
        "name": row.name,
        "message_id": row.message_id.hex(),
        "created_at_ms": row.created_at_ms,
        "made_by": row.made_by,
        "fields": _fields(row.name, content, language),
        "rows": [row_answer(each) for each in preview(_disclosed(content), language)],
        "is_overtaken": (row.direction, row.step_number) in view.overtaken,
        "passage": _passage(row, passage),
    }


def _disclosed(content: AnyMessage) -> case_pb2.Case:
    """Return the part of a case that goes with a step, if any; a referral's stands above."""
    if isinstance(content, message_pb2.Answer | message_pb2.Note | message_pb2.HandOver):
        return content.disclosure
    return case_pb2.Case()


def _fields(step: str, content: AnyMessage, language: str) -> Answer:
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
            fields[field.name] = ", ".join(_words(step, field.name, v, language) for v in values)
    return fields


def _words(step: str, field: str, value: object, language: str) -> str:
    vocabulary = _REASONS.get(step) if field == "reason" else _LISTS.get(field)
    if isinstance(value, bytes):
        return value.hex()
    return label(vocabulary, str(value), language) if vocabulary else str(value)


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
