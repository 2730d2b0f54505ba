"""Hypothesis strategies for the values of `protocol.values`, all of them well formed."""

from __future__ import annotations

from hypothesis import strategies as st

from protocol import limits
from protocol.ids import BlobId, LegId, MessageId, NodeId
from protocol.values import (
    PULL,
    PUSH,
    AttachmentRef,
    BlobState,
    BlobStatus,
    BlobWrite,
    Descriptor,
    Envelope,
    Epoch,
    Header,
    LogProof,
    Ping,
    Pong,
    Receipt,
    Refusal,
    Request,
)
from protocol.wire import KEM_PUBLIC_KEY_BYTES

SOME_TIME_MS = st.integers(1, 2**62)
NUMBERS = st.integers(0, 2**63 - 1)
DIGESTS = st.binary(min_size=32, max_size=32)
RANDOM_IDS = st.binary(min_size=16, max_size=16)
NODE_IDS = st.from_regex(r"\A[a-z]{2}\.[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\Z").map(NodeId)
SIZE_CLASSES = st.sampled_from(
    [
        *limits.SIZE_CLASSES_BYTES,
        *range(
            limits.SIZE_CLASS_STEP_BYTES, limits.PLAINTEXT_BYTES + 1, limits.SIZE_CLASS_STEP_BYTES
        ),
    ]
)

LOG_PROOFS = st.builds(
    LogProof,
    leaf=st.binary(max_size=70),
    index=NUMBERS,
    path=st.lists(st.binary(max_size=40), max_size=4).map(tuple),
    checkpoint=st.binary(max_size=200),
)
RECEIPTS = st.builds(Receipt, LOG_PROOFS)
REFUSALS = st.builds(Refusal, st.integers(1, 0xFFFF), st.none() | LOG_PROOFS)
REPLIES = RECEIPTS | REFUSALS
ENVELOPES = st.builds(
    Envelope, header=st.binary(max_size=60), ciphertext=st.binary(max_size=60), proof=LOG_PROOFS
)
BLOB_STATES = st.builds(BlobState, NUMBERS, st.booleans(), st.none() | RECEIPTS)
RESPONSES = st.builds(Pong, NUMBERS) | BLOB_STATES | REFUSALS

_ATTACHMENTS = st.lists(
    st.builds(AttachmentRef, DIGESTS.map(BlobId), st.integers(1, limits.ATTACHMENT_BYTES)),
    max_size=3,
    unique_by=lambda attachment: attachment.id,
)


@st.composite
def headers(draw: st.DrawFn) -> Header:
    seq = draw(st.integers(1, 2**63 - 1))
    created_at_ms = draw(SOME_TIME_MS)
    return Header(
        federation_id=draw(DIGESTS),
        sender=draw(NODE_IDS),
        sender_log_key=draw(DIGESTS),
        recipient=draw(NODE_IDS),
        recipient_kem_key=draw(DIGESTS),
        message_id=MessageId(draw(RANDOM_IDS)),
        leg_id=LegId(draw(RANDOM_IDS)),
        stream_seq=seq,
        previous_envelope_id=b"" if seq == 1 else draw(DIGESTS),
        created_at_ms=created_at_ms,
        expires_at_ms=created_at_ms + draw(st.integers(1, limits.LIFETIME_MS)),
        directory_version=draw(NUMBERS),
        urgency=draw(st.integers(1, 4)),
        size_class=draw(SIZE_CLASSES),
        commitment=draw(DIGESTS),
        attachments=tuple(draw(_ATTACHMENTS)),
    )


@st.composite
def descriptors(draw: st.DrawFn) -> Descriptor:
    created_at_ms = draw(SOME_TIME_MS)
    numbers = sorted(draw(st.sets(st.integers(0, 10_000), min_size=1, max_size=3)))
    epochs = tuple(
        Epoch(number, bytes([number % 256]) * KEM_PUBLIC_KEY_BYTES, number, number + 1 + number % 9)
        for number in numbers
    )
    return Descriptor(
        federation_id=draw(DIGESTS),
        node_id=draw(NODE_IDS),
        serial=draw(st.integers(1, 2**63 - 1)),
        created_at_ms=created_at_ms,
        expires_at_ms=created_at_ms + draw(st.integers(1, limits.DESCRIPTOR_LIFETIME_MS)),
        log_key=draw(DIGESTS),
        epochs=epochs,
        transport_key=draw(DIGESTS),
        reachability=draw(st.sampled_from([PUSH, PULL])),
        protocol_versions=tuple(draw(st.lists(st.integers(0, 2**32 - 1), max_size=3))),
        minimum_peer_version=draw(st.integers(0, 2**32 - 1)),
    )


CALLS = (
    st.just(Ping())
    | st.builds(BlobStatus, DIGESTS.map(BlobId), DIGESTS)
    | st.builds(BlobWrite, DIGESTS.map(BlobId), DIGESTS, NUMBERS)
)
REQUESTS = st.builds(
    Request,
    federation_id=DIGESTS,
    sender=NODE_IDS,
    transport_key=DIGESTS,
    target=NODE_IDS,
    created_at_ms=NUMBERS,
    nonce=RANDOM_IDS,
    directory_version=NUMBERS,
    call=CALLS,
)
