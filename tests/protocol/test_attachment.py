"""Attachments: one form for one file, and nothing that anybody does to a blob gets through."""

from __future__ import annotations

import hashlib
import itertools
import tracemalloc
from collections.abc import Iterable, Iterator

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from protocol import attachment, limits
from protocol.attachment import BrokenAttachment

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
CHUNK = limits.CHUNK_BYTES
SEALED = CHUNK + attachment.TAG_BYTES

# Where chunking can go wrong: around nothing, one chunk and two.
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]
sizes = st.sampled_from(SIZES) | st.integers(min_value=0, max_value=3 * CHUNK)
piece_sizes = st.lists(st.integers(min_value=0, max_value=2 * CHUNK), max_size=8)


def file_of(size: int) -> bytes:
    """Bytes in which every chunk is another one."""
    return b"".join(
        hashlib.sha256(number.to_bytes(4)).digest() for number in range(size // 32 + 1)
    )[:size]


def cut(data: bytes, lengths: Iterable[int]) -> Iterator[bytes]:
    """Cut into pieces of these lengths, and the rest."""
    for length in lengths:
        yield data[:length]
        data = data[length:]
    yield data


def encrypt(data: bytes, key: bytes = KEY) -> bytes:
    return b"".join(attachment.encrypt_chunks(key, [data]))


def decrypt(blob: bytes, key: bytes = KEY) -> bytes:
    return b"".join(attachment.decrypt_chunks(key, [blob]))


def sealed_chunks(size: int) -> list[bytes]:
    return list(attachment.encrypt_chunks(KEY, [file_of(size)]))


def refused(blob: bytes, key: bytes = KEY) -> None:
    with pytest.raises(BrokenAttachment):
        decrypt(blob, key)


# What honest people do


@given(size=sizes, plain_cuts=piece_sizes, blob_cuts=piece_sizes)
def test_file_comes_back_however_it_is_cut_into_pieces(
    size: int, plain_cuts: list[int], blob_cuts: list[int]
) -> None:
    plain = file_of(size)
    blob = b"".join(attachment.encrypt_chunks(KEY, cut(plain, plain_cuts)))
    assert blob == encrypt(plain)
    assert b"".join(attachment.decrypt_chunks(KEY, cut(blob, blob_cuts))) == plain


@pytest.mark.parametrize("size", SIZES)
def test_encrypted_size_is_the_size_of_the_blob(size: int) -> None:
    assert attachment.encrypted_size(size) == len(encrypt(file_of(size)))


@pytest.mark.parametrize("size", SIZES)
def test_every_chunk_is_full_but_the_last(size: int) -> None:
    *full, last = sealed_chunks(size)
    assert {len(chunk) for chunk in full} <= {SEALED}
    assert attachment.TAG_BYTES <= len(last) <= SEALED
    assert (len(last) == attachment.TAG_BYTES) == (size == 0)


def test_blob_is_what_the_specification_writes_down() -> None:
    # Counted by hand: eleven bytes of counter, one that is 1 in the last chunk only.
    cipher = ChaCha20Poly1305(KEY)
    plain = file_of(2 * CHUNK + 5)
    expected = (
        cipher.encrypt(bytes.fromhex("000000000000000000000000"), plain[:CHUNK], None)
        + cipher.encrypt(bytes.fromhex("000000000000000000000100"), plain[CHUNK : 2 * CHUNK], None)
        + cipher.encrypt(bytes.fromhex("000000000000000000000201"), plain[2 * CHUNK :], None)
    )
    assert encrypt(plain) == expected


@pytest.mark.parametrize(
    ("size", "digest"),
    [
        (0, "98082ff61f1317c757770e0ee5ec26bbe8f1d4d7c3f91e4755eb0622f630b8a7"),
        (5, "5b54ac2b30d41039987aede474a0065b5aa0ad2dbe42fe96904eb33067547f8a"),
        (CHUNK, "979c2772d424da86cc3e379b020ade1eda529c3f0951b1883a2d7e521d189365"),
        (2 * CHUNK + 5, "292dbddd354cc5eac885c8ec6d6e656f5067c010a8b8677e2947859983a8bde1"),
    ],
)
def test_known_files_become_known_blobs(size: int, digest: str) -> None:
    assert hashlib.sha256(encrypt(file_of(size))).hexdigest() == digest


def test_memory_stays_flat_whatever_the_size() -> None:
    pieces = itertools.repeat(file_of(CHUNK), 256)
    tracemalloc.start()
    try:
        blob = attachment.encrypt_chunks(KEY, pieces)
        size = sum(len(chunk) for chunk in attachment.decrypt_chunks(KEY, blob))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 256 * CHUNK
    assert peak < 16 * CHUNK


# What attackers and broken disks do


@given(size=sizes, data=st.data())
def test_blob_cut_short_anywhere_is_refused(size: int, data: st.DataObject) -> None:
    blob = encrypt(file_of(size))
    refused(blob[: data.draw(st.integers(min_value=0, max_value=len(blob) - 1))])


@pytest.mark.parametrize("chunks_kept", [0, 1, 2])
def test_blob_cut_at_a_chunk_is_refused(chunks_kept: int) -> None:
    refused(b"".join(sealed_chunks(2 * CHUNK + 5)[:chunks_kept]))


@given(size=sizes, data=st.data())
def test_any_changed_byte_is_refused(size: int, data: st.DataObject) -> None:
    blob = bytearray(encrypt(file_of(size)))
    blob[data.draw(st.integers(min_value=0, max_value=len(blob) - 1))] ^= data.draw(
        st.integers(min_value=1, max_value=255)
    )
    refused(bytes(blob))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("extra", [b"\0", bytes(attachment.TAG_BYTES), bytes(SEALED)])
def test_trailing_bytes_are_refused(size: int, extra: bytes) -> None:
    refused(encrypt(file_of(size)) + extra)


def test_swapped_chunks_are_refused() -> None:
    first, second, third = sealed_chunks(3 * CHUNK)
    refused(second + first + third)


def test_repeated_chunk_is_refused() -> None:
    first, second = sealed_chunks(2 * CHUNK)
    refused(first + first + second)


def test_last_chunk_followed_by_another_blob_is_refused() -> None:
    refused(encrypt(file_of(CHUNK)) * 2)


def test_chunk_of_another_blob_under_another_key_is_refused() -> None:
    first, second = sealed_chunks(2 * CHUNK)
    foreign = encrypt(file_of(CHUNK), OTHER_KEY)
    assert len(foreign) == len(second)
    refused(first + foreign)


def test_empty_last_chunk_after_a_full_one_is_refused() -> None:
    cipher = ChaCha20Poly1305(KEY)
    full = cipher.encrypt(bytes(12), file_of(CHUNK), None)
    empty = cipher.encrypt(bytes(10) + b"\x01\x01", b"", None)
    with pytest.raises(BrokenAttachment, match="last chunk is empty"):
        decrypt(full + empty)


@pytest.mark.parametrize("size", [0, 5, CHUNK])
def test_only_chunk_without_the_mark_of_the_last_is_refused(size: int) -> None:
    refused(ChaCha20Poly1305(KEY).encrypt(bytes(12), file_of(size), None))


def test_short_chunk_in_the_middle_is_refused() -> None:
    cipher = ChaCha20Poly1305(KEY)
    short = cipher.encrypt(bytes(12), file_of(CHUNK - 1), None)
    last = cipher.encrypt(bytes(10) + b"\x01\x01", b"end", None)
    refused(short + last)


def test_counter_does_not_start_elsewhere() -> None:
    refused(ChaCha20Poly1305(KEY).encrypt(bytes(10) + b"\x01\x01", b"second of none", None))


@pytest.mark.parametrize("blob", [b"", b"\0", bytes(15), bytes(16)])
def test_what_is_no_blob_is_refused(blob: bytes) -> None:
    refused(blob)


def test_other_key_is_refused() -> None:
    refused(encrypt(b"a photo"), OTHER_KEY)


def test_nothing_of_a_changed_chunk_is_released() -> None:
    first, second, third = sealed_chunks(2 * CHUNK + 5)
    released = attachment.decrypt_chunks(KEY, [first, second[:-1] + b"\0", third])
    assert next(released) == file_of(CHUNK)
    with pytest.raises(BrokenAttachment):
        next(released)


# Limits and misuse


def test_file_above_the_limit_is_refused_before_it_is_sealed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "ATTACHMENT_BYTES", 2 * SEALED)
    assert attachment.encrypted_size(2 * CHUNK) == 2 * SEALED
    assert len(encrypt(file_of(2 * CHUNK))) == 2 * SEALED
    with pytest.raises(ValueError, match="too large"):
        attachment.encrypted_size(2 * CHUNK + 1)
    with pytest.raises(ValueError, match="too large"):
        encrypt(file_of(2 * CHUNK + 1))


def test_blob_above_the_limit_is_refused_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    blob = encrypt(file_of(2 * CHUNK + 1))
    monkeypatch.setattr(limits, "ATTACHMENT_BYTES", 2 * SEALED)
    with pytest.raises(BrokenAttachment, match="longer"):
        decrypt(blob)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_key_of_another_length_is_refused_at_the_call(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        attachment.encrypt_chunks(key, [])
    with pytest.raises(ValueError, match="32 bytes"):
        attachment.decrypt_chunks(key, [])


def test_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        attachment.encrypted_size(-1)


# The file that was announced


def open_whole(blob: bytes, *, size: int, digest: bytes, key: bytes = KEY) -> bytes:
    return b"".join(attachment.open_chunks(key, [blob], size=size, digest=digest))


@pytest.mark.parametrize("size", SIZES)
def test_file_of_the_announced_size_and_digest_is_opened(size: int) -> None:
    plain = file_of(size)
    digest = hashlib.sha256(plain).digest()
    assert open_whole(encrypt(plain), size=size, digest=digest) == plain


@pytest.mark.parametrize(("announced", "fault"), [(CHUNK + 4, "longer"), (CHUNK + 6, "shorter")])
def test_file_of_another_size_than_announced_is_refused(announced: int, fault: str) -> None:
    plain = file_of(CHUNK + 5)
    digest = hashlib.sha256(plain).digest()
    with pytest.raises(BrokenAttachment, match=fault):
        open_whole(encrypt(plain), size=announced, digest=digest)


def test_nothing_beyond_the_announced_size_is_released() -> None:
    plain = file_of(2 * CHUNK)
    opened = attachment.open_chunks(KEY, [encrypt(plain)], size=CHUNK, digest=bytes(32))
    assert next(opened) == plain[:CHUNK]
    with pytest.raises(BrokenAttachment, match="longer"):
        next(opened)


def test_file_of_another_digest_than_announced_is_refused() -> None:
    with pytest.raises(BrokenAttachment, match="digest"):
        open_whole(encrypt(b"a photo"), size=7, digest=hashlib.sha256(b"another").digest())


def poly1305_parts(key: bytes) -> tuple[int, int]:
    """Return r and s of the one-time authenticator of a blob's only chunk (RFC 8439, 2.6)."""
    nonce = bytes(4) + bytes(11) + b"\x01"
    stream = Cipher(algorithms.ChaCha20(key, nonce), None).encryptor().update(bytes(32))
    clamp = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    return int.from_bytes(stream[:16], "little") & clamp, int.from_bytes(stream[16:], "little")


def blob_that_two_keys_open() -> bytes:
    """Make a blob of two blocks whose tag is right under KEY and under OTHER_KEY.

    Poly1305 is a polynomial over the ciphertext's blocks: with one block left
    free, the equation "both tags are equal" is linear in it.
    """
    prime, block = 2**130 - 5, 2**128
    (r1, s1), (r2, s2) = poly1305_parts(KEY), poly1305_parts(OTHER_KEY)
    lengths = block + (32 << 64)
    for first, carry in itertools.product(range(64), range(-3, 4)):
        known1 = (block + first) * r1**3 + lengths * r1
        known2 = (block + first) * r2**3 + lengths * r2
        wanted = s2 - s1 + carry * block
        second = (wanted - known1 + known2) * pow(r1**2 - r2**2, -1, prime) % prime
        tag1 = ((known1 + second * r1**2) % prime + s1) % block
        tag2 = ((known2 + second * r2**2) % prime + s2) % block
        if tag1 == tag2 and block <= second < 2 * block:
            numbers = (first, second - block, tag1)
            return b"".join(number.to_bytes(16, "little") for number in numbers)
    raise AssertionError("no such blob among those tried")


def test_blob_that_two_keys_open_shows_only_the_file_that_was_announced() -> None:
    blob = blob_that_two_keys_open()
    shown_to_one, shown_to_other = decrypt(blob), decrypt(blob, OTHER_KEY)
    assert shown_to_one != shown_to_other
    digest = hashlib.sha256(shown_to_one).digest()
    assert open_whole(blob, size=32, digest=digest) == shown_to_one
    with pytest.raises(BrokenAttachment, match="digest"):
        open_whole(blob, size=32, digest=digest, key=OTHER_KEY)
