"""The federation directory as a node reads it: who is a member, with which keys.

The files follow The Update Framework; every rule of its client workflow is applied
by python-tuf's `TrustedMetadataSet`, as it is. On top of that:

- every file has a limit that is checked before it is parsed;
- only composite keys are accepted in a root file, else one half could be left out;
- all root files name the same federation;
- every member file is well formed, named after its member, and no key has two owners;
- delegations are refused: ignoring one that suspends a member would be worse.

`DirectoryUpdate` is sans-IO: it says which file it wants next and is given the bytes,
so that asynchronous and synchronous callers drive the same code. Nothing is written
anywhere; an error leaves the caller with what it had. Expired metadata is refused
against the time that the caller gives: now, or the time of the evidence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tuf.api import exceptions as tuf_errors
from tuf.api.metadata import Metadata, MetaFile, Signed  # type: ignore[attr-defined]

from keys.directory_files import (
    TIMESTAMP_NAME,
    DirectoryFiles,
    metadata_name,
    newest_version,
)
from keys.directory_trust import (
    MEMBER_SUFFIX,
    check_root,
    federation_of,
    member_file_name,
    refusals,
    trust,
)
from keys.errors import DirectoryError, DirectoryFault
from keys.members import LogKeyRecord, MemberRecord, MemberStatus, check_distinct, parse_member
from protocol import limits
from protocol.ids import DIGEST_BYTES, NodeId

# All member files together, so that a huge directory cannot fill the memory.
MEMBERS_BYTES: Final = 64 * limits.MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A verified directory, in memory."""

    federation_id: bytes
    federation_name: str
    version: int
    members: Mapping[NodeId, MemberRecord]
    expires_at_ms: int

    def member(self, node_id: NodeId) -> MemberRecord | None:
        """Return the member's record, whatever its status."""
        return self.members.get(node_id)

    def is_member(self, node_id: NodeId) -> bool:
        """Whether the directory names this node at all, in whatever status."""
        return node_id in self.members

    def is_active(self, node_id: NodeId) -> bool:
        """Whether the member is neither suspended nor revoked."""
        member = self.members.get(node_id)
        return member is not None and member.status is MemberStatus.ACTIVE

    def key_for(self, node_id: NodeId, key_id: bytes, at_ms: int) -> LogKeyRecord | None:
        """Return the member's log key with this id if it was good at that time."""
        member = self.members.get(node_id)
        key = None if member is None else member.log_key(key_id)
        return key if key is not None and key.is_good_at(at_ms) else None

    def keys_of(self, node_id: NodeId) -> tuple[LogKeyRecord, ...]:
        """Return all log keys of a member, good or not."""
        member = self.members.get(node_id)
        return () if member is None else member.log_keys


NO_DIRECTORY: Final = Directory(
    federation_id=bytes(DIGEST_BYTES),
    federation_name="",
    version=0,
    members=MappingProxyType({}),
    expires_at_ms=0,
)
"""What a node has before it joins: a directory of nobody."""


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A directory file that is wanted, and how many bytes of it to read at most."""

    name: str
    max_bytes: int


@dataclass(frozen=True, slots=True)
class DirectoryOutcome:
    """A verified directory with exactly the files it stands on."""

    directory: Directory
    files: DirectoryFiles
    is_changed: bool


_Walk = Generator[FileRequest, bytes | None, None]


class _NotThere(DirectoryError):
    def __init__(self, name: str) -> None:
        super().__init__(DirectoryFault.MISSING, name)


class DirectoryUpdate:
    """One walk through the client workflow; `wanted` and `give` until nothing is wanted.

    Files in `current` count as seen before: they are not asked for again, and nothing
    older than they are is accepted. They are verified like any other.
    """

    def __init__(self, current: DirectoryFiles, trusted_root: bytes, *, now_ms: int) -> None:
        """Start from the files that the node has and the root file that it was installed with.

        Raises:
            DirectoryError: the trusted root or a current file is not usable.
        """
        self._current = current
        self._files: dict[str, bytes] = {}
        self._members: dict[NodeId, MemberRecord] = {}
        with refusals():
            self._trusted = trust(trusted_root, now_ms)
        self._federation_id = federation_of(self._trusted.root)[0]
        self._check_root()
        self._files[metadata_name("root", self._trusted.root.version)] = trusted_root
        self._outcome: DirectoryOutcome | None = None
        self._walk = self._run()
        self._wanted: FileRequest | None = None
        self._step(None)

    @property
    def wanted(self) -> FileRequest | None:
        """The file to give next; None when the walk is done."""
        return self._wanted

    @property
    def outcome(self) -> DirectoryOutcome:
        """The verified directory.

        Raises:
            RuntimeError: the walk is not done.
        """
        if self._outcome is None:
            raise RuntimeError("the update is not finished")
        return self._outcome

    def give(self, untrusted_data: bytes | None) -> None:
        """Hand over the wanted file, or None where the source does not have it.

        Raises:
            DirectoryError: the file, or what it implies, is refused; the update is over.
            RuntimeError: no file is wanted.
        """
        if self._wanted is None:
            raise RuntimeError("no file is wanted")
        max_bytes, self._wanted = self._wanted.max_bytes, None
        if untrusted_data is not None and len(untrusted_data) > max_bytes:
            self._walk.close()
            raise DirectoryError(DirectoryFault.TOO_LARGE)
        self._step(untrusted_data)

    def _step(self, untrusted_data: bytes | None) -> None:
        with refusals():
            try:
                self._wanted = self._walk.send(untrusted_data)
            except StopIteration:
                self._outcome = self._finish()

    def _run(self) -> _Walk:
        """Run the client workflow; the numbers are the sections of the TUF specification."""
        yield from self._roots()  # 5.3
        known_snapshot = yield from self._timestamp()  # 5.4
        yield from self._snapshot(known_snapshot)  # 5.5
        yield from self._targets()  # 5.6
        yield from self._member_files()  # 5.7

    def _roots(self) -> _Walk:
        for _ in range(limits.DIRECTORY_ROOT_ROTATIONS):
            name = metadata_name("root", self._trusted.root.version + 1)
            try:
                request = FileRequest(name, limits.DIRECTORY_ROOT_BYTES)
                yield from self._take(request, self._trusted.update_root)
            except _NotThere:
                return
            self._check_root()

    def _timestamp(self) -> Generator[FileRequest, bytes | None, int | None]:
        """Take the newer timestamp; return the version of the snapshot that was known before."""
        known_snapshot = None
        known = self._current.get(TIMESTAMP_NAME)
        if known is not None:
            # Expired, it still keeps older ones out; not signed by the root's
            # present keys, it counts for nothing (5.3.11).
            with contextlib.suppress(tuf_errors.RepositoryError):
                self._trusted.update_timestamp(known)
            if "timestamp" in self._trusted:
                known_snapshot = self._trusted.timestamp.snapshot_meta.version
        data = yield FileRequest(TIMESTAMP_NAME, limits.DIRECTORY_TIMESTAMP_BYTES)
        if data is None:
            raise _NotThere(TIMESTAMP_NAME)
        try:
            self._trusted.update_timestamp(data)
        except tuf_errors.EqualVersionNumberError:
            data = known or data
        self._files[TIMESTAMP_NAME] = data
        return known_snapshot

    def _snapshot(self, known_version: int | None) -> _Walk:
        if known_version is not None:
            known = self._current.get(metadata_name("snapshot", known_version))
            if known is not None:
                # No longer the right one, it still bars older versions of the targets.
                with contextlib.suppress(tuf_errors.RepositoryError):
                    self._trusted.update_snapshot(known, trusted=True)
        meta = self._trusted.timestamp.snapshot_meta
        request = _request("snapshot", meta, limits.DIRECTORY_SNAPSHOT_BYTES)
        yield from self._take(request, self._trusted.update_snapshot)

    def _targets(self) -> _Walk:
        meta = self._trusted.snapshot.meta.get("targets.json")
        if meta is None:
            raise DirectoryError(DirectoryFault.MALFORMED, "snapshot without targets")
        request = _request("targets", meta, limits.DIRECTORY_TARGETS_BYTES)
        yield from self._take(request, self._trusted.update_targets)
        if self._trusted.targets.delegations is not None:
            raise DirectoryError(DirectoryFault.UNSUPPORTED, "delegations")

    def _member_files(self) -> _Walk:
        targets = self._trusted.targets.targets.values()
        if sum(target.length for target in targets) > MEMBERS_BYTES:
            raise DirectoryError(DirectoryFault.TOO_LARGE, "members")
        for target in targets:
            if target.length > limits.MEMBER_BYTES:
                raise DirectoryError(DirectoryFault.TOO_LARGE, "member")
            request = FileRequest(member_file_name(target), target.length)
            yield from self._take(request, target.verify_length_and_hashes)
            member = parse_member(self._files[request.name])
            if target.path != member.node_id + MEMBER_SUFFIX:
                raise DirectoryError(DirectoryFault.MEMBER, "file name")
            self._members[member.node_id] = member
        check_distinct(self._members.values())

    def _take(self, request: FileRequest, verify: Callable[[bytes], object]) -> _Walk:
        """Verify and keep a file: the one at hand if it will do, else one from the source.

        Raises:
            _NotThere: the source does not have it.
        """
        data = self._current.get(request.name)
        if data is not None:
            with contextlib.suppress(tuf_errors.RepositoryError):
                verify(data)
                self._files[request.name] = data
                return
        data = yield request
        if data is None:
            raise _NotThere(request.name)
        verify(data)
        self._files[request.name] = data

    def _check_root(self) -> None:
        check_root(self._trusted.root)
        if federation_of(self._trusted.root)[0] != self._federation_id:
            raise DirectoryError(DirectoryFault.FEDERATION)

    def _finish(self) -> DirectoryOutcome:
        trusted = self._trusted
        federation_id, federation_name = federation_of(trusted.root)
        roles: tuple[Signed, ...] = (
            trusted.root, trusted.timestamp, trusted.snapshot, trusted.targets,
        )  # fmt: skip
        directory = Directory(
            federation_id=federation_id,
            federation_name=federation_name,
            version=trusted.targets.version,
            members=MappingProxyType(self._members),
            expires_at_ms=min(int(role.expires.timestamp()) for role in roles) * 1000,
        )
        changed = any(self._current.get(name) != data for name, data in self._files.items())
        return DirectoryOutcome(directory, MappingProxyType(self._files), is_changed=changed)


def load_directory(files: DirectoryFiles, trusted_root: bytes, *, now_ms: int) -> Directory:
    """Verify files that are all at hand.

    Raises:
        DirectoryError: they are not a whole, valid directory at that time.
    """
    return update_directory({}, files.get, trusted_root, now_ms=now_ms).directory


def load_kept_directory(files: DirectoryFiles, trusted_root: bytes, *, now_ms: int) -> Directory:
    """Verify the files that a node keeps; where they have expired, as of their last good time.

    A node must come up and reach the peers that it knows even when nobody could renew
    the directory for a while. `Directory.expires_at_ms` tells that it is overdue.

    Raises:
        DirectoryError: they are not a whole, valid directory.
    """
    try:
        return load_directory(files, trusted_root, now_ms=now_ms)
    except DirectoryError as error:
        if error.code is not DirectoryFault.EXPIRED:
            raise
    return load_directory(files, trusted_root, now_ms=_earliest_expiry_ms(files) - 1)


def _earliest_expiry_ms(files: DirectoryFiles) -> int:
    """Read when the first of these files expires; the load that follows verifies them."""
    dates = []
    for name, data in files.items():
        is_newest_root = name == metadata_name("root", newest_version(files, "root"))
        if name.endswith(".json") and (is_newest_root or not name.endswith(".root.json")):
            with refusals():
                dates.append(Metadata.from_bytes(data).signed.expires)
    return min(int(date.timestamp()) for date in dates) * 1000


def update_directory(
    current: DirectoryFiles,
    fetch: Callable[[str], bytes | None],
    trusted_root: bytes,
    *,
    now_ms: int,
) -> DirectoryOutcome:
    """Drive a `DirectoryUpdate` with a synchronous source of files.

    Raises:
        DirectoryError: what the source offers is older, or not valid; keep `current`.
    """
    update = DirectoryUpdate(current, trusted_root, now_ms=now_ms)
    while (wanted := update.wanted) is not None:
        update.give(fetch(wanted.name))
    return update.outcome


def _request(role: str, meta: MetaFile, limit_bytes: int) -> FileRequest:
    max_bytes = limit_bytes if meta.length is None else min(meta.length, limit_bytes)
    return FileRequest(metadata_name(role, meta.version), max_bytes)
