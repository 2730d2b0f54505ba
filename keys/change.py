"""A change to the directory, from its proposal until it has its signatures.

Pure over mappings of directory files. Each function here takes the change that is
pending already and returns it with one more thing proposed; nobody sees anything of it
before it has its signatures and is published (`ceremony`). What a change does is told by
`effects`, from the very bytes that are signed.

A pending change holds at most one new file of each of root, targets and suspend, of
the version after the public one, and the records that these list. Proposing makes a file
anew: then the signatures that it had are gone, since they were for something else.
Nobody is ever taken out of the directory: nodes must know whom not to trust any more.

Deciding whom to admit, keeping keys apart and comparing words are people's work.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from tuf.api.metadata import (  # type: ignore[attr-defined]
    Delegations,
    Metadata,
    Root,
    TargetFile,
    Targets,
)

from keys.directory_content import (
    Content,
    content_name,
    listed_names,
    newest,
    read_content,
    read_metadata,
    read_waiting,
)
from keys.directory_files import DirectoryFiles, metadata_name, newest_version
from keys.directory_trust import FEDERATION_FIELD, MEMBER_SUFFIX, federation_of
from keys.errors import MembershipError
from keys.joining import JoinRequest
from keys.members import MemberRecord, MemberStatus, check_distinct, encode_member
from keys.public_keys import FederationPublicKeys, keys_in
from keys.records import check_admitted, check_amended, reinstated, rekeyed, revoked
from keys.suspension import SUSPEND_ROLE, SUSPENDED_SUFFIX, Suspension, encode_suspension
from keys.vault import RandomBytes
from protocol.errors import PeerError
from protocol.ids import DIGEST_BYTES, NodeId
from protocol.training import TRAINING_FEDERATION, belongs

# How long a file of each role is good. Timestamp: the longest that somebody can hide
# a suspension from a node; root: the ceremony with people in one room is once a year.
# Suspend: as long as root, since its holders are few, and an expired file helps nobody.
ROOT_DAYS: Final = 365
TARGETS_DAYS: Final = 180
SUSPEND_DAYS: Final = 365
SNAPSHOT_DAYS: Final = 30
TIMESTAMP_DAYS: Final = 7

_DAY_MS: Final = 24 * 3600 * 1000
_NAME_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What is public, and what shall be: new files, with the signatures they have so far."""

    files: DirectoryFiles
    pending: DirectoryFiles = field(default_factory=lambda: MappingProxyType({}))

    @property
    def merged(self) -> dict[str, bytes]:
        """The public files and the pending ones beside them."""
        return {**self.files, **self.pending}


def found(name: str, keys: FederationPublicKeys, *, random: RandomBytes, now_ms: int) -> Change:
    """Propose a federation without members: version 1 of every file.

    Its `1.root.json`, once signed, is what every node is installed with.

    Raises:
        MembershipError: the name is empty, too long, or not printable.
    """
    if not (0 < len(name) <= _NAME_CHARACTERS and name.isprintable() and name == name.strip()):
        raise MembershipError(
            "this cannot be the name of a federation",
            f"give 1 to {_NAME_CHARACTERS} characters that can be printed",
        )
    root = Root(
        version=1,
        expires=expiry(now_ms, ROOT_DAYS),
        consistent_snapshot=True,
        unrecognized_fields={FEDERATION_FIELD: {"id": random(DIGEST_BYTES).hex(), "name": name}},
    )
    keys.set_roles(root)
    change = _staged(Change({}), "root", Metadata(root), {})
    change = _with_targets(change, {}, keys.delegations(), now_ms)
    return change if keys.suspend is None else _with_suspensions(change, (), now_ms)


def admit(change: Change, member: MemberRecord, *, now_ms: int) -> Change:
    """Propose a new member.

    Raises:
        MembershipError: it is a member already, its record is not valid, a key has
            another owner, or only one of node and federation is for training.
    """
    content = read_content(change.merged)
    if member.node_id in content.members:
        raise MembershipError(
            f"{member.node_id} is a member already", "amend the record instead of admitting it"
        )
    if not belongs(member.node_id, federation_of(content.root)[1]):
        raise MembershipError(
            "a training node and a federation in earnest do not belong together",
            f'the name of a training federation begins with "{TRAINING_FEDERATION}"',
        )
    check_admitted(member, now_ms=now_ms)
    return _with_member(change, content, member, now_ms)


def amend(change: Change, member: MemberRecord, *, now_ms: int) -> Change:
    """Propose another record for a member: endpoints, hours, agreement, key validity.

    Raises:
        MembershipError: it is not a member, the record is not valid, a key has another
            owner, or a log key is gone.
    """
    content = read_content(change.merged)
    check_amended(_member(content, member.node_id), member, now_ms=now_ms)
    return _with_member(change, content, member, now_ms)


def rekey(
    change: Change, request: JoinRequest, *, compromised_since_ms: int | None, now_ms: int
) -> Change:
    """Propose the new log key that a member asks for; see `records.rekeyed`.

    Planned, without `compromised_since_ms`, the present key must have signed too. After a
    theft the keys that the member had are compromised since then, and it is active again.

    Raises:
        MembershipError: it is not a member, or the request cannot be followed.
    """
    content = read_content(change.merged)
    member = _member(content, request.member.node_id)
    is_suspended = content.suspension_of(member) is not None
    if compromised_since_ms is None and (is_suspended or member.status is not MemberStatus.ACTIVE):
        raise MembershipError(
            f"{member.node_id} is suspended or revoked, its present key vouches for nothing",
            "say since when the keys are compromised, or reinstate the member first",
        )
    record = rekeyed(member, request, compromised_since_ms=compromised_since_ms, now_ms=now_ms)
    if compromised_since_ms is not None:
        record = reinstated(record, content.suspension_of(member), now_ms=now_ms)
    return _with_member(change, content, record, now_ms)


def revoke(change: Change, node_id: NodeId, *, compromised_since_ms: int, now_ms: int) -> Change:
    """Propose that a member is none any more, and since when its keys count for nothing.

    Raises:
        MembershipError: it is not a member, or the time lies in the future.
    """
    content = read_content(change.merged)
    record = revoked(
        _member(content, node_id), compromised_since_ms=compromised_since_ms, now_ms=now_ms
    )
    return _with_member(change, content, record, now_ms)


def reinstate(change: Change, node_id: NodeId, *, now_ms: int) -> Change:
    """Propose the end of a suspension; only the membership role can.

    Raises:
        MembershipError: the member is not suspended.
    """
    content = read_content(change.merged)
    member = _member(content, node_id)
    suspension = content.suspension_of(member)
    if member.status is MemberStatus.REVOKED:
        raise MembershipError(
            f"{node_id} is revoked", "its new log key, asked for with a request, brings it back"
        )
    if suspension is None and member.status is not MemberStatus.SUSPENDED:
        raise MembershipError(f"{node_id} is not suspended")
    record = reinstated(member, suspension, now_ms=now_ms)
    return _with_member(change, content, record, now_ms)


def suspend(change: Change, node_id: NodeId, *, now_ms: int) -> Change:
    """Propose a member's suspension, to be signed by the role suspend.

    Raises:
        MembershipError: there is no such role, it is not a member, or not active.
    """
    content = read_content(change.merged)
    member = _member(content, node_id)
    if content.suspend is None:
        raise MembershipError(
            "this federation has no role suspend",
            "the membership role can revoke a member, the root role give suspend its keys",
        )
    if member.status is not MemberStatus.ACTIVE or content.suspension_of(member) is not None:
        raise MembershipError(f"{node_id} is suspended or revoked already")
    # Later than any reinstatement, also where that clock was ahead of this one.
    since_ms = max(now_ms, (member.reinstated_at_ms or 0) + 1)
    others = [each for each in content.suspensions.values() if each.node_id != node_id]
    return _with_suspensions(change, (*others, Suspension(node_id, since_ms)), now_ms)


def rotate_root(change: Change, keys: FederationPublicKeys, *, now_ms: int) -> Change:
    """Propose the next root file: other keys or thresholds, or the same for another year.

    Targets and suspend files whose signatures no longer suffice are renewed with it.

    Raises:
        MembershipError: the role suspend would be taken out.
    """
    content = read_content(change.merged)
    if keys.suspend is None and content.suspend is not None:
        raise MembershipError(
            "the role suspend cannot be taken out again",
            "nodes must not lose its suspensions; give it other keys instead",
        )
    root = Root(
        version=newest_version(change.files, "root") + 1,
        expires=expiry(now_ms, ROOT_DAYS),
        consistent_snapshot=True,
        unrecognized_fields=content.root.unrecognized_fields,
    )
    keys.set_roles(root)
    change = _staged(change, "root", Metadata(root), {})
    delegations = keys.delegations()
    is_same = delegations == content.targets.delegations
    if not (is_same and _is_left_signed(change, "targets", root)):
        change = _with_targets(change, content.members, delegations, now_ms)
    if keys.suspend is None:
        return change
    targets = newest(change.merged, "targets", Targets)
    if content.suspend is None or not _is_left_signed(change, SUSPEND_ROLE, targets):
        change = _with_suspensions(change, content.suspensions.values(), now_ms)
    return change


def renew(change: Change, role: str, *, now_ms: int) -> Change:
    """Propose the same content of root, targets or suspend for another period.

    Raises:
        MembershipError: the role has no file that waits for signatures.
    """
    content = read_content(change.merged)
    if role == "root":
        return rotate_root(change, keys_in(content), now_ms=now_ms)
    if role == "targets":
        return _with_targets(change, content.members, content.targets.delegations, now_ms)
    if role == SUSPEND_ROLE and content.suspend is not None:
        return _with_suspensions(change, content.suspensions.values(), now_ms)
    raise MembershipError(
        f"there is nothing of the role {role} to renew",
        "snapshot and timestamp are renewed whenever the directory is published",
    )


def present_keys(change: Change) -> FederationPublicKeys:
    """Return the keys that the roles have, or will have with this change.

    Raises:
        DirectoryError: the files are not whole.
    """
    return keys_in(read_content(change.merged))


def expiry(now_ms: int, days: int) -> datetime.datetime:
    """Return when a file that is made now expires."""
    return datetime.datetime.fromtimestamp((now_ms + days * _DAY_MS) // 1000, datetime.UTC)


def _member(content: Content, node_id: NodeId) -> MemberRecord:
    member = content.members.get(node_id)
    if member is None:
        raise MembershipError(f"{node_id} is not a member", "admit it first")
    return member


def _with_member(change: Change, content: Content, member: MemberRecord, now_ms: int) -> Change:
    members = {**content.members, member.node_id: member}
    return _with_targets(change, members, content.targets.delegations, now_ms)


def _with_targets(
    change: Change,
    members: Mapping[NodeId, MemberRecord],
    delegations: Delegations | None,
    now_ms: int,
) -> Change:
    try:
        check_distinct(members.values())
        contents = {
            member.node_id + MEMBER_SUFFIX: encode_member(member) for member in members.values()
        }
    except PeerError as error:
        raise MembershipError(f"the member's record is not valid ({error.detail})") from error
    targets = Targets(
        version=newest_version(change.files, "targets") + 1,
        expires=expiry(now_ms, TARGETS_DAYS),
        targets=_targets_of(contents),
        delegations=delegations,
    )
    return _staged(change, "targets", Metadata(targets), contents)


def _with_suspensions(change: Change, suspensions: Iterable[Suspension], now_ms: int) -> Change:
    # Only what is over for everybody is left out: this file may be published before
    # the reinstatement that is pending beside it.
    public = read_content(change.files).members if change.files else {}
    contents = {
        each.node_id + SUSPENDED_SUFFIX: encode_suspension(each)
        for each in suspensions
        if each.node_id not in public or each.is_in_force(public[each.node_id])
    }
    suspend_file = Targets(
        version=newest_version(change.files, SUSPEND_ROLE) + 1,
        expires=expiry(now_ms, SUSPEND_DAYS),
        targets=_targets_of(contents),
    )
    return _staged(change, SUSPEND_ROLE, Metadata(suspend_file), contents)


def _targets_of(contents: Mapping[str, bytes]) -> dict[str, TargetFile]:
    return {
        path: TargetFile.from_data(path, data, ["sha256"])
        for path, data in sorted(contents.items())
    }


def _staged(
    change: Change,
    role: str,
    metadata: Metadata[Root] | Metadata[Targets],
    contents: Mapping[str, bytes],
) -> Change:
    """Put a file in place of the pending one of its role, and drop what nothing lists now."""
    signed = metadata.signed
    name = metadata_name(role, signed.version)
    known = change.pending.get(name)
    is_same = known is not None and read_waiting(known, role).signed == signed
    pending = dict(change.pending)
    if not is_same:
        pending[name] = metadata.to_bytes()
    if isinstance(signed, Targets):
        pending |= {content_name(signed.targets[path]): data for path, data in contents.items()}
    listed = listed_names({**change.files, **pending})
    kept = {
        name: data
        for name, data in pending.items()
        if name.endswith(".json") or (name in listed and name not in change.files)
    }
    return Change(change.files, MappingProxyType(kept))


def _is_left_signed(change: Change, role: str, delegator: Root | Targets) -> bool:
    """Whether the file of a role can stay: it waits for signatures anyway, or has enough."""
    version = newest_version(change.merged, role)
    name = metadata_name(role, version)
    if name in change.pending:
        return True
    metadata = read_metadata(change.files[name], Targets)
    result = delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    return result.verified
