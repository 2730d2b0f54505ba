"""What stays of a message when its content is erased, and how a log commits to that.

A stub is a message that is built up from nothing: of the content only what is on the
list here, and of that only codes, numbers, times, ids and names of fields. No text of a
person, no part of a case and no key is ever in it, and nothing that this version does not
know. So the state of a leg, who had which fields on which ground, and what became of
it can still be told when nobody can say any more whom it was about.

A stub opens no commitment: it has no salt, and is not what was sent. Steps that ask for
an erasure, or answer that, hold nothing else and stay as they were.

A node records each erasure in its log: the subject of the ERASED leaf is a digest of a
record with a salt, which never leaves the node unless it shows it (SPEC.md 5.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import DecodeError
from google.protobuf.message import Message as AnyMessage

from protocol import suite
from protocol.disclosure import fields
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.patterns import ERASING
from protocol.ids import RANDOM_ID_BYTES, parse_node_id
from protocol.pb.homeward.v1 import case_pb2, erasure_pb2, message_pb2
from protocol.vocabulary import is_known, vocabulary_of

LEG, ANSWERS, MESSAGE, CASE = "leg", "answers", "message", "case"
"""What a record is about: all of a leg, of a leg what the peer said or one message, or a case."""

_LABEL: Final = "homeward/v1 erased"
_BASIS: Final = (
    "purpose", "art6_basis", "art9_condition", "art10_basis", "police_informed",
    "transfer_basis", "art49_derogation", "consent_given_by", "consent_expires_at_ms",
    "consent_purposes", "decided_by_count",
)  # fmt: skip
_KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Referral": (
            "kind", "urgency", "legal_basis", "reply_by_ms", "expires_at_ms", "mask",
            "reopens_leg_id", "notice", "about_leg_ids",
        ),
        "LegalBasis": _BASIS,
        "Accept": ("next_answer_by_ms",),
        "Decline": ("reason", "suggested_peer"),
        "Redirect": ("target",),
        "Ask": ("about",),
        "Answer": ("question", "mask", "legal_basis"),
        "Note": ("mask", "legal_basis"),
        "Outcome": ("code",),
        "Withdraw": ("reason",),
        "Acknowledge": ("copy", "kept_basis", "taken"),
        "Disposition": ("code",),
        "HandOver": ("mask", "legal_basis"),
        "EraseRequest": ("reason",),
        "Erased": ("request", "taken"),
        "EraseRefused": ("request", "reason"),
    }
)  # fmt: skip
_NODE_IDS: Final = frozenset({"suggested_peer", "target"})


def stub_of(payload: bytes) -> bytes:
    """Return what stays of a message; a stub stays as it is."""
    message = message_pb2.Message.FromString(payload)
    stub = message_pb2.Message(
        leg_id=message.leg_id,
        step_number=message.step_number,
        peer_steps_seen=message.peer_steps_seen,
    )
    step = message.WhichOneof("step")
    if step is not None:
        slot = getattr(stub, step)
        slot.SetInParent()
        _keep(getattr(message, step), slot)
    return stub.SerializeToString()


def stays_whole(payload: bytes) -> bool:
    """Whether a message is one that holds nothing but what may stay: see above."""
    message = message_pb2.Message.FromString(payload)
    return message.WhichOneof("step") in ERASING and stub_of(payload) == payload


def record_subject(record: bytes) -> bytes:
    """Return the subject of the ERASED leaf for a serialised record."""
    return suite.digest(_LABEL, record)


def parse_record(data: bytes) -> erasure_pb2.ErasureRecord:
    """Read a record of one's own.

    Raises:
        PeerError: INVALID_VALUE: it is none.
    """
    record = erasure_pb2.ErasureRecord()
    try:
        record.ParseFromString(data)
    except DecodeError as error:
        raise PeerError(RefusalCode.INVALID_VALUE, "no erasure record") from error
    is_of_leg = record.what in (LEG, ANSWERS, MESSAGE) and len(record.leg_id) == RANDOM_ID_BYTES
    is_of_case = record.what == CASE and bool(record.case_id)
    if not is_of_leg and not is_of_case:
        raise PeerError(RefusalCode.INVALID_VALUE, "an erasure record of nothing")
    return record


def _keep(content: AnyMessage, stub: AnyMessage) -> None:
    """Copy the fields on the list into a stub, each reduced to what may stay of it."""
    for field, value in content.ListFields():
        if field.name not in _KEPT.get(content.DESCRIPTOR.name, ()):
            continue
        if isinstance(value, FieldMask):
            paths = [path for path in value.paths if path in _paths()]
            getattr(stub, field.name).paths.extend(paths)
        elif isinstance(value, AnyMessage):
            _keep(value, getattr(stub, field.name))
        elif field.is_repeated:
            kept = [item for item in value if _may_stay(field, item)]
            getattr(stub, field.name).extend(kept)
        elif _may_stay(field, value):
            setattr(stub, field.name, value)


def _may_stay(field: FieldDescriptor, value: object) -> bool:
    if isinstance(value, int):
        return True
    if isinstance(value, bytes):
        return len(value) == RANDOM_ID_BYTES
    vocabulary = vocabulary_of(field)
    if vocabulary:
        # A code that nobody here knows could be anything that a peer wrote.
        return is_known(vocabulary, str(value))
    return field.name in _NODE_IDS and _is_node_id(str(value))


def _is_node_id(text: str) -> bool:
    try:
        parse_node_id(text)
    except PeerError:
        return False
    return True


@cache
def _paths() -> frozenset[str]:
    """Return every path of the dictionary: a mask may name no other."""
    return frozenset(info.path for info in fields(case_pb2.Case))
