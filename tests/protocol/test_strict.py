"""The strict scan: one value, one spelling. Every other spelling is refused by name."""

from __future__ import annotations

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.wrappers_pb2 import DoubleValue
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import PeerError, RefusalCode
from protocol.pb.homeward.v1.descriptor_pb2 import Descriptor
from protocol.pb.homeward.v1.envelope_pb2 import (
    BlobState,
    Envelope,
    Header,
    LogProof,
    Receipt,
    Reply,
    Request,
    Response,
)
from protocol.strict import EXTENSION_FIELDS_FROM, scan
from tests.support.wire_bytes import (
    FIXED32,
    FIXED64,
    GROUP,
    LENGTH,
    VARINT,
    bytes_field,
    number_field,
    tag,
    varint,
)

EXTENSION = EXTENSION_FIELDS_FROM
VERSION, SENDER, ATTACHMENTS = 1, 3, 15
PING, BLOB_STATUS = 10, 11

TRUNCATED = {
    "in the middle of a tag": (Header, b"\x80"),
    "before the value": (Header, tag(VERSION, VARINT)),
    "in the middle of a varint": (Header, tag(VERSION, VARINT) + b"\x80"),
    "before the length": (Header, tag(SENDER, LENGTH)),
    "one byte before the end of a text": (Header, bytes_field(SENDER, b"be.example")[:-1]),
    "within a message, although the outer one goes on": (
        Envelope,
        bytes_field(3, tag(1, LENGTH) + varint(5) + b"1234") + b"12345678",
    ),
    "in a varint of a packed list": (Descriptor, bytes_field(10, b"\x80")),
    "in an extension's bytes": (Header, tag(EXTENSION, LENGTH) + varint(2) + b"1"),
    "in an extension of 4 bytes": (Header, tag(EXTENSION, FIXED32) + bytes(3)),
    "in an extension of 8 bytes": (Header, tag(EXTENSION, FIXED64) + bytes(7)),
}
TRAILING_BYTES = {
    "a zero byte after the last field": (Header, number_field(VERSION, 1) + b"\x00"),
    "nothing but a zero byte": (Header, b"\x00"),
    "field number 0 with a value": (Header, tag(0, LENGTH) + b"\x00"),
}
DUPLICATE_FIELD = {
    "a number twice": (Header, number_field(VERSION, 1) * 2),
    "a text twice": (Header, bytes_field(SENDER, b"be.example") * 2),
    "a message twice": (Envelope, bytes_field(3, b"") * 2),
    "a packed list in two parts": (Descriptor, bytes_field(10, b"\x01") * 2),
    "within a message": (Envelope, bytes_field(3, bytes_field(1, b"leaf") * 2)),
    "an extension twice": (Header, number_field(EXTENSION, 1) * 2),
    "the same member of a oneof twice": (Request, bytes_field(PING, b"") * 2),
    "two members of a oneof": (Request, bytes_field(PING, b"") + bytes_field(BLOB_STATUS, b"")),
    "two outcomes of a reply": (Reply, bytes_field(1, b"") + bytes_field(2, b"")),
}
UNORDERED_FIELD = {
    "3 before 1": (Header, bytes_field(SENDER, b"be.example") + number_field(VERSION, 1)),
    "an extension before the known fields": (
        Header,
        number_field(EXTENSION, 1) + number_field(VERSION, 1),
    ),
    "two extensions": (Header, number_field(EXTENSION + 1, 1) + number_field(EXTENSION, 1)),
    "within a list's message": (
        Header,
        bytes_field(ATTACHMENTS, number_field(2, 1) + bytes_field(1, b"id")),
    ),
    "a list that is interrupted": (
        LogProof,
        bytes_field(3, b"") + bytes_field(4, b"note") + bytes_field(3, b""),
    ),
}
UNKNOWN_FIELD = {
    "the number after the last known": (Header, number_field(18, 1)),
    "the number before the extensions": (Header, number_field(EXTENSION - 1, 1)),
    "a gap between known numbers": (Request, number_field(9, 1)),
    "within a message": (Envelope, bytes_field(3, number_field(9, 1))),
}
NOT_MINIMAL = {
    "a tag with a byte too many": (Header, tag(VERSION, VARINT, extra=1) + b"\x01"),
    "a number with a byte too many": (Header, number_field(VERSION, 1, extra=1)),
    "a number with nine bytes too many": (Header, number_field(VERSION, 1, extra=9)),
    "a number with ten bytes too many": (Header, number_field(VERSION, 1, extra=10)),
    "a length with a byte too many": (Header, tag(SENDER, LENGTH) + varint(1, extra=1) + b"x"),
    "a packed number with a byte too many": (Descriptor, bytes_field(10, varint(1, extra=1))),
    "an extension's number with a byte too many": (Header, number_field(EXTENSION, 1, extra=1)),
    "33 bits in a 32-bit number": (Header, number_field(VERSION, 2**32)),
    "65 bits in a 64-bit number": (Header, number_field(9, 2**64)),
    "2 as a truth value": (BlobState, number_field(2, 2)),
    "a negative enum": (Descriptor, number_field(11, 2**64 - 1)),
    "a tag of 33 bits": (Header, varint(2**32 << 3)),
    "a zero that is written out": (Header, number_field(VERSION, 0)),
    "an empty text that is written out": (Header, bytes_field(SENDER, b"")),
    "an empty packed list": (Descriptor, bytes_field(10, b"")),
}
WRONG_WIRE_TYPE = {
    "bytes for a number": (Header, bytes_field(VERSION, b"\x01")),
    "4 bytes for a number": (Header, tag(VERSION, FIXED32) + bytes(4)),
    "8 bytes for a number": (Header, tag(9, FIXED64) + bytes(8)),
    "a number for a text": (Header, number_field(SENDER, 1)),
    "a number for a message": (Envelope, number_field(3, 1)),
    "an unpacked list": (Descriptor, number_field(10, 1)),
    "a group for a message": (Envelope, tag(3, GROUP)),
    "the end of a group": (Envelope, tag(3, GROUP + 1)),
    "a group as an extension": (Header, tag(EXTENSION, GROUP)),
    "wire type 6": (Header, tag(EXTENSION, 6)),
}
BAD_SPELLINGS = [
    pytest.param(code, message, data, id=f"{code.name.lower()}: {sentence}")
    for code, table in [
        (RefusalCode.TRUNCATED, TRUNCATED),
        (RefusalCode.TRAILING_BYTES, TRAILING_BYTES),
        (RefusalCode.DUPLICATE_FIELD, DUPLICATE_FIELD),
        (RefusalCode.UNORDERED_FIELD, UNORDERED_FIELD),
        (RefusalCode.UNKNOWN_FIELD, UNKNOWN_FIELD),
        (RefusalCode.NOT_MINIMAL, NOT_MINIMAL),
        (RefusalCode.WRONG_WIRE_TYPE, WRONG_WIRE_TYPE),
    ]
    for sentence, (message, data) in table.items()
]

GOOD_SPELLINGS = {
    "nothing": (Header, b""),
    "an extension of each wire type": (
        Header,
        number_field(VERSION, 1)
        + number_field(EXTENSION, 0)
        + bytes_field(EXTENSION + 1, b"")
        + tag(EXTENSION + 2, FIXED32)
        + bytes(4)
        + tag(EXTENSION + 3, FIXED64)
        + bytes(8),
    ),
    "an extension within a message": (Envelope, bytes_field(3, number_field(EXTENSION, 1))),
    "the largest number of 64 bits": (Header, number_field(9, 2**64 - 1)),
    "an empty message that is there": (Request, bytes_field(PING, b"")),
    "a list with an empty member": (LogProof, bytes_field(3, b"") * 2),
    "a message within a oneof": (Response, bytes_field(2, bytes_field(3, bytes_field(1, b"")))),
    "a packed list": (Descriptor, bytes_field(10, varint(0) + varint(2**32 - 1))),
}


def is_accepted(data: bytes, message: type) -> bool:
    try:
        scan(data, message.DESCRIPTOR)
    except PeerError:
        return False
    return True


@pytest.mark.parametrize(("code", "message", "data"), BAD_SPELLINGS)
def test_a_bad_spelling_is_refused_by_name(code: RefusalCode, message: type, data: bytes) -> None:
    with pytest.raises(PeerError) as refusal:
        scan(data, message.DESCRIPTOR)
    assert refusal.value.code is code


@pytest.mark.parametrize(("message", "data"), GOOD_SPELLINGS.values(), ids=GOOD_SPELLINGS)
def test_what_the_rules_allow_is_accepted(message: type, data: bytes) -> None:
    assert is_accepted(data, message)
    # It is of that message at all.
    message.FromString(data)


def test_a_message_type_with_unsigned_kinds_of_fields_is_a_mistake_of_our_own() -> None:
    with pytest.raises(ValueError):
        scan(b"", DoubleValue.DESCRIPTOR)


# Any sequence of fields, most of them near the truth: the oracle is protobuf itself.

SPELLED_FIELDS = st.one_of(
    st.builds(
        number_field,
        st.integers(1, 18),
        st.sampled_from([0, 1, 2, 127, 128, 2**32 - 1, 2**32, 2**64 - 1]),
        extra=st.sampled_from([0, 0, 0, 1]),
    ),
    st.builds(bytes_field, st.integers(1, 18), st.sampled_from([b"", b"x", b"\x08\x01"])),
    st.builds(
        bytes_field,
        st.sampled_from([1, 2, 3, 15]),
        st.builds(bytes_field, st.integers(1, 3), st.sampled_from([b"", b"y"])),
    ),
    st.builds(tag, st.integers(0, 18), st.integers(0, 7), extra=st.integers(0, 1)),
    st.binary(max_size=2),
)


def rewritten(data: bytes, message: type) -> bytes | None:
    """Return what protobuf makes of the bytes: None if it cannot read them."""
    try:
        read = message.FromString(data)
    except DecodeError:
        return None
    read.DiscardUnknownFields()
    return read.SerializeToString(deterministic=True)


@given(
    st.sampled_from([Header, Envelope, LogProof, Receipt, Reply, Request, Response]),
    st.lists(SPELLED_FIELDS, max_size=6) | st.lists(SPELLED_FIELDS, max_size=6).map(sorted),
)
def test_exactly_what_protobuf_would_write_itself_is_accepted(message, fields) -> None:
    data = b"".join(fields)
    assert is_accepted(data, message) == (rewritten(data, message) == data)
