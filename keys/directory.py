"""The federation directory as a node reads it: who is a member, with which keys.

The files follow The Update Framework, and are walked through by its rules (see
`directory_walk`). On top of that:

- only composite keys are accepted, else one half could be left out;
- all root files name the same federation;
- every member file is well formed, named after its member, and no key has two owners;
- one role may be delegated to, which can suspend members; a suspension that was seen
  does not go away unless the membership role has ended it.

`DirectoryUpdate` is sans-IO: it says which file it wants next and is given the bytes.
Nothing is written anywhere; an error leaves the caller with what it had. Expired
metadata is refused against the time that the caller gives, with one exception: a node
that has a directory takes one that is newer although it is late, since it is still
better than an older one. How far a late directory may be relied on, `freshness` says.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from tuf.api.exceptions import ExpiredMetadataError
from tuf.api.metadata import Root, Signed  # type: ignore[attr-defined]

from keys.directory_files import (
    STANDARD_LIMITS,
    TIMESTAMP_NAME,
    DirectoryFiles,
    DirectoryLimits,
    newest_version,
)
from keys.directory_suspensions import Suspensions, check_kept, walk_suspensions
from keys.directory_trust import (
    MEMBER_SUFFIX,
    check_root,
    federation_of,
    has_suspend_role,
    member_file_name,
)
from keys.directory_walk import Dialogue, DirectoryWalk, FileRequest, Walk
from keys.errors import DirectoryError, DirectoryFault
from keys.members import LogKeyRecord, MemberRecord, MemberStatus, check_distinct, parse_member
from keys.suspension import SUSPEND_ROLE
from protocol.ids import DIGEST_BYTES, NodeId
from protocol.limits import DIRECTORY_GRACE_MS


class Freshness(enum.Enum):
    """How far a node may rely on its directory, by when that expired (SPEC.md 10.5)."""

    FRESH = "fresh"
    # Expired, within the time of grace: everything goes on, with loud warnings.
    OVERDUE = "overdue"
    # Beyond it: what is known goes on, keys that were never met before are not taken.
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A verified directory, in memory."""

    federation_id: bytes
    federation_name: str
    # That of the snapshot: it rises with every publication, also of a suspension.
    version: int
    members: Mapping[NodeId, MemberRecord]
    expires_at_ms: int
    # Those in force: since when.
    suspensions: Mapping[NodeId, int] = field(default_factory=lambda: MappingProxyType({}))

    def member(self, node_id: NodeId) -> MemberRecord | None:
        """Return the member's record, whatever its status."""
        return self.members.get(node_id)

    def is_member(self, node_id: NodeId) -> bool:
        """Whether the directory names this node at all, in whatever status."""
        return node_id in self.members

    def is_active(self, node_id: NodeId) -> bool:
        """Whether the member is neither suspended nor revoked."""
        member = self.members.get(node_id)
        is_active = member is not None and member.status is MemberStatus.ACTIVE
        return is_active and node_id not in self.suspensions

    def suspended_since_ms(self, node_id: NodeId) -> int | None:
        """Return since when the role suspend has suspended the member; None: it has not."""
        return self.suspensions.get(node_id)

    def key_for(self, node_id: NodeId, key_id: bytes, at_ms: int) -> LogKeyRecord | None:
        """Return the member's log key with this id if it was good at that time."""
        member = self.members.get(node_id)
        key = None if member is None else member.log_key(key_id)
        return key if key is not None and key.is_good_at(at_ms) else None

    def usable_keys(self, node_id: NodeId, made_at_ms: int) -> tuple[LogKeyRecord, ...]:
        """Return the member's log keys under which something made at that time is taken now."""
        return tuple(key for key in self.keys_of(node_id) if key.is_usable_for(made_at_ms))

    def keys_of(self, node_id: NodeId) -> tuple[LogKeyRecord, ...]:
        """Return all log keys of a member, good or not."""
        member = self.members.get(node_id)
        return () if member is None else member.log_keys

    def freshness(self, now_ms: int, grace_ms: int = DIRECTORY_GRACE_MS) -> Freshness:
        """Return how far to rely on it now."""
        if now_ms < self.expires_at_ms:
            return Freshness.FRESH
        is_in_grace = now_ms < self.expires_at_ms + grace_ms
        return Freshness.OVERDUE if is_in_grace else Freshness.STALE


NO_DIRECTORY: Final = Directory(
    federation_id=bytes(DIGEST_BYTES),
    federation_name="",
    version=0,
    members=MappingProxyType({}),
    expires_at_ms=0,
)
"""What a node has before it joins: a directory of nobody."""


@dataclass(frozen=True, slots=True)
class DirectoryOutcome:
    """A verified directory with exactly the files it stands on."""

    directory: Directory
    files: DirectoryFiles
    is_changed: bool
    # It had expired already when it was taken.
    is_late: bool = False


class _Reading:
    """One walk with Homeward's rules on top, at one reference time."""

    def __init__(
        self,
        walk: DirectoryWalk,
        *,
        limits: DirectoryLimits,
        has_suspensions: bool,
    ) -> None:
        self.walk = walk
        self._limits = limits
        self._has_suspensions = has_suspensions
        self._federation_id, _ = federation_of(walk.trusted.root)
        self._members: dict[NodeId, MemberRecord] = {}
        self._suspensions: Suspensions = {}

    def run(self) -> Walk:
        """Walk through everything that makes up the directory."""
        yield from self.walk.top_level(self._check_root)
        is_delegating = has_suspend_role(self.walk.trusted.targets)
        yield from self._member_files()
        if is_delegating and self._has_suspensions:
            found = self._suspensions
            yield from walk_suspensions(self.walk, self._members, found, self._limits)

    def check_newer_than(self, known: DirectoryFiles) -> None:
        """Refuse to lose what was known.

        Raises:
            DirectoryError: SUSPENSION_DROPPED.
        """
        check_kept(known, self._members, self._suspensions)

    def directory(self) -> Directory:
        """Return what was found; the walk must be at its end."""
        trusted = self.walk.trusted
        roles: list[Signed] = [trusted.root, trusted.timestamp, trusted.snapshot, trusted.targets]
        if SUSPEND_ROLE in trusted:
            roles.append(trusted[SUSPEND_ROLE])
        return Directory(
            federation_id=self._federation_id,
            federation_name=federation_of(trusted.root)[1],
            version=trusted.snapshot.version,
            members=MappingProxyType(self._members),
            expires_at_ms=min(int(role.expires.timestamp()) for role in roles) * 1000,
            suspensions=MappingProxyType(
                {
                    node_id: suspension.suspended_at_ms
                    for node_id, suspension in self._suspensions.items()
                    if suspension.is_in_force(self._members[node_id])
                }
            ),
        )

    def _check_root(self, root: Root) -> None:
        check_root(root)
        if federation_of(root)[0] != self._federation_id:
            raise DirectoryError(DirectoryFault.FEDERATION)

    def _member_files(self) -> Walk:
        targets = self.walk.trusted.targets.targets.values()
        if sum(target.length for target in targets) > self._limits.members_bytes:
            raise DirectoryError(DirectoryFault.TOO_LARGE, "members")
        for target in targets:
            if target.length > self._limits.member_bytes:
                raise DirectoryError(DirectoryFault.TOO_LARGE, "member")
            request = FileRequest(member_file_name(target), target.length)
            yield from self.walk.take(request, target.verify_length_and_hashes)
            member = parse_member(self.walk.files[request.name])
            if target.path != member.node_id + MEMBER_SUFFIX:
                raise DirectoryError(DirectoryFault.MEMBER, "file name")
            self._members[member.node_id] = member
        check_distinct(self._members.values())


class DirectoryUpdate:
    """One update of a directory; `wanted` and `give` until nothing is wanted.

    Files in `current` count as seen before: they are not asked for again, and nothing
    older than they are is accepted. They are verified like any other.
    """

    def __init__(
        self,
        current: DirectoryFiles,
        trusted_root: bytes,
        *,
        now_ms: int,
        limits: DirectoryLimits = STANDARD_LIMITS,
        has_suspensions: bool = True,
    ) -> None:
        """Start from the files that the node has and the root file that it was installed with.

        Without `has_suspensions` the role suspend is not looked at, as for old evidence,
        which no suspension changes.

        Raises:
            DirectoryError: the trusted root or a current file is not usable.
        """
        self._current = current
        self._trusted_root = trusted_root
        self._limits = limits
        self._has_suspensions = has_suspensions
        self._answers: dict[str, bytes | None] = {}
        self._outcome: DirectoryOutcome | None = None
        self._dialogue = Dialogue(self._run(now_ms))

    @property
    def wanted(self) -> FileRequest | None:
        """The file to give next; None when the update is done."""
        return self._dialogue.wanted

    @property
    def outcome(self) -> DirectoryOutcome:
        """The verified directory.

        Raises:
            RuntimeError: the update is not done.
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
        self._dialogue.give(untrusted_data)

    def give_all(self, fetch: Callable[[str], bytes | None]) -> None:
        """Drive the update to its end with a synchronous source.

        Raises:
            DirectoryError: as `give`.
        """
        self._dialogue.give_all(fetch)

    def _run(self, now_ms: int) -> Walk:
        reading, late = self._reading(now_ms), None
        try:
            yield from self._asking_once(reading.run())
        except ExpiredMetadataError as error:
            late = error
        if late is not None:
            # Whoever has nothing yet has nothing to measure it by: it could be years old.
            if TIMESTAMP_NAME not in self._current:
                raise late
            reading = self._reading(None)
            yield from self._asking_once(reading.run())
            if not self._is_forward(reading.walk):
                raise late
        reading.check_newer_than(self._current)
        files = reading.walk.files
        self._outcome = DirectoryOutcome(
            reading.directory(),
            MappingProxyType(files),
            is_changed=any(self._current.get(name) != data for name, data in files.items()),
            is_late=late is not None,
        )

    def _reading(self, at_ms: int | None) -> _Reading:
        walk = DirectoryWalk(self._current, self._trusted_root, at_ms=at_ms, limits=self._limits)
        return _Reading(walk, limits=self._limits, has_suspensions=self._has_suspensions)

    def _asking_once(self, walk: Walk) -> Walk:
        """Ask the source for no file twice, although a late directory is read twice."""
        with contextlib.suppress(StopIteration):
            request = next(walk)
            while True:
                if request.name not in self._answers:
                    self._answers[request.name] = yield request
                request = walk.send(self._answers[request.name])

    def _is_forward(self, walk: DirectoryWalk) -> bool:
        """Whether it is newer than what is at hand; that no part is older, the walk has seen."""
        known_root = newest_version(self._current, "root")
        known_timestamp = walk.known_timestamp_version
        return walk.trusted.root.version > known_root > 0 or (
            known_timestamp is not None and walk.trusted.timestamp.version > known_timestamp
        )


def load_directory(
    files: DirectoryFiles,
    trusted_root: bytes,
    *,
    now_ms: int,
    limits: DirectoryLimits = STANDARD_LIMITS,
) -> Directory:
    """Verify files that are all at hand.

    Raises:
        DirectoryError: they are not a whole, valid directory at that time.
    """
    return update_directory({}, files.get, trusted_root, now_ms=now_ms, limits=limits).directory


def load_kept_directory(
    files: DirectoryFiles, trusted_root: bytes, *, limits: DirectoryLimits = STANDARD_LIMITS
) -> Directory:
    """Verify the files that a node keeps, as of the last moment at which they were good.

    A node must come up and reach the peers that it knows even when nobody could renew
    the directory for a while. `Directory.freshness` tells that it is overdue.

    Raises:
        DirectoryError: they are not a whole, valid directory.
    """
    # Nothing in a walk depends on its time but whether files have expired.
    walk = DirectoryWalk({}, trusted_root, at_ms=None, limits=limits)
    reading = _Reading(walk, limits=limits, has_suspensions=True)
    Dialogue(reading.run()).give_all(files.get)
    return reading.directory()


def update_directory(
    current: DirectoryFiles,
    fetch: Callable[[str], bytes | None],
    trusted_root: bytes,
    *,
    now_ms: int,
    limits: DirectoryLimits = STANDARD_LIMITS,
) -> DirectoryOutcome:
    """Drive a `DirectoryUpdate` with a synchronous source of files.

    Raises:
        DirectoryError: what the source offers is older, or not valid; keep `current`.
    """
    update = DirectoryUpdate(current, trusted_root, now_ms=now_ms, limits=limits)
    update.give_all(fetch)
    return update.outcome
