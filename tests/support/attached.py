"""A file to attach, a small one, and what a message says of them."""

from __future__ import annotations

import hashlib

from protocol.attachment import encrypt_chunks, encrypted_size
from protocol.ids import BlobId
from protocol.pb.homeward.v1.message_pb2 import AttachmentKey

FILE = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(250)) * 20
KEY = bytes(range(32))
BLOB = b"".join(encrypt_chunks(KEY, [FILE]))
BLOB_ID = BlobId(hashlib.sha256(BLOB).digest())
SIZE = len(BLOB)
SMALL = b"".join(encrypt_chunks(bytes(32), [b"small"]))


def key_of(blob: bytes, *, size: int | None = None) -> AttachmentKey:
    overhead = encrypted_size(len(FILE)) - len(FILE) if blob is BLOB else 16
    return AttachmentKey(
        blob_id=hashlib.sha256(blob).digest(),
        key=KEY,
        size=len(blob) - overhead if size is None else size,
        digest=bytes(32),
    )
