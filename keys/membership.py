"""The publishing side: how a federation is founded, members admitted, files renewed.

Pure over a mapping of directory files: each function takes the files there are and
returns all files there shall be; storing and distributing them is left to the
caller. Four roles with keys of their own: root says which keys count, targets says
who is a member, snapshot and timestamp say what is current. A change is a chain of

    admit / amend / renew_targets   (targets keys; nobody sees the result yet)
    publish                         (snapshot and timestamp keys)

and `publish` ends by reading its own result as a node would, so that what a node
would refuse is never given out. Holding a ceremony, keeping keys apart and deciding
whom to admit are people's work.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (  # type: ignore[attr-defined]
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from keys.directory import load_directory
from keys.directory_files import (
    TIMESTAMP_NAME,
    DirectoryFiles,
    metadata_name,
    metadata_version,
    newest_version,
)
from keys.directory_trust import FEDERATION_FIELD, MEMBER_SUFFIX, member_file_name
from keys.errors import DirectoryError, DirectoryFault, MembershipError
from keys.members import MemberRecord, check_distinct, encode_member, parse_member
from keys.tuf_keys import CompositeSigner
from keys.vault import RandomBytes
from protocol.errors import PeerError
from protocol.ids import DIGEST_BYTES, NodeId

# How long a file of each role is good. Timestamp: the longest that somebody can hide
# a suspension from a node; root: the ceremony with people in one room is once a year.
ROOT_DAYS: Final = 365
TARGETS_DAYS: Final = 180
SNAPSHOT_DAYS: Final = 30
TIMESTAMP_DAYS: Final = 7

Signers = Sequence[CompositeSigner]

_DAY_MS: Final = 24 * 3600 * 1000
_S = TypeVar("_S", Root, Targets, Snapshot, Timestamp)


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """Who signs for a role: the signers at hand, and how many signatures are needed.

    Raises:
        ValueError: the signers cannot reach the threshold.
    """

    signers: Signers
    threshold: int = 1

    def __post_init__(self) -> None:
        distinct = {signer.public_key.keyid for signer in self.signers}
        if not 1 <= self.threshold <= len(distinct):
            raise ValueError("the threshold is out of reach")


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationKeys:
    """The keys of the four roles; no key in two of them.

    Raises:
        ValueError: a key has two roles.
    """

    root: RoleKeys
    targets: RoleKeys
    snapshot: RoleKeys
    timestamp: RoleKeys

    def __post_init__(self) -> None:
        ids = [s.public_key.keyid for role in self.by_role().values() for s in role.signers]
        if len(set(ids)) != len(ids):
            raise ValueError("a key serves one role only")

    def by_role(self) -> Mapping[str, RoleKeys]:
        """Return the keys under the names that TUF gives the roles."""
        return {
            "root": self.root,
            "targets": self.targets,
            "snapshot": self.snapshot,
            "timestamp": self.timestamp,
        }


def create_federation(
    name: str, keys: FederationKeys, *, random: RandomBytes, now_ms: int
) -> dict[str, bytes]:
    """Found a federation without members: version 1 of every file.

    `1.root.json` of the result is what every node is installed with.

    Raises:
        DirectoryError: FEDERATION, the name is empty or too long.
    """
    root = Root(
        version=1,
        expires=_expiry(now_ms, ROOT_DAYS),
        consistent_snapshot=True,
        unrecognized_fields={FEDERATION_FIELD: {"id": random(DIGEST_BYTES).hex(), "name": name}},
    )
    _set_keys(root, keys)
    targets = Targets(version=1, expires=_expiry(now_ms, TARGETS_DAYS))
    files = {
        metadata_name("root", 1): _sign(root, keys.root.signers, root),
        metadata_name("targets", 1): _sign(targets, keys.targets.signers, root),
    }
    return publish(
        files, snapshot=keys.snapshot.signers, timestamp=keys.timestamp.signers, now_ms=now_ms
    )


def renew_root(
    files: DirectoryFiles, keys: FederationKeys, *, old_root: Signers, now_ms: int
) -> dict[str, bytes]:
    """Make the next root file: new keys, or the same ones for another year.

    Signed by the root keys before it and by its own. Files of a role whose keys were
    replaced must be renewed with the new keys before `publish`.

    Raises:
        MembershipError: the signers do not reach the threshold of the old root or the new.
    """
    old = _newest(files, Root)
    root = Root(
        version=old.version + 1,
        expires=_expiry(now_ms, ROOT_DAYS),
        consistent_snapshot=True,
        unrecognized_fields=old.unrecognized_fields,
    )
    _set_keys(root, keys)
    data = _sign(root, [*old_root, *keys.root.signers], root, old)
    return {**files, metadata_name("root", root.version): data}


def admit(
    files: DirectoryFiles, member: MemberRecord, *, targets: Signers, now_ms: int
) -> dict[str, bytes]:
    """Add a member.

    Raises:
        MembershipError: it is a member already, its record is not valid, a key has
            another owner, or the signers do not reach the threshold.
    """
    members = _members(files)
    if member.node_id in members:
        raise MembershipError(
            f"{member.node_id} is a member already", "amend the record instead of admitting it"
        )
    return _with_members(files, {**members, member.node_id: member}, targets, now_ms)


def amend(
    files: DirectoryFiles, member: MemberRecord, *, targets: Signers, now_ms: int
) -> dict[str, bytes]:
    """Replace a member's record: new keys or endpoints, suspended, revoked.

    Nobody is ever taken out: nodes must know whom not to trust any more.

    Raises:
        MembershipError: as `admit`, or it is not a member.
    """
    members = _members(files)
    if member.node_id not in members:
        raise MembershipError(f"{member.node_id} is not a member", "admit it first")
    return _with_members(files, {**members, member.node_id: member}, targets, now_ms)


def renew_targets(files: DirectoryFiles, *, targets: Signers, now_ms: int) -> dict[str, bytes]:
    """Sign the same members again, before the old signature expires or after new keys.

    Raises:
        MembershipError: the signers do not reach the threshold.
    """
    return _with_members(files, _members(files), targets, now_ms)


def publish(
    files: DirectoryFiles, *, snapshot: Signers, timestamp: Signers, now_ms: int
) -> dict[str, bytes]:
    """Make the newest targets current, with new snapshot and timestamp files.

    Returns only files that a node needs: superseded ones are left out.

    Raises:
        MembershipError: the signers do not reach the threshold.
        DirectoryError: a node would refuse the result.
    """
    root = _newest(files, Root)
    targets = _newest(files, Targets)
    new_snapshot = Snapshot(
        version=newest_version(files, "snapshot") + 1,
        expires=_expiry(now_ms, SNAPSHOT_DAYS),
        meta={"targets.json": _meta_file(targets.version, files[_name(targets)])},
    )
    snapshot_data = _sign(new_snapshot, snapshot, root)
    new_timestamp = Timestamp(
        version=_timestamp_version(files) + 1,
        expires=_expiry(now_ms, TIMESTAMP_DAYS),
        snapshot_meta=_meta_file(new_snapshot.version, snapshot_data),
    )
    roots = [name for name in files if metadata_version(name, "root") is not None]
    members = [member_file_name(target) for target in targets.targets.values()]
    published = {name: files[name] for name in (*roots, _name(targets), *members)}
    published[_name(new_snapshot)] = snapshot_data
    published[TIMESTAMP_NAME] = _sign(new_timestamp, timestamp, root)
    load_directory(published, _oldest_root(published), now_ms=now_ms)
    return published


def _with_members(
    files: DirectoryFiles,
    members: Mapping[NodeId, MemberRecord],
    signers: Signers,
    now_ms: int,
) -> dict[str, bytes]:
    try:
        check_distinct(members.values())
        contents = {
            member.node_id + MEMBER_SUFFIX: encode_member(member) for member in members.values()
        }
    except PeerError as error:
        raise MembershipError(f"the member's record is not valid ({error.detail})") from error
    target_files = {
        path: TargetFile.from_data(path, data, ["sha256"]) for path, data in contents.items()
    }
    targets = Targets(
        version=newest_version(files, "targets") + 1,
        expires=_expiry(now_ms, TARGETS_DAYS),
        targets=target_files,
    )
    member_files = {member_file_name(target_files[path]): contents[path] for path in contents}
    return {**files, **member_files, _name(targets): _sign(targets, signers, _newest(files, Root))}


def _members(files: DirectoryFiles) -> dict[NodeId, MemberRecord]:
    names = [member_file_name(t) for t in _newest(files, Targets).targets.values()]
    try:
        records = [parse_member(files[name]) for name in names]
    except KeyError:
        raise DirectoryError(DirectoryFault.MISSING, "member") from None
    except PeerError as error:
        raise DirectoryError(DirectoryFault.MEMBER, str(error)) from error
    return {record.node_id: record for record in records}


def _newest(files: DirectoryFiles, role: type[_S]) -> _S:
    """Read the newest file of a role; what the publisher holds was verified before."""
    name = metadata_name(role.type, newest_version(files, role.type))
    if name not in files:
        raise DirectoryError(DirectoryFault.MISSING, name)
    return _read(files[name], role)


def _read(data: bytes, role: type[_S]) -> _S:
    try:
        signed = Metadata[_S].from_bytes(data).signed
    except RepositoryError as error:
        raise DirectoryError(DirectoryFault.MALFORMED, str(error)) from error
    if not isinstance(signed, role):
        raise DirectoryError(DirectoryFault.MALFORMED, f"not a {role.type} file")
    return signed


def _timestamp_version(files: DirectoryFiles) -> int:
    data = files.get(TIMESTAMP_NAME)
    return 0 if data is None else _read(data, Timestamp).version


def _oldest_root(files: DirectoryFiles) -> bytes:
    versions = [metadata_version(name, "root") for name in files]
    return files[metadata_name("root", min(v for v in versions if v is not None))]


def _set_keys(root: Root, keys: FederationKeys) -> None:
    for role, role_keys in keys.by_role().items():
        root.roles[role] = Role([], role_keys.threshold)
        for signer in role_keys.signers:
            root.add_key(signer.public_key, role)


def _sign(signed: _S, signers: Signers, *roots: Root) -> bytes:
    """Sign with all signers, and check against each root that they are the right ones."""
    metadata = Metadata(signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    for root in roots:
        try:
            root.verify_delegate(signed.type, metadata.signed_bytes, metadata.signatures)
        except RepositoryError as error:
            raise MembershipError(
                f"the keys given are not enough to sign for the role {signed.type}",
                "the root file says which keys, and how many, the role needs",
            ) from error
    return metadata.to_bytes()


def _meta_file(version: int, data: bytes) -> MetaFile:
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})


def _name(signed: Targets | Snapshot) -> str:
    return metadata_name(signed.type, signed.version)


def _expiry(now_ms: int, days: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp((now_ms + days * _DAY_MS) // 1000, datetime.UTC)
