"""Payloads: one step of a leg, and the part of a case that goes with it.

A payload is a serialised `Message`. Unlike headers it is read leniently, because
nothing is signed over its inner form: unknown fields of a newer peer are ignored,
unknown codes are kept. What the fold of a leg rests on is checked strictly. What each
step must say, by the kind of its leg, is `protocol.exchange.content`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError
from google.protobuf.message import Message as AnyMessage

from protocol import attachment, limits
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import Side, Step
from protocol.ids import DIGEST_BYTES, RANDOM_ID_BYTES, BlobId, LegId
from protocol.log import MAX_INTEGER
from protocol.pb.homeward.v1 import message_pb2
from protocol.values import AttachmentRef, Header
from protocol.vocabulary import CodeLabel, SenderLabels, sender_labels

BLOB_KEY_BYTES = 32


def encode_message(
    leg_id: LegId, step: Step, content: AnyMessage, labels: Sequence[CodeLabel] = ()
) -> bytes:
    """Serialise a step of one's own; `labels` are of codes that its reader may not know.

    Raises:
        ValueError: the content is not of the step's type, or too long.
    """
    message = message_pb2.Message(
        leg_id=leg_id, step_number=step.number, peer_steps_seen=step.peer_steps_seen
    )
    slot = getattr(message, step.name)
    if slot.DESCRIPTOR is not content.DESCRIPTOR:
        raise ValueError(f"a {content.DESCRIPTOR.name} is no {step.name}")
    slot.CopyFrom(content)
    slot.SetInParent()
    for each in labels:
        message.labels.add(
            vocabulary=each.vocabulary,
            code=each.code,
            language=each.language,
            label=each.label,
        )
    if _has_long_text(message):
        raise ValueError("a text is too long")
    return message.SerializeToString()


def parse_message(payload: bytes, header: Header) -> message_pb2.Message:
    """Read an opened payload, and check that it fits its envelope's header.

    Raises:
        PeerError: PAYLOAD_INVALID.
    """
    message = message_pb2.Message()
    try:
        message.ParseFromString(payload)
    except DecodeError as error:
        raise _invalid("no message") from error
    if message.leg_id != header.leg_id:
        raise _invalid("another leg than the header's")
    if message.WhichOneof("step") is None:
        raise _invalid("no step that this version knows")
    if not 1 <= message.step_number <= limits.STEPS_PER_SIDE:
        raise _invalid("step number")
    if message.peer_steps_seen > limits.STEPS_PER_SIDE:
        raise _invalid("peer steps seen")
    if _untrusted_refs(message) != header.attachments:
        raise _invalid("attachments differ from the header's")
    if message.HasField("referral"):
        _check_referral(message.referral, header)
    _check_keys(attachment_keys(message))
    if _has_long_text(message):
        raise _invalid("text")
    return message


def step_of(message: message_pb2.Message, side: Side) -> Step:
    """Reduce a message to what the fold needs; `side` is its author's."""
    return Step(
        side=side,
        number=message.step_number,
        peer_steps_seen=message.peer_steps_seen,
        name=str(message.WhichOneof("step")),
        question=_answered(message),
        reason=message.withdraw.reason if message.HasField("withdraw") else "",
    )


def _answered(message: message_pb2.Message) -> int:
    """Return the number of the other side's step that this one answers; 0: none."""
    number = message.answer.question or message.erased.request or message.erase_refused.request
    return int(number)


def labels_of(message: message_pb2.Message) -> SenderLabels:
    """Return what a message's author calls the codes that this node does not know."""
    return sender_labels(
        CodeLabel(
            vocabulary=each.vocabulary, code=each.code, language=each.language, label=each.label
        )
        for each in message.labels
    )


def attachment_refs(message: message_pb2.Message) -> tuple[AttachmentRef, ...]:
    """Return what the header must announce for this message's attachments."""
    return tuple(
        AttachmentRef(BlobId(key.blob_id), attachment.encrypted_size(key.size))
        for key in attachment_keys(message)
    )


def attachment_keys(message: message_pb2.Message) -> Sequence[message_pb2.AttachmentKey]:
    """Return how to open the attachments: only a referral and a handed over file have some."""
    content = message.hand_over if message.HasField("hand_over") else message.referral
    return content.attachment_keys


def _untrusted_refs(message: message_pb2.Message) -> tuple[AttachmentRef, ...]:
    try:
        return attachment_refs(message)
    except ValueError as error:
        raise _invalid("attachment size") from error


def _check_referral(referral: message_pb2.Referral, header: Header) -> None:
    if referral.urgency != header.urgency:
        raise _invalid("urgency differs from the header's")
    if not referral.kind:
        raise _invalid("no kind")
    if len(referral.reopens_leg_id) not in (0, RANDOM_ID_BYTES):
        raise _invalid("no leg to reopen")
    if max(referral.reply_by_ms, referral.expires_at_ms) > MAX_INTEGER:
        raise _invalid("a time that no database holds")


def _check_keys(keys: Sequence[message_pb2.AttachmentKey]) -> None:
    for key in keys:
        if len(key.key) != BLOB_KEY_BYTES or len(key.digest) != DIGEST_BYTES:
            raise _invalid("attachment key")


def _has_long_text(message: AnyMessage) -> bool:
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if any(map(_has_long_text, values)):
                return True
        elif field.type == FieldDescriptor.TYPE_STRING and any(
            len(item) > limits.TEXT_CHARACTERS for item in values
        ):
            return True
    return False


def _invalid(what: str) -> PeerError:
    return PeerError(RefusalCode.PAYLOAD_INVALID, what)
