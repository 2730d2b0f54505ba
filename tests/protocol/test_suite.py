"""The suite by itself: round trips, one kind of answer to every forgery."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import suite

SEED = bytes(range(32))
OTHER_SEED = bytes(range(1, 33))
MESSAGE = b"three lines of a note"


def flip(data: bytes, index: int) -> bytes:
    return data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]


def test_linked_openssl_has_every_algorithm() -> None:
    assert suite.missing_algorithms() == []


def test_digest_is_label_then_zero_then_parts() -> None:
    assert suite.digest("a label", b"one", b"two") == hashlib.sha256(b"a label\0onetwo").digest()


def test_key_ids_are_labelled_by_purpose() -> None:
    assert suite.kem_key_id(b"pk") == suite.digest("homeward/v1 kemkey", b"pk")
    assert suite.log_key_id(b"ed", b"ml") == suite.digest("homeward/v1 logkey", b"ed", b"ml")


@settings(max_examples=25, deadline=None)
@given(plaintext=st.binary(max_size=2000), info=st.binary(max_size=80))
def test_sealed_opens_again_with_the_stated_overhead(plaintext: bytes, info: bytes) -> None:
    sealed = suite.seal(suite.kem_public_key(SEED), info, plaintext)
    assert len(sealed) == len(plaintext) + suite.SEAL_OVERHEAD
    assert suite.KemOpener(SEED).open(info, sealed) == plaintext


def test_opener_knows_its_public_key_and_id() -> None:
    opener = suite.KemOpener(SEED)
    assert opener.public_key == suite.kem_public_key(SEED)
    assert len(opener.public_key) == suite.KEM_PUBLIC_KEY_BYTES
    assert opener.key_id == suite.kem_key_id(opener.public_key)


@pytest.mark.parametrize("index", [0, 1087, 1088, 1119, 1120, -1])
def test_every_part_of_a_ciphertext_is_protected(index: int) -> None:
    sealed = suite.seal(suite.kem_public_key(SEED), b"info", b"content")
    with pytest.raises(ValueError, match="does not open"):
        suite.KemOpener(SEED).open(b"info", flip(sealed, index % len(sealed)))


@pytest.mark.parametrize("length", [0, 1, 1119, 1120, 1135])
def test_truncated_ciphertext_does_not_open(length: int) -> None:
    sealed = suite.seal(suite.kem_public_key(SEED), b"info", b"")
    with pytest.raises(ValueError, match="does not open"):
        suite.KemOpener(SEED).open(b"info", sealed[:length])


def test_encapsulation_with_a_low_order_point_gets_the_same_answer() -> None:
    sealed = suite.seal(suite.kem_public_key(SEED), b"info", b"content")
    low_order = sealed[:1088] + bytes(32) + sealed[1120:]
    with pytest.raises(ValueError, match="does not open"):
        suite.KemOpener(SEED).open(b"info", low_order)


def test_other_info_or_other_key_does_not_open() -> None:
    sealed = suite.seal(suite.kem_public_key(SEED), b"info", b"content")
    with pytest.raises(ValueError, match="does not open"):
        suite.KemOpener(SEED).open(b"other", sealed)
    with pytest.raises(ValueError, match="does not open"):
        suite.KemOpener(OTHER_SEED).open(b"info", sealed)


@pytest.mark.parametrize(
    "public_key",
    [
        b"",
        suite.kem_public_key(SEED)[:-1],
        b"\xff" * 1184 + suite.kem_public_key(SEED)[1184:],
        suite.kem_public_key(SEED)[:1184] + bytes(32),
    ],
    ids=["empty", "short", "coefficients-too-large", "low-order-x25519"],
)
def test_sealing_to_a_malformed_key_is_refused(public_key: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        suite.seal(public_key, b"", b"content")


def test_log_signer_agrees_with_the_plain_functions() -> None:
    signer = suite.LogSigner(SEED, OTHER_SEED)
    assert signer.ed25519_public == suite.ed25519_public_key(SEED)
    assert signer.mldsa44_public == suite.mldsa44_public_key(OTHER_SEED)
    assert signer.key_id == suite.log_key_id(signer.ed25519_public, signer.mldsa44_public)
    assert signer.sign_ed25519(MESSAGE) == suite.ed25519_sign(SEED, MESSAGE)
    signature = signer.sign_mldsa44(MESSAGE)
    assert len(signature) == suite.MLDSA44_SIGNATURE_BYTES
    assert suite.mldsa44_verify(signer.mldsa44_public, signature, MESSAGE)


def test_seeds_never_show_in_a_representation() -> None:
    assert SEED.hex() not in repr(suite.LogSigner(SEED, SEED))
    assert repr(SEED) not in repr(suite.KemOpener(SEED))


@pytest.mark.parametrize("index", [0, 31, 32, 63])
def test_changed_ed25519_signature_is_refused(index: int) -> None:
    public_key = suite.ed25519_public_key(SEED)
    signature = suite.ed25519_sign(SEED, MESSAGE)
    assert suite.ed25519_verify(public_key, signature, MESSAGE)
    assert not suite.ed25519_verify(public_key, flip(signature, index), MESSAGE)


@pytest.mark.parametrize("index", [0, 1000, 2419])
def test_changed_mldsa44_signature_is_refused(index: int) -> None:
    public_key = suite.mldsa44_public_key(SEED)
    signature = suite.LogSigner(SEED, SEED).sign_mldsa44(MESSAGE)
    assert suite.mldsa44_verify(public_key, signature, MESSAGE)
    assert not suite.mldsa44_verify(public_key, flip(signature, index), MESSAGE)


def test_malformed_keys_and_signatures_are_just_not_good() -> None:
    for public_key in (b"", bytes(31), bytes(33), bytes(1311)):
        assert not suite.ed25519_verify(public_key, bytes(64), MESSAGE)
        assert not suite.mldsa44_verify(public_key, bytes(2420), MESSAGE)
        assert not suite.composite_verify(public_key, bytes(3373), MESSAGE)
    assert not suite.ed25519_verify(suite.ed25519_public_key(SEED), b"", MESSAGE)
    assert not suite.mldsa44_verify(suite.mldsa44_public_key(SEED), b"", MESSAGE)
    assert not suite.composite_verify(suite.composite_public_key(SEED, SEED), b"", MESSAGE)


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33), bytes(64)])
def test_seed_of_a_wrong_length_is_our_own_mistake(seed: bytes) -> None:
    for derive in (
        suite.kem_public_key,
        suite.ed25519_public_key,
        suite.mldsa44_public_key,
        lambda wrong: suite.composite_public_key(wrong, wrong),
    ):
        with pytest.raises(ValueError, match="seed has 32 bytes"):
            derive(seed)


def test_composite_needs_both_halves() -> None:
    public_key = suite.composite_public_key(SEED, OTHER_SEED)
    good = suite.composite_sign(SEED, OTHER_SEED, MESSAGE)
    forged = suite.composite_sign(OTHER_SEED, SEED, MESSAGE)
    assert len(good) == suite.COMPOSITE_SIGNATURE_BYTES
    assert suite.composite_verify(public_key, good, MESSAGE)
    assert not suite.composite_verify(public_key, good[:3309] + forged[3309:], MESSAGE)
    assert not suite.composite_verify(public_key, forged[:3309] + good[3309:], MESSAGE)


def test_composite_signature_is_bound_to_message_and_context() -> None:
    public_key = suite.composite_public_key(SEED, OTHER_SEED)
    signature = suite.composite_sign(SEED, OTHER_SEED, MESSAGE, ctx=b"here")
    assert suite.composite_verify(public_key, signature, MESSAGE, ctx=b"here")
    assert not suite.composite_verify(public_key, signature, MESSAGE, ctx=b"there")
    assert not suite.composite_verify(public_key, signature, MESSAGE)
    assert not suite.composite_verify(public_key, signature, MESSAGE + b".", ctx=b"here")


def test_composite_context_has_at_most_255_bytes() -> None:
    suite.composite_sign(SEED, SEED, MESSAGE, ctx=bytes(255))
    with pytest.raises(ValueError, match="255"):
        suite.composite_sign(SEED, SEED, MESSAGE, ctx=bytes(256))


def low_order_points() -> set[bytes]:
    """All encodings of the points whose eightfold is the neutral element, from the curve itself."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    # x of a point of order 4 is sqrt(-1); order 8 doubles to it: y^2 = -x^2 on
    # the curve -x^2 + y^2 = 1 + d x^2 y^2 gives d y^4 + 2 y^2 - 1 = 0.
    y_values = {0, 1, p - 1}
    root = pow(1 + d, (p + 3) // 8, p)
    if root * root % p != (1 + d) % p:
        root = root * pow(2, (p - 1) // 4, p) % p
    for square in ((root - 1) * pow(d, -1, p) % p, (-root - 1) * pow(d, -1, p) % p):
        y = pow(square, (p + 3) // 8, p)
        for candidate in (y, y * pow(2, (p - 1) // 4, p) % p):
            if candidate * candidate % p == square:
                y_values |= {candidate, p - candidate}
    numbers = {n for y in y_values for n in (y, y + p) if n < 2**255}
    return {(n | sign << 255).to_bytes(32, "little") for n in numbers for sign in (0, 1)}


def test_exactly_the_fourteen_low_order_encodings_are_known() -> None:
    points = low_order_points()
    assert len(points) == 14
    assert all(suite.is_low_order_ed25519(point) for point in points)
    assert not suite.is_low_order_ed25519(suite.ed25519_public_key(SEED))
    assert not suite.is_low_order_ed25519((2).to_bytes(32, "little"))


def test_low_order_half_of_a_composite_key_is_seen() -> None:
    public_key = suite.composite_public_key(SEED, SEED)
    assert not suite.is_low_order_composite(public_key)
    assert suite.is_low_order_composite(public_key[:1952] + bytes(32))
