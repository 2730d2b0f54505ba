"""What the files of a directory say, as the publishing side reads them.

Reading here asks for the form of a file, not for signatures: who must sign what is
settled in `ceremony`. Of a file that still waits for signatures more is asked: it must
hold nothing but what is understood here, byte for byte as this program writes it, so that
nobody signs what `effects` cannot tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from securesystemslib.signer import Key
from tuf.api.metadata import (  # type: ignore[attr-defined]
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from keys.directory_files import DirectoryFiles, metadata_name, metadata_version, newest_version
from keys.directory_form import check_form
from keys.directory_trust import (
    FEDERATION_FIELD,
    MEMBER_SUFFIX,
    SUSPENDED_PATHS,
    check_root,
    federation_of,
    has_suspend_role,
    member_file_name,
    refusals,
    suspension_file_name,
)
from keys.errors import DirectoryError, DirectoryFault
from keys.members import MemberRecord, check_distinct, parse_member
from keys.suspension import SUSPEND_ROLE, SUSPENDED_SUFFIX, Suspension, parse_suspension
from protocol.ids import NodeId

AnySigned = TypeVar("AnySigned", Root, Targets, Snapshot, Timestamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The newest root, targets and suspend files, and the records they list."""

    root: Root
    targets: Targets
    suspend: Targets | None
    members: Mapping[NodeId, MemberRecord]
    suspensions: Mapping[NodeId, Suspension]

    def suspension_of(self, member: MemberRecord) -> Suspension | None:
        """Return the member's suspension if it is in force."""
        suspension = self.suspensions.get(member.node_id)
        is_in_force = suspension is not None and suspension.is_in_force(member)
        return suspension if is_in_force else None

    def roles(self) -> Iterator[tuple[str, Role]]:
        """Yield the name and the keys of every role, root first."""
        for name in ("root", "targets", "snapshot", "timestamp"):
            yield name, self.root.roles[name]
        delegated = suspend_role(self.targets)
        if delegated is not None:
            yield SUSPEND_ROLE, delegated


def read_content(files: DirectoryFiles) -> Content:
    """Read the newest files of a directory, without snapshot and timestamp.

    Raises:
        DirectoryError: one is missing, or malformed, or not the one that is listed.
    """
    targets = newest(files, "targets", Targets)
    suspend = None
    if suspend_role(targets) is not None:
        suspend = newest(files, SUSPEND_ROLE, Targets)
    with refusals():
        records = [parse_member(data) for data in _listed(files, targets, member_file_name)]
        told = [] if suspend is None else list(_listed(files, suspend, suspension_file_name))
        suspensions = [parse_suspension(data) for data in told]
        check_distinct(records)
    members = {record.node_id: record for record in records}
    paths = [*targets.targets, *(() if suspend is None else suspend.targets)]
    named = [each.node_id + MEMBER_SUFFIX for each in records]
    if paths != named + [each.node_id + SUSPENDED_SUFFIX for each in suspensions]:
        raise DirectoryError(DirectoryFault.MEMBER, "file name")
    if not all(each.node_id in members for each in suspensions):
        raise DirectoryError(DirectoryFault.MEMBER, "suspension of nobody")
    return Content(
        root=newest(files, "root", Root),
        targets=targets,
        suspend=suspend,
        members=members,
        suspensions={each.node_id: each for each in suspensions},
    )


def newest(files: DirectoryFiles, role: str, kind: type[AnySigned]) -> AnySigned:
    """Read the newest file of a role.

    Raises:
        DirectoryError: MISSING or MALFORMED.
    """
    name = metadata_name(role, newest_version(files, role))
    if name not in files:
        raise DirectoryError(DirectoryFault.MISSING, name)
    return read_metadata(files[name], kind).signed


def read_metadata(data: bytes, kind: type[AnySigned]) -> Metadata[AnySigned]:
    """Read one metadata file, whoever signed it.

    Raises:
        DirectoryError: MALFORMED.
    """
    with refusals():
        check_form(data)
        metadata = Metadata[AnySigned].from_bytes(data)
    if not isinstance(metadata.signed, kind):
        raise DirectoryError(DirectoryFault.MALFORMED, f"not a {kind.type} file")
    return metadata


def read_waiting(data: bytes, role: str) -> Metadata[Root] | Metadata[Targets]:
    """Read a root, targets or suspend file that waits for signatures; see the module.

    Raises:
        DirectoryError: MALFORMED, or UNSUPPORTED where it holds more than is understood.
    """
    metadata = read_metadata(data, Root) if role == "root" else read_metadata(data, Targets)
    with refusals():
        plain = _plain(metadata.signed)
    if plain != metadata.signed or metadata.to_bytes() != data:
        raise DirectoryError(DirectoryFault.UNSUPPORTED, f"more than is understood in {role}")
    return metadata


def suspend_role(targets: Targets) -> DelegatedRole | None:
    """Return the role suspend as a targets file delegates it, None where there is none.

    Raises:
        DirectoryError: UNSUPPORTED or KEY_TYPE, something else is delegated, or otherwise.
    """
    if not has_suspend_role(targets):
        return None
    return cast("DelegatedRole", targets.get_delegated_role(SUSPEND_ROLE))


def content_name(target: TargetFile) -> str:
    """Return the name of the file that holds a target."""
    return f"{target.hashes.get('sha256', '')}.{target.path}"


def listed_names(files: DirectoryFiles) -> set[str]:
    """Return the names of the files that the newest targets and suspend files list."""
    roles = [role for role in ("targets", SUSPEND_ROLE) if newest_version(files, role) > 0]
    lists = [newest(files, role, Targets) for role in roles]
    return {content_name(target) for each in lists for target in each.targets.values()}


def meta_file(version: int, data: bytes) -> MetaFile:
    """Return how a snapshot or a timestamp lists a metadata file."""
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})


def root_versions(files: DirectoryFiles) -> list[int]:
    """Return the versions of the root files, ascending."""
    versions = (metadata_version(name, "root") for name in files)
    return sorted(version for version in versions if version is not None)


def _listed(
    files: DirectoryFiles, targets: Targets, name_of: Callable[[TargetFile], str]
) -> Iterator[bytes]:
    for target in targets.targets.values():
        name = name_of(target)
        if name not in files:
            raise DirectoryError(DirectoryFault.MISSING, name)
        target.verify_length_and_hashes(files[name])
        yield files[name]


def suspend_delegations(keys: Mapping[str, Key], threshold: int) -> Delegations:
    """Return how a targets file delegates to the role suspend; the order of keys is kept."""
    role = DelegatedRole(
        SUSPEND_ROLE, list(keys), threshold, terminating=True, paths=[SUSPENDED_PATHS]
    )
    return Delegations(dict(keys), {SUSPEND_ROLE: role})


def _plain(signed: Root | Targets) -> Root | Targets:
    return _plain_root(signed) if isinstance(signed, Root) else _plain_targets(signed)


def _plain_root(root: Root) -> Root:
    """Rebuild a root file from what is understood of it."""
    check_root(root)
    federation_id, name = federation_of(root)
    if not name.isprintable():
        raise DirectoryError(DirectoryFault.FEDERATION, "name")
    _check_used(root.keys, *root.roles.values())
    return Root(
        root.version,
        root.spec_version,
        root.expires,
        keys=root.keys,
        roles={name: Role(list(role.keyids), role.threshold) for name, role in root.roles.items()},
        consistent_snapshot=True,
        unrecognized_fields={FEDERATION_FIELD: {"id": federation_id.hex(), "name": name}},
    )


def _plain_targets(targets: Targets) -> Targets:
    """Rebuild a targets or suspend file from what is understood of it."""
    delegations, delegated = targets.delegations, suspend_role(targets)
    if delegations is not None and delegated is not None:
        _check_used(delegations.keys, delegated)
        keys = {key_id: delegations.keys[key_id] for key_id in delegated.keyids}
        delegations = suspend_delegations(keys, delegated.threshold)
    return Targets(
        targets.version,
        targets.spec_version,
        targets.expires,
        targets={
            path: TargetFile(target.length, {"sha256": target.hashes.get("sha256", "")}, path)
            for path, target in targets.targets.items()
        },
        delegations=delegations,
    )


def _check_used(keys: Mapping[str, Key], *roles: Role) -> None:
    """Refuse keys that no role has, and roles without their keys."""
    if set(keys) != {key_id for role in roles for key_id in role.keyids}:
        raise DirectoryError(DirectoryFault.UNSUPPORTED, "a key without a role")
