"""Decrypt received files to where a person wants them: whole, or not at all.

Names come from us and not from the peer, which could have named a file after
something that is already there. Only files of kinds that this version sends get an
ending that a program would open by itself.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from node.cli.output import short
from node.errors import NodeError, StoreError
from node.exchange.received import opened_file
from node.home import Home
from node.store.blobs import BlobStore
from protocol.attachment import BrokenAttachment
from protocol.ids import BlobId

_ENDINGS = {"image/jpeg": ".jpg"}


def save(home: Path, files: list[dict[str, Any]], folder: Path, leg: str) -> list[str]:
    """Write all complete files of a leg into a folder; return their paths.

    Raises:
        NodeError: a file is not here yet, is broken, or cannot be written.
    """
    if not all(file["is_complete"] for file in files):
        raise NodeError("files_missing", "not all files are here yet", "try again later")
    blobs = BlobStore(Home(home).blobs)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    saved = []
    for number, file in enumerate(files, start=1):
        ending = _ENDINGS.get(file["media_type"], ".bin")
        path = folder / f"{short(leg)}-{number}{ending}"
        content = opened_file(
            blobs,
            BlobId(bytes.fromhex(file["blob_id"])),
            file["blob_size"],
            key=base64.b64decode(file["key"]),
            size=file["size"],
            digest=bytes.fromhex(file["digest"]),
        )
        _write(path, content)
        saved.append(str(path))
    return saved


def _write(path: Path, content: Iterable[bytes]) -> None:
    temporary = path.with_name(path.name + ".part")
    try:
        with temporary.open("wb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(file.fileno())
        # Only now is it known that the file is whole and the one that was announced.
        temporary.replace(path)
    except BrokenAttachment as error:
        raise NodeError("file_broken", "a file is not the one that was announced") from error
    except (OSError, StoreError) as error:
        raise NodeError("cannot_write", "a file cannot be written there") from error
    finally:
        temporary.unlink(missing_ok=True)
