"""Search all that a home has on the disk for a secret, whatever form it was written in.

Every byte of every file is looked at, and the database and its WAL once more as they
are without their encryption: page by page, so that what was deleted counts as well.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from node.home import Home

PAGE_BYTES = 4096
# SQLCipher 4 keeps in each page: an initialisation vector 16, an HMAC-SHA512 64.
RESERVED_BYTES = 80
SALT_BYTES = 16
WAL_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
# A half of a seed is found too, wherever it begins.
PIECE_BYTES = 16


def forms(secret: bytes) -> set[bytes]:
    """Return what a secret, or a piece of it, may look like on a disk."""
    found: set[bytes] = set()
    for start in range(len(secret) - PIECE_BYTES + 1):
        piece = secret[start : start + PIECE_BYTES]
        digits = piece.hex().encode()
        found |= {piece, piece[::-1], digits, digits.upper()}
        # What does not depend on the bytes before and after it.
        if start + 18 <= len(secret):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                found.add(encode(secret[start : start + 18]))
    return found


def traces(home: Home, database_key: bytes, secret: bytes) -> list[str]:
    """Return where a secret, or a piece of it, lies in a home."""
    wanted = forms(secret)
    return [
        where
        for where, content in contents(home, database_key)
        if any(form in content for form in wanted)
    ]


def contents(home: Home, database_key: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield every regular file of a home, and the database in clear."""
    for path in sorted(home.folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
    yield "node.db in clear", b"".join(database_pages(home.database, database_key))
    wal = home.database.with_name(home.database.name + "-wal")
    yield "node.db-wal in clear", b"".join(wal_pages(wal, database_key))


def database_pages(path: Path, key: bytes) -> Iterator[bytes]:
    """Yield the pages of a database in clear, also those that are free."""
    data = path.read_bytes()
    for start in range(0, len(data), PAGE_BYTES):
        yield _in_clear(data[start : start + PAGE_BYTES], key, is_first=start == 0)


def wal_pages(path: Path, key: bytes) -> Iterator[bytes]:
    """Yield the pages that lie in a WAL in clear, also those of old transactions."""
    data = path.read_bytes() if path.exists() else b""
    frame_bytes = FRAME_HEADER_BYTES + PAGE_BYTES
    for start in range(WAL_HEADER_BYTES, len(data) - frame_bytes + 1, frame_bytes):
        number = int.from_bytes(data[start : start + 4], "big")
        page = data[start + FRAME_HEADER_BYTES : start + frame_bytes]
        yield _in_clear(page, key, is_first=number == 1)


def _in_clear(page: bytes, key: bytes, *, is_first: bool) -> bytes:
    # The first page begins with the salt of the file, in clear.
    body = page[SALT_BYTES if is_first else 0 : -RESERVED_BYTES]
    vector = page[-RESERVED_BYTES:][:16]
    return Cipher(AES(key), CBC(vector)).decryptor().update(body)
