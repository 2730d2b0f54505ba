"""Bytes to values and back: what is well formed, what is refused, and that nothing is both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import limits
from protocol.encoding import (
    encode_descriptor,
    encode_envelope_batch,
    encode_header,
    encode_log_proof,
    encode_reply_batch,
    encode_request,
    encode_response,
    encode_signed_descriptor,
    encode_signed_request,
)
from protocol.errors import PeerError, RefusalCode
from protocol.ids import BlobId, LegId, MessageId, NodeId, parse_node_id
from protocol.pb.homeward.v1 import descriptor_pb2, envelope_pb2
from protocol.values import (
    AttachmentRef,
    BlobStatus,
    BlobWrite,
    Descriptor,
    Envelope,
    Epoch,
    Header,
    LogProof,
    Request,
)
from protocol.wire import (
    KEM_PUBLIC_KEY_BYTES,
    is_size_class,
    parse_descriptor,
    parse_envelope_batch,
    parse_header,
    parse_log_proof,
    parse_reply_batch,
    parse_request,
    parse_response,
    parse_signed_descriptor,
    parse_signed_request,
)
from tests.support import protocol_values as values
from tests.support.wire_bytes import bytes_field

BLOB = AttachmentRef(BlobId(bytes(32)), 16)
PROOF = LogProof(b"leaf", 0, (), b"note")

HEADER = Header(
    federation_id=bytes(32),
    sender=NodeId("be.example"),
    sender_log_key=bytes(32),
    recipient=NodeId("gr.example"),
    recipient_kem_key=bytes(32),
    message_id=MessageId(bytes(16)),
    leg_id=LegId(bytes(16)),
    stream_seq=2,
    previous_envelope_id=bytes(32),
    created_at_ms=1_000,
    expires_at_ms=2_000,
    directory_version=3,
    urgency=2,
    size_class=1024,
    commitment=bytes(32),
    attachments=(BLOB,),
)
EPOCH = Epoch(7, bytes(KEM_PUBLIC_KEY_BYTES), 0, 10)
DESCRIPTOR = Descriptor(
    federation_id=bytes(32),
    node_id=NodeId("be.example"),
    serial=1,
    created_at_ms=1_000,
    expires_at_ms=2_000,
    log_key=bytes(32),
    epochs=(EPOCH, replace(EPOCH, number=8)),
    transport_key=bytes(32),
)
REQUEST = Request(
    federation_id=bytes(32),
    sender=NodeId("be.example"),
    transport_key=bytes(32),
    target=NodeId("gr.example"),
    created_at_ms=1_000,
    nonce=bytes(16),
    directory_version=3,
)

PARSERS = [
    parse_header,
    parse_envelope_batch,
    parse_reply_batch,
    parse_log_proof,
    parse_signed_descriptor,
    parse_descriptor,
    parse_signed_request,
    parse_request,
    parse_response,
]


def refused(code: RefusalCode, parse: Callable[[bytes], object], data: bytes) -> None:
    with pytest.raises(PeerError) as refusal:
        parse(data)
    assert refusal.value.code is code


# Round trips


@given(values.headers())
def test_a_header_comes_back_as_it_went(header: Header) -> None:
    assert parse_header(encode_header(header)) == header


@given(values.descriptors())
def test_a_descriptor_comes_back_as_it_went(descriptor: Descriptor) -> None:
    assert parse_descriptor(encode_descriptor(descriptor)) == descriptor


@given(values.REQUESTS)
def test_a_request_comes_back_as_it_went(request: Request) -> None:
    assert parse_request(encode_request(request)) == request


@given(st.binary(max_size=200), st.binary(min_size=64, max_size=64))
def test_a_signed_request_comes_back_as_it_went(request: bytes, signature: bytes) -> None:
    assert parse_signed_request(encode_signed_request(request, signature)) == (request, signature)


@given(values.RESPONSES)
def test_a_response_comes_back_as_it_went(response) -> None:
    assert parse_response(encode_response(response)) == response


@given(st.lists(values.REPLIES, max_size=4))
def test_replies_come_back_in_order(replies) -> None:
    assert parse_reply_batch(encode_reply_batch(replies)) == tuple(replies)


@given(st.lists(values.ENVELOPES, min_size=1, max_size=4))
def test_envelopes_come_back_in_order(envelopes) -> None:
    assert parse_envelope_batch(encode_envelope_batch(envelopes)) == tuple(envelopes)


@given(values.LOG_PROOFS, st.binary(max_size=100))
def test_a_proof_comes_back_alone_and_beside_a_descriptor(proof, descriptor) -> None:
    assert parse_log_proof(encode_log_proof(proof)) == proof
    signed = encode_signed_descriptor(descriptor, proof)
    assert parse_signed_descriptor(signed) == (descriptor, proof)


# One value, one spelling


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """Change, drop, double or insert one byte."""
    at = draw(st.integers(0, len(data) - 1))
    byte = bytes([draw(st.integers(0, 255))])
    tail = draw(st.sampled_from([data[at + 1 :], data[at:]]))
    return data[:at] + draw(st.sampled_from([byte, b""])) + tail


@pytest.mark.parametrize(
    ("values_of", "encode", "parse"),
    [
        (values.headers(), encode_header, parse_header),
        (values.descriptors(), encode_descriptor, parse_descriptor),
        (values.REQUESTS, encode_request, parse_request),
    ],
    ids=["header", "descriptor", "request"],
)
@settings(max_examples=200)
@given(st.data())
def test_one_changed_byte_is_refused_or_makes_another_value(values_of, encode, parse, data) -> None:
    original = data.draw(values_of)
    changed = data.draw(mutated(encode(original)))
    try:
        read = parse(changed)
    except PeerError:
        return
    assert encode(read) == changed
    assert (read == original) == (changed == encode(original))


@given(st.sampled_from(PARSERS), st.binary(max_size=300))
def test_whatever_comes_in_is_a_value_or_a_refusal(parse, data: bytes) -> None:
    try:
        value = parse(data)
    except PeerError as refusal:
        value = refusal.code
    assert value is not None


@pytest.mark.parametrize(
    ("parse", "limit"),
    [
        (parse_header, limits.HEADER_BYTES),
        (parse_envelope_batch, limits.BATCH_BYTES),
        (parse_reply_batch, limits.REPLY_BYTES),
        (parse_log_proof, limits.LOG_PROOF_BYTES),
        (parse_signed_descriptor, limits.DESCRIPTOR_BYTES),
        (parse_descriptor, limits.DESCRIPTOR_BYTES),
        (parse_signed_request, limits.REQUEST_BYTES),
        (parse_request, limits.REQUEST_BYTES),
        (parse_response, limits.LOG_PROOF_BYTES),
    ],
)
def test_a_byte_beyond_the_limit_is_refused_unread(parse, limit: int) -> None:
    refused(RefusalCode.TOO_LARGE, parse, bytes(limit + 1))
    # At the limit the reader gets as far as the (bad) content.
    refused(RefusalCode.TRAILING_BYTES, parse, bytes(limit))


def test_a_header_of_exactly_the_limit_is_read() -> None:
    raw = encode_header(HEADER)
    room = limits.HEADER_BYTES - len(raw) - len(bytes_field(1000, bytes(4096))) + 4096
    assert parse_header(raw + bytes_field(1000, bytes(room))) == HEADER
    refused(RefusalCode.TOO_LARGE, parse_header, raw + bytes_field(1000, bytes(room + 1)))


# What well-spelled bytes may not say

BAD_HEADERS = {
    "no federation": {"federation_id": b""},
    "31 bytes of federation": {"federation_id": bytes(31)},
    "33 bytes of federation": {"federation_id": bytes(33)},
    "no sender": {"sender": ""},
    "a sender in capitals": {"sender": "BE.example"},
    "a sender with a line break": {"sender": "be.example\n"},
    "a recipient without country": {"recipient": "example"},
    "31 bytes of log key": {"sender_log_key": bytes(31)},
    "33 bytes of encryption key": {"recipient_kem_key": bytes(33)},
    "15 bytes of message id": {"message_id": bytes(15)},
    "17 bytes of leg": {"leg_id": bytes(17)},
    "stream number 0": {"stream_seq": 0},
    "a previous envelope before the first": {"stream_seq": 1},
    "no previous envelope after the first": {"previous_envelope_id": b""},
    "31 bytes of previous envelope": {"previous_envelope_id": bytes(31)},
    "made in 1970": {"created_at_ms": 0},
    "expired when it was made": {"expires_at_ms": 1_000},
    "urgency 0": {"urgency": 0},
    "urgency 5": {"urgency": 5},
    "no size class": {"size_class": 0},
    "a size between classes": {"size_class": 1025},
    "a size beyond the classes": {
        "size_class": limits.PLAINTEXT_BYTES + limits.SIZE_CLASS_STEP_BYTES
    },
    "31 bytes of commitment": {"commitment": bytes(31)},
    "31 bytes of attachment": {"attachments": (AttachmentRef(BlobId(bytes(31)), 16),)},
    "an empty attachment": {"attachments": (replace(BLOB, size=0),)},
    "an attachment beyond the limit": {
        "attachments": (replace(BLOB, size=limits.ATTACHMENT_BYTES + 1),)
    },
    "an attachment twice": {"attachments": (BLOB, BLOB)},
    "an attachment twice with two sizes": {"attachments": (BLOB, replace(BLOB, size=17))},
    "33 attachments": {
        "attachments": tuple(
            AttachmentRef(BlobId(bytes([n] * 32)), 16)
            for n in range(limits.ATTACHMENTS_PER_ENVELOPE + 1)
        )
    },
}
BAD_DESCRIPTORS = {
    "31 bytes of federation": {"federation_id": bytes(31)},
    "a node that cannot be": {"node_id": "be"},
    "serial 0": {"serial": 0},
    "a serial that no database holds": {"serial": 2**63},
    "31 bytes of log key": {"log_key": bytes(31)},
    "31 bytes of transport key": {"transport_key": bytes(31)},
    "no lifetime": {"expires_at_ms": 1_000},
    "a day longer than 30 days": {"expires_at_ms": 1_001 + limits.DESCRIPTOR_LIFETIME_MS},
    "no epoch": {"epochs": ()},
    "17 epochs": {"epochs": tuple(replace(EPOCH, number=n) for n in range(17))},
    "an epoch twice": {"epochs": (EPOCH, EPOCH)},
    "epochs out of order": {"epochs": (EPOCH, replace(EPOCH, number=6))},
    "a short encryption key": {"epochs": (replace(EPOCH, kem_public_key=bytes(1215)),)},
    "an epoch that ends when it starts": {"epochs": (replace(EPOCH, ends_at_ms=0),)},
}
BAD_REQUESTS = {
    "31 bytes of federation": {"federation_id": bytes(31)},
    "a sender that cannot be": {"sender": "be."},
    "a target that cannot be": {"target": "be.-"},
    "31 bytes of transport key": {"transport_key": bytes(31)},
    "15 bytes of nonce": {"nonce": bytes(15)},
    "31 bytes of blob": {"call": BlobStatus(BlobId(bytes(31)), bytes(32))},
    "31 bytes of envelope": {"call": BlobStatus(BlobId(bytes(32)), bytes(31))},
    "31 bytes of blob to write": {"call": BlobWrite(BlobId(bytes(31)), bytes(32), 0)},
    "31 bytes of envelope to write": {"call": BlobWrite(BlobId(bytes(32)), bytes(31), 0)},
}


@pytest.mark.parametrize("changes", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_header_with_an_invalid_value_is_refused(changes) -> None:
    refused(RefusalCode.INVALID_VALUE, parse_header, encode_header(replace(HEADER, **changes)))


@pytest.mark.parametrize("changes", BAD_DESCRIPTORS.values(), ids=BAD_DESCRIPTORS)
def test_a_descriptor_with_an_invalid_value_is_refused(changes) -> None:
    changed = encode_descriptor(replace(DESCRIPTOR, **changes))
    refused(RefusalCode.INVALID_VALUE, parse_descriptor, changed)


@pytest.mark.parametrize("changes", BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_request_with_an_invalid_value_is_refused(changes) -> None:
    changed = encode_request(replace(REQUEST, **changes))
    refused(RefusalCode.INVALID_VALUE, parse_request, changed)


@pytest.mark.parametrize(
    ("message", "parse", "data"),
    [
        (envelope_pb2.Header, parse_header, encode_header(HEADER)),
        (descriptor_pb2.Descriptor, parse_descriptor, encode_descriptor(DESCRIPTOR)),
        (envelope_pb2.Request, parse_request, encode_request(REQUEST)),
    ],
    ids=["header", "descriptor", "request"],
)
@pytest.mark.parametrize("version", [0, 2, 2**32 - 1])
def test_another_protocol_version_is_refused(version, message, parse, data) -> None:
    changed = message.FromString(data)
    changed.version = version
    refused(RefusalCode.UNSUPPORTED_VERSION, parse, changed.SerializeToString())


@pytest.mark.parametrize("reachability", [0, 3])
def test_a_reachability_that_nobody_knows_is_refused(reachability: int) -> None:
    changed = descriptor_pb2.Descriptor.FromString(encode_descriptor(DESCRIPTOR))
    changed.reachability = reachability
    refused(RefusalCode.INVALID_VALUE, parse_descriptor, changed.SerializeToString())


@pytest.mark.parametrize(
    ("parse", "data"),
    [
        (parse_request, encode_request(REQUEST)[: -len(bytes_field(10, b""))]),
        (parse_response, b""),
        (parse_reply_batch, bytes_field(1, b"")),
        (parse_reply_batch, bytes_field(1, bytes_field(2, b""))),
        (parse_envelope_batch, b""),
        (parse_envelope_batch, bytes_field(1, b"") * (limits.BATCH_ENVELOPES + 1)),
        (parse_signed_request, encode_signed_request(b"", bytes(63))),
        (parse_log_proof, encode_log_proof(replace(PROOF, path=(b"",) * 65))),
        (parse_header, encode_header(HEADER).replace(b"be.example", b"be.exampl\xff")),
    ],
    ids=[
        "a request without call",
        "a response without result",
        "a reply without outcome",
        "a refusal without code",
        "a batch of nothing",
        "a batch of 65 envelopes",
        "a signature of 63 bytes",
        "a path of 65 hashes",
        "a text that is not UTF-8",
    ],
)
def test_a_part_that_must_be_there_or_is_too_many_is_refused(parse, data: bytes) -> None:
    refused(RefusalCode.INVALID_VALUE, parse, data)


def test_a_refusal_code_has_16_bits() -> None:
    reply = envelope_pb2.Reply(refusal=envelope_pb2.Refusal(code=0x1_0000))
    batch = envelope_pb2.ReplyBatch(replies=[reply]).SerializeToString()
    refused(RefusalCode.INVALID_VALUE, parse_reply_batch, batch)


def test_a_checkpoint_beyond_the_limit_is_refused_inside_a_batch() -> None:
    proof = replace(PROOF, checkpoint=bytes(limits.CHECKPOINT_BYTES + 1))
    batch = encode_envelope_batch([Envelope(b"header", b"ciphertext", proof)])
    refused(RefusalCode.TOO_LARGE, parse_envelope_batch, batch)


@given(st.integers(0, 2 * limits.PLAINTEXT_BYTES))
def test_a_size_class_is_one_of_the_five_or_a_multiple_of_the_largest(size: int) -> None:
    multiples = {limits.SIZE_CLASS_STEP_BYTES * n for n in (1, 2, 3)}
    assert is_size_class(size) == (size in {*limits.SIZE_CLASSES_BYTES, *multiples})


@pytest.mark.parametrize("text", ["be.a", "be.child-focus", "gr.0", "be." + "a" * 60])
def test_a_node_id_is_country_dot_name(text: str) -> None:
    assert parse_node_id(text) == text


@pytest.mark.parametrize(
    "text", ["", "be", "be.", "b.a", "bel.a", "be.-a", "be.a-", "be.ä", "be.a b", "be." + "a" * 62]
)
def test_another_form_of_node_id_is_refused(text: str) -> None:
    refused(RefusalCode.INVALID_VALUE, parse_node_id, text)
