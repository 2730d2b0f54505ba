"""What stays of an erased message: nothing that a person wrote, and all that a leg needs."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.erasure import (
    ANSWERS,
    CASE,
    LEG,
    parse_record,
    record_subject,
    stays_whole,
    stub_of,
)
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import Side
from protocol.exchange.patterns import ERASING, KINDS
from protocol.messages import step_of
from protocol.pb.homeward.v1 import erasure_pb2, message_pb2
from tests.support.cases import LEAF_PATHS, filled_case
from tests.support.contents import contents_of, message_of

SECRET = "Xenia Nobody"


def payload_of(content) -> bytes:
    message = message_of(content)
    message.leg_id, message.step_number, message.peer_steps_seen = bytes(16), 3, 2
    return message.SerializeToString()


def written_into(message) -> None:
    """Write the secret into every text, code, id and list of texts of a step."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        if field.name in ("disclosure", "leg_id"):
            continue
        if field.type == field.TYPE_STRING:
            if field.is_repeated:
                getattr(message, field.name).append(SECRET)
            else:
                setattr(message, field.name, SECRET)
        elif field.type == field.TYPE_BYTES and not field.is_repeated:
            setattr(message, field.name, SECRET.encode())
        elif field.message_type is not None and field.message_type.name == "FieldMask":
            getattr(message, field.name).paths.append(SECRET)
        elif field.message_type is not None and field.is_repeated:
            written_into(getattr(message, field.name).add())
        elif field.message_type is not None:
            written_into(getattr(message, field.name))


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_of_a_leg_follows_from_stubs_as_from_messages(kind: str) -> None:
    for content in contents_of(kind).values():
        payload = payload_of(content)
        before = message_pb2.Message.FromString(payload)
        after = message_pb2.Message.FromString(stub_of(payload))
        assert step_of(after, Side.SENDER) == step_of(before, Side.SENDER)
        assert after.leg_id == before.leg_id
        assert stub_of(stub_of(payload)) == stub_of(payload)


@pytest.mark.parametrize("step", list(contents_of("alert")))
def test_nothing_that_a_person_wrote_stays_wherever_it_stands(step: str) -> None:
    content = type(contents_of("alert")[step])()
    written_into(content)
    message = message_of(content)
    message.labels.add(vocabulary="sex", code="x", language="en", label=SECRET)
    if hasattr(content, "disclosure"):
        getattr(message, step).disclosure.CopyFrom(filled_case(set(LEAF_PATHS), 2))
    payload = message.SerializeToString()
    assert SECRET.encode() in payload
    stub = stub_of(payload)
    assert SECRET.encode() not in stub
    assert not message_pb2.Message.FromString(stub).labels
    assert "disclosure" not in {
        field.name for field, _ in getattr(message_pb2.Message.FromString(stub), step).ListFields()
    }


@given(st.binary(max_size=60), st.integers(1000, 2000))
def test_what_this_version_does_not_know_does_not_stay(hidden: bytes, number: int) -> None:
    payload = payload_of(message_pb2.EraseRequest(reason="retention_over"))
    unknown = _field(number, hidden)
    within = message_pb2.EraseRequest.FromString(
        message_pb2.EraseRequest(reason="retention_over").SerializeToString() + unknown
    )
    assert stub_of(payload + unknown) == payload
    assert stub_of(payload_of(within)) == payload
    assert not stays_whole(payload + unknown)
    assert not stays_whole(payload_of(within))


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def test_who_had_what_on_which_ground_can_still_be_told() -> None:
    referral = message_pb2.Referral(
        kind="alert",
        urgency=1,
        legal_basis={"purpose": "locate_child", "art6_basis": "consent", "decided_by_count": 2},
        mask={"paths": ["children.names", "police", "no.such.field"]},
        expires_at_ms=7,
        about_leg_ids=[bytes(16), b"short"],
    )
    stub = message_pb2.Message.FromString(stub_of(payload_of(referral))).referral
    assert list(stub.mask.paths) == ["children.names", "police"]
    assert (stub.legal_basis.purpose, stub.legal_basis.art6_basis) == ("locate_child", "consent")
    assert stub.legal_basis.decided_by_count == 2
    assert (stub.expires_at_ms, list(stub.about_leg_ids)) == (7, [bytes(16)])


def test_only_steps_about_erasing_stay_whole() -> None:
    whole = {step for step, each in contents_of("alert").items() if stays_whole(payload_of(each))}
    assert whole == ERASING
    assert not stays_whole(payload_of(message_pb2.EraseRequest(reason=SECRET)))


# --- records


def test_a_record_is_of_a_leg_or_of_a_case() -> None:
    leg = erasure_pb2.ErasureRecord(what=LEG, leg_id=bytes(16), salt=bytes(32))
    case = erasure_pb2.ErasureRecord(what=CASE, case_id="be.example/1")
    answers = erasure_pb2.ErasureRecord(what=ANSWERS, leg_id=bytes(16))
    for record in (leg, case, answers):
        assert parse_record(record.SerializeToString()) == record
    for bad in (
        erasure_pb2.ErasureRecord(what=LEG, leg_id=bytes(15)),
        erasure_pb2.ErasureRecord(what=CASE),
        erasure_pb2.ErasureRecord(what="all", leg_id=bytes(16), case_id="x"),
    ):
        with pytest.raises(PeerError) as refusal:
            parse_record(bad.SerializeToString())
        assert refusal.value.code is RefusalCode.INVALID_VALUE


@given(st.binary(), st.binary())
def test_a_leaf_commits_to_one_record(one: bytes, other: bytes) -> None:
    assert (record_subject(one) == record_subject(other)) == (one == other)
    assert len(record_subject(one)) == 32


@given(st.binary(max_size=200))
def test_anything_is_a_record_or_refused(data: bytes) -> None:
    with contextlib.suppress(PeerError):
        record = parse_record(data)
        assert record.what in (LEG, ANSWERS, CASE)
