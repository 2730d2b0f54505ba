"""Payloads: what a step says, read leniently where nothing rests on it, strictly where it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.attachment import encrypted_size
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import Side, Step
from protocol.exchange.patterns import ERASING, TRANSITIONS
from protocol.ids import BlobId, LegId, MessageId, NodeId
from protocol.messages import (
    attachment_refs,
    encode_message,
    labels_of,
    parse_message,
    step_of,
)
from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.message_pb2 import (
    Answer,
    AttachmentKey,
    Claim,
    Message,
    Note,
    Referral,
)
from protocol.values import AttachmentRef, Header
from protocol.vocabulary import CodeLabel
from tests.support.wire_bytes import bytes_field, number_field

LEG = LegId(bytes(range(16)))
KEY = AttachmentKey(blob_id=bytes([1]) * 32, key=bytes([2]) * 32, size=5, digest=bytes([3]) * 32)
REF = AttachmentRef(BlobId(bytes([1]) * 32), encrypted_size(5))
OPENING_STEP = Step(Side.SENDER, 1, 0, "referral")
CONTENT = {
    field.name: getattr(message_pb2, field.message_type.name)
    for field in Message.DESCRIPTOR.oneofs_by_name["step"].fields
}
HEADER = Header(
    federation_id=bytes(32),
    sender=NodeId("be.example"),
    sender_log_key=bytes(32),
    recipient=NodeId("gr.example"),
    recipient_kem_key=bytes(32),
    message_id=MessageId(bytes(16)),
    leg_id=LEG,
    stream_seq=1,
    previous_envelope_id=b"",
    created_at_ms=1,
    expires_at_ms=2,
    directory_version=1,
    urgency=2,
    size_class=1024,
    commitment=bytes(32),
)


def referral(**changes) -> Referral:
    return Referral(**{"kind": "tracing_request", "urgency": 2, **changes})


def payload_of(content, **changes) -> bytes:
    """Serialise a message without any of the checks of `encode_message`."""
    name = next(name for name, kind in CONTENT.items() if isinstance(content, kind))
    fields = {"leg_id": LEG, "step_number": 1, name: content, **changes}
    return Message(**fields).SerializeToString()


def verdict(payload: bytes, header: Header = HEADER) -> RefusalCode | None:
    try:
        parse_message(payload, header)
    except PeerError as refusal:
        return refusal.code
    return None


# Round trip


@pytest.mark.parametrize("name", CONTENT)
def test_each_step_comes_back_as_it_went(name: str) -> None:
    content = referral() if name == "referral" else CONTENT[name]()
    step = Step(Side.RECIPIENT, 4, 3, name)
    message = parse_message(encode_message(LEG, step, content), HEADER)
    assert message.WhichOneof("step") == name
    assert step_of(message, Side.RECIPIENT) == step


def test_every_step_of_the_table_has_a_message() -> None:
    rows = {row for table in TRANSITIONS.values() for _, row in table}
    assert {row.partition(" ")[0] for row in rows} | {"referral"} | ERASING == set(CONTENT)


def test_an_answer_names_its_question() -> None:
    payload = encode_message(LEG, Step(Side.SENDER, 2, 3, "answer", 3), Answer(question=3))
    assert step_of(parse_message(payload, HEADER), Side.SENDER).question == 3


def test_a_withdrawal_names_its_reason_and_a_decline_is_none() -> None:
    step = Step(Side.SENDER, 2, 0, "withdraw", reason="in_error")
    payload = encode_message(LEG, step, message_pb2.Withdraw(reason="in_error"))
    assert step_of(parse_message(payload, HEADER), Side.SENDER) == step
    payload = payload_of(message_pb2.Decline(reason="in_error"))
    assert step_of(parse_message(payload, HEADER), Side.RECIPIENT).reason == ""


def test_a_file_that_is_handed_over_announces_its_attachments_as_a_referral_does() -> None:
    content = message_pb2.HandOver(attachment_keys=[KEY])
    header = replace(HEADER, attachments=(REF,))
    step = Step(Side.SENDER, 2, 2, "hand_over")
    message = parse_message(encode_message(LEG, step, content), header)
    assert attachment_refs(message) == (REF,)
    assert verdict(payload_of(content)) is RefusalCode.PAYLOAD_INVALID
    short = AttachmentKey(blob_id=REF.id, key=bytes(31), size=5, digest=bytes(32))
    bad = payload_of(message_pb2.HandOver(attachment_keys=[short]))
    assert verdict(bad, header) is RefusalCode.PAYLOAD_INVALID


def test_attachments_are_announced_in_order_with_their_encrypted_sizes() -> None:
    other = AttachmentKey(blob_id=bytes([9]) * 32, key=bytes(32), size=70_000, digest=bytes(32))
    content = referral(attachment_keys=[KEY, other])
    refs = (REF, AttachmentRef(BlobId(other.blob_id), 70_000 + 2 * 16))
    header = replace(HEADER, attachments=refs)
    message = parse_message(encode_message(LEG, OPENING_STEP, content), header)
    assert attachment_refs(message) == refs


def test_what_a_newer_peer_adds_is_ignored() -> None:
    newer = payload_of(Note()) + bytes_field(900, b"new") + number_field(901, 1)
    assert parse_message(newer, HEADER).HasField("note")


def test_a_code_that_this_version_does_not_know_is_kept() -> None:
    message = parse_message(payload_of(referral(kind="of_the_future")), HEADER)
    assert message.referral.kind == "of_the_future"


# What is not taken

KEYS = {"attachment_keys": [KEY]}
BAD_PAYLOADS = {
    "nothing": b"",
    "no message": b"\xff",
    "cut": payload_of(referral())[:-1],
    "a text that is not UTF-8": bytes_field(1, LEG)
    + number_field(2, 1)
    + bytes_field(11, bytes_field(1, b"\xff")),
    "another leg": payload_of(Note(), leg_id=bytes(16)),
    "no leg": payload_of(Note(), leg_id=b""),
    "no step": Message(leg_id=LEG, step_number=1).SerializeToString(),
    "a step of the future alone": Message(leg_id=LEG, step_number=1).SerializeToString()
    + bytes_field(99, b""),
    "step number 0": payload_of(Note(), step_number=0),
    "step number 1001": payload_of(Note(), step_number=limits.STEPS_PER_SIDE + 1),
    "1001 steps seen": payload_of(Note(), peer_steps_seen=limits.STEPS_PER_SIDE + 1),
    "another urgency than the header's": payload_of(referral(urgency=1)),
    "no kind": payload_of(referral(kind="")),
    "15 bytes of a leg to reopen": payload_of(referral(reopens_leg_id=bytes(15))),
    "a time to reply by that no database holds": payload_of(referral(reply_by_ms=2**63)),
    "a time to expire that no database holds": payload_of(referral(expires_at_ms=2**64 - 1)),
    "attachments that the header does not announce": payload_of(referral(**KEYS)),
    "a text of 20 001 characters": payload_of(Claim(contact_name="x" * 20_001)),
    "a long text deep inside": payload_of(referral(ask={"text": "x" * 20_001})),
    "a long text in a list": payload_of(
        message_pb2.Outcome(whereabouts_may_be_told_to=["police", "x" * 20_001])
    ),
}


@pytest.mark.parametrize("payload", BAD_PAYLOADS.values(), ids=BAD_PAYLOADS)
def test_a_payload_that_does_not_hold_is_refused(payload: bytes) -> None:
    assert verdict(payload) is RefusalCode.PAYLOAD_INVALID


@pytest.mark.parametrize(
    ("keys", "refs"),
    [
        ([], (REF,)),
        ([KEY], (replace(REF, size=REF.size + 1),)),
        ([KEY], (replace(REF, id=BlobId(bytes(32))),)),
        ([KEY, AttachmentKey(blob_id=bytes(32), key=bytes(32), digest=bytes(32))], (REF,)),
        ([AttachmentKey(blob_id=REF.id, key=bytes(31), size=5, digest=bytes(32))], (REF,)),
        ([AttachmentKey(blob_id=REF.id, key=bytes(32), size=5, digest=bytes(31))], (REF,)),
        ([AttachmentKey(blob_id=REF.id, size=2**64 - 1)], (REF,)),
    ],
    ids=[
        "announced without a key",
        "another size",
        "another blob",
        "a key too many",
        "a short key",
        "a short digest",
        "a size beyond any attachment",
    ],
)
def test_attachment_keys_that_do_not_fit_the_header_are_refused(keys, refs) -> None:
    header = replace(HEADER, attachments=refs)
    payload = payload_of(referral(attachment_keys=keys))
    assert verdict(payload, header) is RefusalCode.PAYLOAD_INVALID


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_refusal(payload: bytes) -> None:
    assert verdict(payload) in (None, RefusalCode.PAYLOAD_INVALID)


@given(st.data())
def test_any_changed_byte_is_a_message_or_a_refusal(data) -> None:
    content = referral(ask={"text": "?"}, reply_by_ms=5, attachment_keys=[KEY])
    payload = bytearray(payload_of(content))
    payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    header = replace(HEADER, attachments=(REF,))
    assert verdict(bytes(payload), header) in (None, RefusalCode.PAYLOAD_INVALID)


# Mistakes of our own


def test_content_of_another_step_is_not_encoded() -> None:
    with pytest.raises(ValueError):
        encode_message(LEG, Step(Side.RECIPIENT, 1, 1, "accept"), Claim())


def test_a_text_that_is_too_long_is_not_encoded() -> None:
    step = Step(Side.RECIPIENT, 1, 1, "claim")
    encode_message(LEG, step, Claim(contact_name="x" * limits.TEXT_CHARACTERS))
    with pytest.raises(ValueError):
        encode_message(LEG, step, Claim(contact_name="x" * (limits.TEXT_CHARACTERS + 1)))


def test_labels_go_beside_the_step_and_come_back_as_words_for_unknown_codes() -> None:
    labels = [
        CodeLabel(vocabulary="outcome", code="moved_on", language="en", label="Moved on"),
        CodeLabel(vocabulary="outcome", code="located_safe", language="en", label="A lie"),
    ]
    content = message_pb2.Disposition(code="moved_on")
    payload = encode_message(LEG, Step(Side.RECIPIENT, 1, 1, "disposition"), content, labels)
    message = parse_message(payload, HEADER)
    assert message.disposition == content
    assert labels_of(message) == {("outcome", "moved_on"): {"en": "Moved on"}}
    message.ClearField("labels")
    assert labels_of(message) == {}
