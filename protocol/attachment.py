"""Attachments: one file as one encrypted blob, in chunks (SPEC.md section 6).

The STREAM construction, as in age: chunks of 64 KiB, each sealed with
ChaCha20-Poly1305 under a nonce that holds its number and whether it is the last.
No chunk can be dropped, repeated, moved or appended, and memory stays flat. Rules:

- a key seals one blob and never another: nonces repeat from blob to blob;
- only the last chunk may be short, and it is empty only in an empty file;
- a chunk is released once it is authentic, but whether the file is whole is known
  only when the iterator ends; after an error the reader drops what it has;
- an authentic blob is not yet the announced file: ChaCha20-Poly1305 does not
  commit to its key, so a sender can make one blob that two keys open to two
  contents. `open_chunks` therefore compares the plaintext's size and digest too.

The blob's own digest is checked by whoever stores it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from protocol import limits

KEY_BYTES: Final = 32
TAG_BYTES: Final = 16

_SEALED_CHUNK_BYTES: Final = limits.CHUNK_BYTES + TAG_BYTES
_COUNTER_BYTES: Final = 11
_MORE_FOLLOWS: Final = b"\x00"
_LAST: Final = b"\x01"


class BrokenAttachment(ValueError):
    """The blob is not what its sender sealed, or not what the sender announced.

    Whose fault that is depends on where the blob was, so the caller decides: a
    blob with the announced digest was made so by the sender.
    """


def encrypted_size(plain_size: int) -> int:
    """Return the size of the blob that a file of this size becomes.

    Raises:
        ValueError: the size is negative, or the blob exceeds ATTACHMENT_BYTES.
    """
    if plain_size < 0:
        raise ValueError("a file's size is not negative")
    chunks = max(1, -(-plain_size // limits.CHUNK_BYTES))
    size = plain_size + chunks * TAG_BYTES
    if size > limits.ATTACHMENT_BYTES:
        raise ValueError("the file is too large for an attachment")
    return size


def encrypt_chunks(key: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the blob of the file whose bytes come in `pieces` of any size.

    The key must be new and random. The iterator raises ValueError as soon as
    the blob would exceed ATTACHMENT_BYTES.
    """
    return _encrypt(_cipher(key), pieces)


def decrypt_chunks(key: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the file whose blob comes in `pieces` of any size.

    The iterator raises BrokenAttachment where the blob is cut, changed, out of
    order or too long; what it yielded before that is to be dropped.
    """
    return _decrypt(_cipher(key), pieces)


def open_chunks(
    key: bytes, pieces: Iterable[bytes], *, size: int, digest: bytes
) -> Iterator[bytes]:
    """Decrypt, and hold the file to the size and SHA-256 that were announced.

    The iterator raises BrokenAttachment like `decrypt_chunks`, before it yields
    a byte beyond `size`, and at the end if the content is another one.
    """
    return _hold_to(decrypt_chunks(key, pieces), size, digest)


def _encrypt(cipher: ChaCha20Poly1305, pieces: Iterable[bytes]) -> Iterator[bytes]:
    blob_size = 0
    for number, (chunk, is_last) in enumerate(_rechunk(pieces, limits.CHUNK_BYTES)):
        blob_size += len(chunk) + TAG_BYTES
        if blob_size > limits.ATTACHMENT_BYTES:
            raise ValueError("the file is too large for an attachment")
        yield cipher.encrypt(_nonce(number, is_last=is_last), chunk, None)


def _decrypt(cipher: ChaCha20Poly1305, pieces: Iterable[bytes]) -> Iterator[bytes]:
    blob_size = 0
    for number, (sealed, is_last) in enumerate(_rechunk(pieces, _SEALED_CHUNK_BYTES)):
        blob_size += len(sealed)
        if blob_size > limits.ATTACHMENT_BYTES:
            raise BrokenAttachment("the blob is longer than an attachment may be")
        chunk = _open_chunk(cipher, number, sealed, is_last=is_last)
        # Else a file of full chunks would have a second form, with an empty chunk behind.
        if not chunk and number > 0:
            raise BrokenAttachment("the last chunk is empty")
        yield chunk


def _open_chunk(cipher: ChaCha20Poly1305, number: int, sealed: bytes, *, is_last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, is_last=is_last), sealed, None)
    except (InvalidTag, ValueError):
        # Cut, changed, moved, or opened with another key: all look the same from here.
        raise BrokenAttachment("a chunk does not open") from None


def _hold_to(chunks: Iterable[bytes], size: int, digest: bytes) -> Iterator[bytes]:
    hasher = hashlib.sha256()
    left = size
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise BrokenAttachment("the file is longer than announced")
        hasher.update(chunk)
        yield chunk
    if left:
        raise BrokenAttachment("the file is shorter than announced")
    if not hmac.compare_digest(hasher.digest(), digest):
        raise BrokenAttachment("the file has another digest than announced")


def _rechunk(pieces: Iterable[bytes], chunk_bytes: int) -> Iterator[tuple[bytes, bool]]:
    """Cut into full chunks and a last one, and say of each whether it is the last."""
    held = bytearray()
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            # A full chunk waits until a byte follows it: only then is it not the last.
            if len(held) == chunk_bytes:
                yield bytes(held), False
                held.clear()
            room = chunk_bytes - len(held)
            held += rest[:room]
            rest = rest[room:]
    yield bytes(held), True


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + (_LAST if is_last else _MORE_FOLLOWS)


def _cipher(key: bytes) -> ChaCha20Poly1305:
    if len(key) != KEY_BYTES:
        raise ValueError(f"an attachment's key has {KEY_BYTES} bytes")
    return ChaCha20Poly1305(key)
