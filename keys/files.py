"""Small files that must be whole or absent: stored atomically, destroyed for good.

A file is written beside its place, synced, renamed, and the folder synced: after
a crash there is the old file or the new one, and at most a `.tmp` beside it, which
the next store of that file overwrites. One process owns a folder at a time.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO

from keys.errors import KeyFileError, KeyFileExists

TEMPORARY_SUFFIX = ".tmp"

_OWNER_ONLY = 0o600


def load_file(path: Path, limit_bytes: int) -> bytes:
    """Read a file of at most `limit_bytes`.

    Raises:
        KeyFileError: it cannot be read, or is larger.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except OSError as error:
        raise KeyFileError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > limit_bytes:
        raise KeyFileError(f"{path} is larger than such a file can be")
    return data


def store_file(path: Path, data: bytes, *, is_replacing: bool) -> None:
    """Write the file durably, readable by its owner only.

    Raises:
        KeyFileExists: it exists and `is_replacing` is not set.
        KeyFileError: it cannot be written; what was there before is unchanged.
    """
    temporary = path.with_name(path.name + TEMPORARY_SUFFIX)
    try:
        if not is_replacing and path.exists():
            raise KeyFileExists(
                f"{path} exists already", "move it away first if it really is to be replaced"
            )
        _write_synced(temporary, data)
        # If we crash here the old file is still in place.
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise KeyFileError(f"cannot write {path}: {error.strerror}") from error


def supersede_file(path: Path, data: bytes) -> None:
    """Replace the file durably, then overwrite what it held before, as `destroy_file` does.

    Raises:
        KeyFileError: it cannot be replaced, or the old content not overwritten.
    """
    try:
        old = path.open("r+b")
    except OSError as error:
        raise KeyFileError(f"cannot read {path}: {error.strerror}") from error
    with old:
        store_file(path, data, is_replacing=True)
        # If we crash here the old content is left in blocks that no file has any more.
        try:
            _overwrite(old)
        except OSError as error:
            raise KeyFileError(f"cannot destroy {path}: {error.strerror}") from error


def destroy_file(path: Path) -> None:
    """Overwrite the file with zeros, sync, and remove it.

    On a spinning disk the old content is gone. On an SSD or a copy-on-write file
    system the overwrite may land elsewhere and the old blocks live on until they
    are reused: there only full-disk encryption makes the content unreadable.

    Raises:
        KeyFileError: it cannot be overwritten or removed.
    """
    try:
        with path.open("r+b") as file:
            _overwrite(file)
        # If we crash here a file of zeros is left; its owner removes it at the next start.
        path.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise KeyFileError(f"cannot destroy {path}: {error.strerror}") from error


def make_folder(folder: Path) -> None:
    """Make the folder for its owner only, unless it is there.

    Raises:
        KeyFileError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise KeyFileError(f"cannot make {folder}: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Make renames and removals in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _overwrite(file: IO[bytes]) -> None:
    file.write(bytes(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())


def _write_synced(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    # The mode is set at creation, so that there is no moment with a wider one.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
