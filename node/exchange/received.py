"""Received files: which there are on a leg, and their content.

The blobs lie encrypted as they came. Content is decrypted only where a person asked
for it to go, and counts only when its iterator ends without an error.
"""

from __future__ import annotations

from collections.abc import Iterator

from node.exchange.context import Context
from node.store import attachments, envelopes, messages
from node.store.attachments import AttachmentRow
from node.store.blobs import BlobStore
from node.store.db import Transaction
from protocol import limits
from protocol.attachment import open_chunks
from protocol.ids import BlobId, LegId


async def received_files(context: Context, leg_id: LegId) -> list[AttachmentRow]:
    """Return the files that the peer announced on a leg, in the order of its messages."""

    def job(db: Transaction) -> list[AttachmentRow]:
        return [
            row
            for message in messages.of_leg(db, leg_id)
            if message.direction == messages.IN
            for envelope in envelopes.of_message(db, messages.IN, message.peer, message.message_id)
            for row in attachments.of_envelope(db, envelope.envelope_id)
        ]

    return await context.store.read(job)


def opened_file(
    blobs: BlobStore, blob_id: BlobId, blob_size: int, *, key: bytes, size: int, digest: bytes
) -> Iterator[bytes]:
    """Yield the content of a complete file; drop what came if this raises.

    The iterator raises BrokenAttachment if it is not what was announced, StoreError
    if the blob cannot be read.
    """
    pieces = (
        blobs.read(blob_id, offset, min(limits.CHUNK_BYTES, blob_size - offset))
        for offset in range(0, blob_size, limits.CHUNK_BYTES)
    )
    return open_chunks(key, pieces, size=size, digest=digest)
