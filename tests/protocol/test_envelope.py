"""Seal and open: what goes in comes out, and nothing else does."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import limits, suite
from protocol.envelope import (
    Opening,
    Sealed,
    check_opening,
    commitment,
    id_of,
    open_envelope,
    seal_envelope,
    size_class_for,
)
from protocol.errors import PeerError, RefusalCode
from protocol.ids import LegId, MessageId, NodeId
from protocol.suite import KemOpener, LogSigner
from protocol.values import Envelope, Header, LogProof
from protocol.wire import is_size_class, parse_header

NOW_MS = 1_800_000_000_000
OPENER = KemOpener(bytes(32))
OTHER_OPENER = KemOpener(bytes([1]) * 32)
SIGNER = LogSigner(bytes(32), bytes(32))
ORIGIN = "be.example/log/1"
SALT = bytes(range(32))
NO_PROOF = LogProof(b"", 0, (), b"")

# The largest payload of each class, salt and padding mark taken off.
LARGEST = [
    size - limits.SALT_BYTES - 1
    for size in (*limits.SIZE_CLASSES_BYTES, 2 * limits.SIZE_CLASS_STEP_BYTES)
]


def header_for(opening: Opening, **changes) -> Header:
    fitting = Header(
        federation_id=bytes(32),
        sender=NodeId("be.example"),
        sender_log_key=SIGNER.key_id,
        recipient=NodeId("gr.example"),
        recipient_kem_key=OPENER.key_id,
        message_id=MessageId(bytes(16)),
        leg_id=LegId(bytes(16)),
        stream_seq=1,
        previous_envelope_id=b"",
        created_at_ms=NOW_MS,
        expires_at_ms=NOW_MS + 1,
        directory_version=1,
        urgency=2,
        size_class=size_class_for(len(opening.payload)),
        commitment=commitment(opening),
    )
    return replace(fitting, **changes)


HEADER = header_for(Opening(SALT, b"payload"))


def sealed_with(opening: Opening) -> Sealed:
    return seal_envelope(header_for(opening), opening, OPENER.public_key)


SEALED = sealed_with(Opening(SALT, b"payload"))


def opened(header: bytes, ciphertext: bytes) -> Opening:
    envelope = Envelope(header, ciphertext, NO_PROOF)
    return open_envelope(envelope, parse_header(header), OPENER)


def sealed_by_hand(plaintext: bytes, header: bytes = SEALED.header) -> bytes:
    info = b"homeward/v1 hpke\x00" + hashlib.sha256(header).digest()
    return suite.seal(OPENER.public_key, info, plaintext)


def refused(code: RefusalCode, function, *arguments, **named) -> None:
    with pytest.raises(PeerError) as refusal:
        function(*arguments, **named)
    assert refusal.value.code is code


# Round trip


@pytest.mark.parametrize("largest", LARGEST)
@pytest.mark.parametrize("difference", [-1, 0, 1])
def test_a_payload_near_a_size_class_comes_out_as_it_went_in(largest, difference) -> None:
    opening = Opening(SALT, b"x" * (largest + difference))
    sealed = sealed_with(opening)
    assert opened(sealed.header, sealed.ciphertext) == opening
    assert len(sealed.ciphertext) - suite.SEAL_OVERHEAD == size_class_for(len(opening.payload))


@settings(max_examples=25)
@given(st.binary(max_size=3000), st.binary(min_size=32, max_size=32))
def test_any_payload_comes_out_as_it_went_in(payload: bytes, salt: bytes) -> None:
    opening = Opening(salt, payload)
    sealed = sealed_with(opening)
    assert opened(sealed.header, sealed.ciphertext) == opening
    assert sealed.envelope_id == id_of(Envelope(sealed.header, sealed.ciphertext, NO_PROOF))


@pytest.mark.parametrize("payload", [b"\x80", b"\x80\x00\x00", b"\x00", bytes(990), b"x\x00"])
def test_a_payload_that_looks_like_padding_comes_out_whole(payload: bytes) -> None:
    sealed = sealed_with(Opening(SALT, payload))
    assert opened(sealed.header, sealed.ciphertext).payload == payload


@given(st.integers(0, limits.PLAINTEXT_BYTES))
def test_the_size_class_is_the_smallest_that_holds_it(payload_bytes: int) -> None:
    needed = payload_bytes + limits.SALT_BYTES + 1
    if needed > limits.PLAINTEXT_BYTES:
        with pytest.raises(ValueError):
            size_class_for(payload_bytes)
        return
    size = size_class_for(payload_bytes)
    assert is_size_class(size)
    assert needed <= size
    assert not any(needed <= smaller < size for smaller in limits.SIZE_CLASSES_BYTES)


def test_a_sealed_envelope_of_the_largest_class_fits_the_envelope_limit() -> None:
    overhead = suite.SEAL_OVERHEAD + limits.HEADER_BYTES
    assert limits.PLAINTEXT_BYTES + overhead <= limits.ENVELOPE_BYTES


# Names and bindings, against the formulas of the specification


def test_commitment_and_id_follow_the_specification() -> None:
    ciphertext_digest = hashlib.sha256(SEALED.ciphertext).digest()
    named = b"homeward/v1 envelope\x00"
    named += len(SEALED.header).to_bytes(4, "big") + SEALED.header
    named += len(SEALED.ciphertext).to_bytes(8, "big") + ciphertext_digest
    assert SEALED.envelope_id == hashlib.sha256(named).digest()
    committed = b"homeward/v1 commit\x00" + SALT + b"payload"
    assert HEADER.commitment == hashlib.sha256(committed).digest()


@given(st.binary(max_size=8), st.binary(max_size=8), st.integers(0, 8))
def test_no_byte_can_move_from_the_header_into_the_ciphertext(header, ciphertext, cut) -> None:
    together = header + ciphertext
    other = Envelope(together[:cut], together[cut:], NO_PROOF)
    is_same = other.header == header
    assert (id_of(other) == id_of(Envelope(header, ciphertext, NO_PROOF))) == is_same


@pytest.mark.parametrize(
    "changes",
    [
        {"size_class": 4096},
        {"commitment": bytes(32)},
        {"recipient_kem_key": OTHER_OPENER.key_id},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_sealing_under_a_header_that_does_not_fit_is_a_mistake_of_our_own(changes) -> None:
    opening = Opening(SALT, b"payload")
    with pytest.raises(ValueError):
        seal_envelope(header_for(opening, **changes), opening, OPENER.public_key)


def test_a_salt_of_another_length_is_a_mistake_of_our_own() -> None:
    with pytest.raises(ValueError):
        sealed_with(Opening(SALT[1:], b"payload"))


# Opening what is not as it was


@settings(max_examples=40)
@given(st.integers(0, len(SEALED.ciphertext) * 8 - 1))
def test_any_flipped_bit_of_the_ciphertext_is_refused(bit: int) -> None:
    flipped = bytearray(SEALED.ciphertext)
    flipped[bit // 8] ^= 1 << bit % 8
    refused(RefusalCode.CANNOT_OPEN, opened, SEALED.header, bytes(flipped))


def test_the_ciphertext_does_not_open_under_another_header() -> None:
    stolen = replace(HEADER, sender=NodeId("fr.example"))
    envelope = Envelope(SEALED.header.replace(b"be.", b"fr."), SEALED.ciphertext, NO_PROOF)
    assert parse_header(envelope.header) == stolen
    refused(RefusalCode.CANNOT_OPEN, open_envelope, envelope, stolen, OPENER)


def test_the_ciphertext_does_not_open_with_another_key() -> None:
    envelope = Envelope(SEALED.header, SEALED.ciphertext, NO_PROOF)
    refused(RefusalCode.CANNOT_OPEN, open_envelope, envelope, HEADER, OTHER_OPENER)


@pytest.mark.parametrize("size", [0, suite.SEAL_OVERHEAD, 1024, 1023 + suite.SEAL_OVERHEAD])
def test_a_ciphertext_of_another_size_is_refused_before_it_is_opened(size: int) -> None:
    refused(RefusalCode.SIZE_CLASS_MISMATCH, opened, SEALED.header, bytes(size))


@pytest.mark.parametrize(
    "plaintext",
    [
        bytes(1024),
        SALT.ljust(1024, b"\x00"),
        (SALT[:-1] + b"\x80").ljust(1024, b"\x00"),
        (SALT + b"payload").ljust(1024, b"\x00"),
        (SALT + b"payload\x80").ljust(1024, b"\x01"),
        (SALT + b"another\x80").ljust(1024, b"\x00"),
        (bytes(32) + b"payload\x80").ljust(1024, b"\x00"),
    ],
    ids=[
        "all zero",
        "salt alone",
        "the mark within the salt",
        "no mark",
        "other padding",
        "other payload",
        "other salt",
    ],
)
def test_a_plaintext_that_the_commitment_does_not_bind_is_refused(plaintext: bytes) -> None:
    ciphertext = sealed_by_hand(plaintext)
    refused(RefusalCode.COMMITMENT_MISMATCH, opened, SEALED.header, ciphertext)


def test_an_opening_is_checked_without_any_key() -> None:
    check_opening(HEADER, Opening(SALT, b"payload"))
    refused(RefusalCode.COMMITMENT_MISMATCH, check_opening, HEADER, Opening(SALT, b"Payload"))


@pytest.mark.parametrize("salt_bytes", [31, 33])
def test_a_byte_cannot_move_between_salt_and_payload_of_an_opening(salt_bytes: int) -> None:
    together = SALT + b"payload"
    moved = Opening(together[:salt_bytes], together[salt_bytes:])
    assert commitment(moved) == HEADER.commitment
    refused(RefusalCode.COMMITMENT_MISMATCH, check_opening, HEADER, moved)
