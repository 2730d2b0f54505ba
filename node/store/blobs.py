"""The blob store: encrypted attachments as files, named by their SHA-256.

Invariants, also after a crash at any point:
- `<hex id>` is a complete blob, durable, and its bytes have that digest;
- `<hex id>.part` is the beginning of an upload, possibly shorter than what came
  in. Bytes that a power cut left torn are found by the digest at the end;
- `own-*` is a file of this process on its way in, and swept at the next start.

What arrives is flushed before it counts: bytes, name, folder. A write that fails
is taken back. Two senders of one blob share its part: wrong bytes of one cost
both a new start, and never make a wrong blob.

Callers are threads; every method blocks. One process owns the folder. Keys, and
which blobs were announced by whom, are the caller's business.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import itertools
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from node.errors import StoreError
from protocol import limits
from protocol.errors import PeerError, RefusalCode
from protocol.ids import DIGEST_BYTES, BlobId

PIECE_BYTES: Final = limits.MIB

_COMPLETE = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"([0-9a-f]{64})\.part")
_OWN: Final = "own-"
# Uploads of different blobs rarely wait for each other; one blob has one lock.
_LOCKS: Final = 16


class _Running(NamedTuple):
    """The digest over the first `size` bytes of a part, as they came in."""

    size: int
    hasher: hashlib._Hash


def _no_hook(stage: str) -> None:
    """Do nothing at a durable write; the simulator hands in something else."""


class BlobStore:
    """The blobs of one node.

    `on_durable` is called with `blob_bytes:before`, `blob_bytes:after`, and so
    on for `blob_name` and `blob_removal`. To stand for a crash it raises a
    `BaseException` that is no `Exception`: then nothing is tidied up.
    """

    def __init__(self, folder: Path, on_durable: Callable[[str], None] = _no_hook) -> None:
        """Open (or make) the folder.

        Raises:
            StoreError: the folder cannot be made or written.
        """
        self._folder = folder
        self._on_durable = on_durable
        self._running: dict[BlobId, _Running] = {}
        self._locks = tuple(threading.Lock() for _ in range(_LOCKS))
        self._own_numbers = itertools.count()
        with _translated():
            self._prepare_folder()

    # Uploads

    def held(self, blob_id: BlobId) -> int:
        """Return how many bytes of the blob are here: where an upload goes on."""
        with _translated():
            return _size(self._path(blob_id)) or _size(self._part(blob_id))

    def is_complete(self, blob_id: BlobId) -> bool:
        """Whether the whole blob is here, durable and with the right digest."""
        return self._path(blob_id).exists()

    def append(self, blob_id: BlobId, offset: int, data: bytes, size_limit: int) -> int:
        """Add bytes to an upload; return what is held once they are durable.

        Each call costs an fsync: hand in a mebibyte or so at a time.

        Raises:
            PeerError: BLOB_OFFSET: `offset` is not what is held; BLOB_TOO_LONG:
                the blob would exceed `size_limit`. Nothing was added.
            StoreError: the disk did not take it; nothing was added.
        """
        with self._lock(blob_id), _translated():
            held = self.held(blob_id)
            if offset != held:
                raise PeerError(RefusalCode.BLOB_OFFSET)
            if not data:
                return held
            # What follows a complete blob is too long, whatever size was announced.
            if held + len(data) > size_limit or self.is_complete(blob_id):
                raise PeerError(RefusalCode.BLOB_TOO_LONG)
            hasher = self._hasher(blob_id, held)
            self._append_durably(self._part(blob_id), held, data)
            hasher.update(data)
            self._running[blob_id] = _Running(held + len(data), hasher)
            return held + len(data)

    def finish(self, blob_id: BlobId, size: int) -> None:
        """Make a blob of the upload; does nothing if it is one already.

        Raises:
            PeerError: BLOB_TOO_SHORT: bytes are missing, the part is kept;
                BLOB_TOO_LONG, BLOB_DIGEST: the part was not this blob and is gone.
            StoreError: the disk failed; the part is kept.
        """
        with self._lock(blob_id), _translated():
            held = self.held(blob_id)
            if held < size or held == 0:
                raise PeerError(RefusalCode.BLOB_TOO_SHORT)
            if self.is_complete(blob_id):
                if held > size:
                    raise PeerError(RefusalCode.BLOB_TOO_LONG)
                return
            if held > size:
                self._remove(blob_id)
                raise PeerError(RefusalCode.BLOB_TOO_LONG)
            if self._hasher(blob_id, held).digest() != blob_id:
                self._remove(blob_id)
                raise PeerError(RefusalCode.BLOB_DIGEST)
            self._name(self._part(blob_id), blob_id)

    # The node's own files

    def put_file(self, pieces: Iterable[bytes]) -> tuple[BlobId, int]:
        """Keep ciphertext of our own; return its id and size once it is durable.

        What iterating `pieces` raises passes through, and nothing is kept.

        Raises:
            StoreError: the disk did not take it; nothing is kept.
        """
        own = self._folder / f"{_OWN}{next(self._own_numbers)}"
        with _translated():
            try:
                blob_id, size = self._write_own(own, pieces)
                with self._lock(blob_id):
                    self._adopt(own, blob_id)
            except Exception:
                own.unlink(missing_ok=True)
                raise
        return blob_id, size

    # Complete blobs

    def read(self, blob_id: BlobId, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a complete blob; fewer only at its end.

        Raises:
            StoreError: `blob_missing`, or the disk failed.
        """
        if offset < 0 or length < 0:
            raise ValueError("offset and length are not negative")
        with _translated(), self._open_blob(blob_id) as file:
            # Not a buffer for more than there is, whatever the request asks for.
            left = max(0, os.fstat(file.fileno()).st_size - offset)
            file.seek(offset)
            return file.read(min(length, left))

    def pieces(self, blob_id: BlobId) -> Iterator[bytes]:
        """Yield a complete blob from its beginning, a mebibyte at a time.

        Raises:
            StoreError: `blob_missing` (also when it is deleted meanwhile).
        """
        offset = 0
        while piece := self.read(blob_id, offset, PIECE_BYTES):
            yield piece
            offset += len(piece)

    def delete(self, blob_id: BlobId) -> None:
        """Remove the blob, complete or not; durable on return, and may be repeated.

        The file is unlinked and not overwritten: it holds ciphertext, which is
        unreadable once its key is destroyed, and on today's disks overwriting
        would reach a copy at best.

        Raises:
            StoreError: the disk failed; call again.
        """
        with self._lock(blob_id), _translated():
            self._remove(blob_id)

    def ids(self) -> set[BlobId]:
        """Return the complete blobs."""
        return self._matching(_COMPLETE)

    def unfinished_ids(self) -> set[BlobId]:
        """Return the uploads that are not complete, for whoever clears them away."""
        return self._matching(_PART)

    # Inside: who writes holds the blob's lock

    def _lock(self, blob_id: BlobId) -> threading.Lock:
        return self._locks[_checked(blob_id)[0] % _LOCKS]

    def _hasher(self, blob_id: BlobId, held: int) -> hashlib._Hash:
        """Return the digest of the part: kept from the last append, else read again."""
        running = self._running.pop(blob_id, None)
        if running is not None and running.size == held:
            return running.hasher
        if held == 0:
            return hashlib.sha256()
        with self._part(blob_id).open("rb") as file:
            return hashlib.file_digest(file, "sha256")

    def _append_durably(self, path: Path, held: int, data: bytes) -> None:
        with _open_private(path, "ab") as file:
            try:
                with self._durable("blob_bytes"):
                    _write_all(file, data)
                    # If we crash here the part is as long as the disk got; the
                    # sender asks for its length and goes on from there.
                    os.fsync(file.fileno())
                    if held == 0:
                        _sync_folder(self._folder)
            except OSError:
                # After a failed fsync nobody knows which bytes are on the disk.
                with contextlib.suppress(OSError):
                    os.ftruncate(file.fileno(), held)
                raise

    def _write_own(self, path: Path, pieces: Iterable[bytes]) -> tuple[BlobId, int]:
        hasher = hashlib.sha256()
        size = 0
        with self._durable("blob_bytes"), _open_private(path, "xb") as file:
            for piece in pieces:
                hasher.update(piece)
                size += len(piece)
                _write_all(file, piece)
            os.fsync(file.fileno())
        return BlobId(hasher.digest()), size

    def _adopt(self, own: Path, blob_id: BlobId) -> None:
        if self.is_complete(blob_id):
            own.unlink()
            return
        self._name(own, blob_id)
        # A peer may have offered the same; what it sent is needed no more.
        self._part(blob_id).unlink(missing_ok=True)

    def _name(self, source: Path, blob_id: BlobId) -> None:
        """Give a whole file its name; from here on it counts."""
        target = self._path(blob_id)
        with self._durable("blob_name"):
            # Bytes that an earlier life of this process wrote may not be on the disk.
            _sync_file(source)
            # If we crash before the rename, the next start finds a part, and the
            # next `finish` comes back to here; after it, a complete blob.
            source.rename(target)
            try:
                _sync_folder(self._folder)
            except OSError:
                # A name that a power cut may take away does not count.
                target.rename(source)
                raise
        self._running.pop(blob_id, None)

    def _remove(self, blob_id: BlobId) -> None:
        self._running.pop(blob_id, None)
        with self._durable("blob_removal"):
            self._part(blob_id).unlink(missing_ok=True)
            self._path(blob_id).unlink(missing_ok=True)
            _sync_folder(self._folder)

    def _prepare_folder(self) -> None:
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700, parents=True)
            _sync_folder(self._folder.parent)
        self._folder.chmod(0o700)
        for leftover in self._folder.glob(f"{_OWN}*"):
            leftover.unlink()
        # If the last process died between a rename and its flush, the name counts
        # only from here.
        _sync_folder(self._folder)

    @contextlib.contextmanager
    def _durable(self, write: str) -> Iterator[None]:
        self._on_durable(f"{write}:before")
        yield
        self._on_durable(f"{write}:after")

    def _matching(self, form: re.Pattern[str]) -> set[BlobId]:
        with _translated():
            found = [form.fullmatch(path.name) for path in self._folder.iterdir()]
        return {BlobId(bytes.fromhex(match[0][:64])) for match in found if match}

    def _open_blob(self, blob_id: BlobId) -> BinaryIO:
        try:
            return self._path(blob_id).open("rb")
        except FileNotFoundError as error:
            raise StoreError("blob_missing", "the attachment is not here") from error

    def _path(self, blob_id: BlobId) -> Path:
        return self._folder / _checked(blob_id).hex()

    def _part(self, blob_id: BlobId) -> Path:
        return self._path(blob_id).with_suffix(".part")


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn what the operating system raises into `StoreError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError(
                "disk_full", "the disk is full", "free some space; nothing was lost"
            ) from error
        raise StoreError(
            "blob_store_failed", "the attachments' folder could not be used", "see the node's log"
        ) from error


def _checked(blob_id: BlobId) -> BlobId:
    if len(blob_id) != DIGEST_BYTES:
        raise ValueError(f"a blob's id has {DIGEST_BYTES} bytes")
    return blob_id


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _open_private(path: Path, mode: str) -> io.FileIO:
    # Unbuffered: a buffer that outlives a failed write would be flushed by close().
    return io.FileIO(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def _write_all(file: io.FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
