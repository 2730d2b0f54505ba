"""The walk through the files of a directory: the client workflow of The Update Framework.

Every rule on signatures, thresholds, versions, lengths, hashes and expiry is applied by
python-tuf's `TrustedMetadataSet`, as it is. This module does what that one leaves to its
caller: which file comes next, under which name and limit, and what of the files at hand
may be used again. It is sans-IO: a walk is a generator that asks for files, and a
`Dialogue` runs one, so that asynchronous and synchronous callers drive the same code.

Files at hand count as seen before: they are not asked for again, and nothing older than
they are is accepted. They are verified like any other. What was accepted so far is in
`files`, also when the walk then fails; whether a part of it is worth keeping is for the
caller to say. Homeward's own rules are not here but in `directory`, so that any other
TUF repository with consistent snapshots can be walked through too.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final

from tuf.api import exceptions as tuf_errors
from tuf.api.metadata import MetaFile, Root, Signed, Targets  # type: ignore[attr-defined]
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from keys.directory_files import (
    STANDARD_LIMITS,
    TIMESTAMP_NAME,
    DirectoryFiles,
    DirectoryLimits,
    metadata_name,
    metadata_version,
)
from keys.directory_form import check_form
from keys.directory_trust import refusals
from keys.errors import DirectoryError, DirectoryFault

_NEVER: Final = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A file that is wanted, and how many bytes of it to read at most."""

    name: str
    max_bytes: int


Walk = Generator[FileRequest, bytes | None, None]
"""Asks for files one by one; is sent the bytes, or None where the source has no such file."""


class FileNotThere(DirectoryError):
    """The source does not have a file."""

    def __init__(self, name: str) -> None:
        super().__init__(DirectoryFault.MISSING, name)


class Dialogue:
    """Runs a walk: `wanted` and `give` in turn, until nothing is wanted."""

    def __init__(self, walk: Walk) -> None:
        """Go up to the first file that is wanted.

        Raises:
            DirectoryError: it comes to nothing already.
        """
        self._walk = walk
        self._wanted: FileRequest | None = None
        self._step(None)

    @property
    def wanted(self) -> FileRequest | None:
        """The file to give next; None when the walk is done."""
        return self._wanted

    def give(self, untrusted_data: bytes | None) -> None:
        """Hand over the wanted file, or None where the source does not have it.

        Raises:
            DirectoryError: the file, or what it implies, is refused; the walk is over.
            RuntimeError: no file is wanted.
        """
        if self._wanted is None:
            raise RuntimeError("no file is wanted")
        max_bytes, self._wanted = self._wanted.max_bytes, None
        if untrusted_data is not None and len(untrusted_data) > max_bytes:
            self._walk.close()
            raise DirectoryError(DirectoryFault.TOO_LARGE)
        self._step(untrusted_data)

    def give_all(self, fetch: Callable[[str], bytes | None]) -> None:
        """Drive the walk to its end with a synchronous source.

        Raises:
            DirectoryError: as `give`.
        """
        while self._wanted is not None:
            self.give(fetch(self._wanted.name))

    def _step(self, untrusted_data: bytes | None) -> None:
        with refusals(), contextlib.suppress(StopIteration):
            self._wanted = self._walk.send(untrusted_data)


class DirectoryWalk:
    """One way through root, timestamp, snapshot and targets, in this order.

    The methods are walks, to be run to their end one after the other. At a time of None
    nothing is expired: what such a walk accepts was good until its earliest expiry.
    """

    def __init__(
        self,
        current: DirectoryFiles,
        trusted_root: bytes,
        *,
        at_ms: int | None,
        limits: DirectoryLimits = STANDARD_LIMITS,
    ) -> None:
        """Start from the files at hand and the root file that is trusted.

        Raises:
            DirectoryError: the trusted root is not one that its own keys sign.
        """
        self._current = current
        self._limits = limits
        if len(trusted_root) > limits.root_bytes:
            raise DirectoryError(DirectoryFault.TOO_LARGE, "root")
        with refusals():
            check_form(trusted_root)
            self.trusted = TrustedMetadataSet(trusted_root, EnvelopeType.METADATA)
        self.trusted.reference_time = (
            _NEVER if at_ms is None else datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC)
        )
        self.files = {metadata_name("root", self.trusted.root.version): trusted_root}
        self.known_timestamp_version: int | None = None

    def top_level(self, check_root: Callable[[Root], None] = lambda _: None) -> Walk:
        """Walk from the trusted root to the targets; `check_root` sees every root file.

        The numbers are the sections of the TUF specification.
        """
        check_root(self.trusted.root)
        yield from self._roots(check_root)  # 5.3
        yield from self._timestamp()  # 5.4
        yield from self._snapshot()  # 5.5
        yield from self.targets("targets", "root", self._limits.targets_bytes)  # 5.6

    def targets(self, role: str, delegator: str, max_bytes: int) -> Walk:
        """Take the targets file of a role, which the delegator has keys for.

        The delegator's own file must have been taken before.
        """
        if self.trusted.contains(role, delegator):
            return
        meta = self.trusted.snapshot.meta.get(f"{role}.json")
        if meta is None:
            raise DirectoryError(DirectoryFault.MALFORMED, f"snapshot without {role}")

        def update(data: bytes) -> Targets:
            return self.trusted.update_delegated_targets(data, role, delegator)

        yield from self._metadata(role, meta, max_bytes, update)

    def take(self, request: FileRequest, verify: Callable[[bytes], object]) -> Walk:
        """Verify and keep a file: the one at hand if it will do, else one from the source.

        Raises:
            FileNotThere: the source does not have it.
        """
        data = self._current.get(request.name)
        if data is not None and len(data) <= request.max_bytes:
            with contextlib.suppress(tuf_errors.RepositoryError):
                verify(data)
                self.files[request.name] = data
                return
        data = yield request
        if data is None:
            raise FileNotThere(request.name)
        verify(data)
        self.files[request.name] = data

    def _roots(self, check_root: Callable[[Root], None]) -> Walk:
        for _ in range(self._limits.root_rotations):
            name = metadata_name("root", self.trusted.root.version + 1)
            try:
                yield from self.take(FileRequest(name, self._limits.root_bytes), self._update_root)
            except FileNotThere:
                break
            check_root(self.trusted.root)
        self._refuse_expired(self.trusted.root)

    def _update_root(self, data: bytes) -> None:
        check_form(data)
        self.trusted.update_root(data)

    def _timestamp(self) -> Walk:
        known = self._current.get(TIMESTAMP_NAME)
        if known is not None:
            # Expired, it still keeps older ones out; not signed by the root's
            # present keys, it counts for nothing (5.3.11).
            with contextlib.suppress(tuf_errors.RepositoryError):
                self._update_timestamp(known)
            if "timestamp" in self.trusted:
                self.known_timestamp_version = self.trusted.timestamp.version
        data = yield FileRequest(TIMESTAMP_NAME, self._limits.timestamp_bytes)
        if data is None:
            raise FileNotThere(TIMESTAMP_NAME)
        try:
            self._update_timestamp(data)
        except tuf_errors.EqualVersionNumberError:
            data = known or data
        self._refuse_expired(self.trusted.timestamp)
        self.files[TIMESTAMP_NAME] = data

    def _update_timestamp(self, data: bytes) -> None:
        check_form(data)
        self.trusted.update_timestamp(data)

    def _snapshot(self) -> Walk:
        self._recall_snapshot()
        meta, max_bytes = self.trusted.timestamp.snapshot_meta, self._limits.snapshot_bytes
        yield from self._metadata("snapshot", meta, max_bytes, self.trusted.update_snapshot)

    def _recall_snapshot(self) -> None:
        """Let the newest snapshot at hand bar older versions of what it lists."""
        versions = (metadata_version(name, "snapshot") for name in self._current)
        for version in sorted((each for each in versions if each is not None), reverse=True):
            known = self._current[metadata_name("snapshot", version)]
            with contextlib.suppress(tuf_errors.RepositoryError):
                check_form(known)
                self.trusted.update_snapshot(known, trusted=True)
            # Like a timestamp: one that the present keys did not sign counts for nothing.
            if "snapshot" in self.trusted:
                return

    def _metadata(
        self, role: str, meta: MetaFile, limit_bytes: int, update: Callable[[bytes], object]
    ) -> Walk:
        def verify(data: bytes) -> None:
            meta.verify_length_and_hashes(data)
            check_form(data)
            update(data)

        max_bytes = limit_bytes if meta.length is None else min(meta.length, limit_bytes)
        yield from self.take(FileRequest(metadata_name(role, meta.version), max_bytes), verify)

    def _refuse_expired(self, signed: Signed) -> None:
        if signed.is_expired(self.trusted.reference_time):
            raise tuf_errors.ExpiredMetadataError(f"{signed.type} is expired")
