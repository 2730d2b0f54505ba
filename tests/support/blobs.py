"""A blob that is sent in pieces, and what a folder of blobs may hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

from node.store.blobs import BlobStore
from protocol.ids import BlobId

DATA = b"".join(hashlib.sha256(number.to_bytes(4)).digest() for number in range(5000))
BLOB_ID = BlobId(hashlib.sha256(DATA).digest())
SIZE = len(DATA)
HALF = SIZE // 2


def upload(store: BlobStore, data: bytes = DATA) -> None:
    """Send all that is missing, in two pieces, and finish: what a sender does after any break."""
    if store.is_complete(BLOB_ID):
        return
    held = store.held(BLOB_ID)
    middle = max(held, HALF)
    store.append(BLOB_ID, held, data[held:middle], SIZE)
    store.append(BLOB_ID, middle, data[middle:], SIZE)
    store.finish(BLOB_ID, SIZE)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_invariants(folder: Path) -> None:
    """Whatever happened, a reopened store holds blobs and beginnings, and nothing else."""
    for name, data in contents(folder).items():
        if name.endswith(".part"):
            assert DATA.startswith(data)
            assert not (folder / name.removesuffix(".part")).exists()
        else:
            assert hashlib.sha256(data).hexdigest() == name
