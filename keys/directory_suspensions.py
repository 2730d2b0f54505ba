"""Suspensions in the directory: read them, and see that none is lost.

The role suspend has few keys, for the night when a key is stolen. It speaks of members
that the membership role has named, and of nothing else. Only that role ends a suspension,
by a time of reinstatement in the member's record: else whoever has the keys of suspend,
snapshot and timestamp could let a stolen key count again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from typing import cast

from tuf.api.metadata import Targets  # type: ignore[attr-defined]

from keys.directory_files import DirectoryFiles, DirectoryLimits
from keys.directory_trust import suspension_file_name
from keys.directory_walk import DirectoryWalk, FileRequest, Walk
from keys.errors import DirectoryError, DirectoryFault
from keys.members import MemberRecord
from keys.suspension import SUSPEND_ROLE, SUSPENDED_SUFFIX, Suspension, parse_suspension
from protocol.errors import PeerError
from protocol.ids import NodeId

Suspensions = dict[NodeId, Suspension]


def walk_suspensions(
    walk: DirectoryWalk,
    members: Mapping[NodeId, MemberRecord],
    found: Suspensions,
    limits: DirectoryLimits,
) -> Walk:
    """Take the file of the role suspend and what it lists; put the suspensions into `found`.

    Raises:
        DirectoryError, RepositoryError, PeerError: it is refused.
    """
    yield from walk.targets(SUSPEND_ROLE, "targets", limits.suspend_bytes)
    suspend = cast("Targets", walk.trusted[SUSPEND_ROLE])
    if suspend.delegations is not None:
        raise DirectoryError(DirectoryFault.UNSUPPORTED, "delegations of suspend")
    for target in suspend.targets.values():
        node_id = NodeId(target.path.removesuffix(SUSPENDED_SUFFIX))
        if node_id not in members or target.path != node_id + SUSPENDED_SUFFIX:
            raise DirectoryError(DirectoryFault.UNSUPPORTED, "target of suspend")
        if target.length > limits.suspension_bytes:
            raise DirectoryError(DirectoryFault.TOO_LARGE, "suspension")
        request = FileRequest(suspension_file_name(target), target.length)
        yield from walk.take(request, target.verify_length_and_hashes)
        suspension = parse_suspension(walk.files[request.name])
        if suspension.node_id != node_id:
            raise DirectoryError(DirectoryFault.MEMBER, "file name of a suspension")
        found[node_id] = suspension


def check_kept(
    known: DirectoryFiles,
    members: Mapping[NodeId, MemberRecord],
    suspensions: Mapping[NodeId, Suspension],
) -> None:
    """Refuse a directory that has lost a suspension which is among the known files.

    Raises:
        DirectoryError: SUSPENSION_DROPPED.
    """
    for before in _known(known):
        after, member = suspensions.get(before.node_id), members.get(before.node_id)
        is_kept = after is not None and after.suspended_at_ms >= before.suspended_at_ms
        is_ended = member is not None and not before.is_in_force(member)
        if not is_kept and not is_ended:
            raise DirectoryError(DirectoryFault.SUSPENSION_DROPPED)


def _known(files: DirectoryFiles) -> Iterator[Suspension]:
    """Yield what a node has taken before; what rots on its own disk says nothing."""
    for name, data in files.items():
        if not name.endswith(SUSPENDED_SUFFIX):
            continue
        if name.startswith(hashlib.sha256(data).hexdigest()):
            with contextlib.suppress(PeerError):
                yield parse_suspension(data)
