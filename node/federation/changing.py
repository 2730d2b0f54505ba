"""What the secretariat proposes: each proposal makes the pending change, or extends it.

A proposal is one function from a change to the change with it. Where the folder holds
keys that it needs, it is signed with them at once, so that whoever keeps all keys in one
place needs no further step before publishing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from keys import change as changes
from keys.change import Change
from keys.directory_content import read_content
from keys.joining import JoinRequest
from keys.members import MemberRecord, encode_member
from keys.public_keys import FederationPublicKeys, RolePublicKeys
from keys.suspension import SUSPEND_ROLE
from keys.tuf_keys import CompositeKey
from node.errors import ArgumentError, NodeError
from node.federation import signing
from node.federation.facts import record_facts
from node.federation.folder import FederationFolder
from node.federation.founding import ROLES
from node.federation.signing import OpenKey
from protocol.errors import PeerError
from protocol.ids import NodeId, parse_node_id

Facts = dict[str, Any]
Proposal = Callable[[Change], Change]

KEY_ID_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChanges:
    """What shall become of the keys of the roles."""

    added: Iterable[tuple[str, CompositeKey]] = ()
    removed: Iterable[str] = ()
    """Key ids, or their first digits."""
    thresholds: Mapping[str, int] = field(default_factory=dict)


def propose(folder: FederationFolder, proposal: Proposal, open_key: OpenKey) -> Facts:
    """Make or extend the pending change of a folder; sign it with the keys that lie there.

    Raises:
        NodeError: the federation is not founded yet, or the proposal is refused.
        KeysError: the proposal is refused, or a key in the folder does not open.
    """
    folder.check_founded()
    known = signing.load_change(folder)
    change = signing.sign_with_kept_keys(folder, proposal(known), open_key)
    folder.keep_pending(change.pending)
    facts = signing.change_facts(change)
    return {**facts, "dropped_signatures": signing.dropped_signatures(known, facts)}


def request_facts(change: Change, request: JoinRequest) -> Facts:
    """Return what a request says, and whether it asks for a new key of a member."""
    member = read_content(change.merged).members.get(request.member.node_id)
    asked, known = record_facts(request.member), None if member is None else record_facts(member)
    (key,) = request.member.log_keys
    return {
        **asked,
        "log": key.origin,
        "fingerprint": request.fingerprint.hex(),
        "created_at_ms": request.created_at_ms,
        "is_rotation": member is not None,
        # Of a rotation only the key is taken, so that a person must know what else it says.
        "not_taken": [] if known is None else [n for n in known if known[n] != asked[n]],
    }


def admission(
    request: JoinRequest,
    decided: Mapping[str, Any],
    *,
    compromised_since_ms: int | None,
    now_ms: int,
) -> Proposal:
    """Return the proposal that follows a request: a new member, or a member's new log key.

    `decided` are fields of the record that the secretariat, not the applicant, decides.
    """

    def proposal(change: Change) -> Change:
        if request.member.node_id not in read_content(change.merged).members:
            if compromised_since_ms is not None:
                raise ArgumentError(
                    "argument_invalid",
                    "--compromised-since is for members, and this node is none yet",
                )
            record = check_record(replace(request.member, **decided))
            return changes.admit(change, record, now_ms=now_ms)
        if decided:
            raise ArgumentError(
                "argument_invalid",
                "this node is a member already, and only its log key is taken from the request",
                "what else shall change: homeward federation amend",
            )
        return changes.rekey(
            change, request, compromised_since_ms=compromised_since_ms, now_ms=now_ms
        )

    return proposal


def amendment(node_id: str, fields: Mapping[str, Any], *, now_ms: int) -> Proposal:
    """Return the proposal to change fields of a member's record."""

    def proposal(change: Change) -> Change:
        member = member_of(change, node_id)
        record = replace(member, **fields)
        if record == member:
            raise ArgumentError(
                "argument_missing",
                "this would change nothing in the member's record",
                "homeward federation show --member tells what it says",
            )
        return changes.amend(change, check_record(record), now_ms=now_ms)

    return proposal


def suspension(node_id: str, *, now_ms: int) -> Proposal:
    """Return the proposal to suspend a member."""
    return lambda change: changes.suspend(change, _member_id(change, node_id), now_ms=now_ms)


def reinstatement(node_id: str, *, now_ms: int) -> Proposal:
    """Return the proposal to end a member's suspension."""
    return lambda change: changes.reinstate(change, _member_id(change, node_id), now_ms=now_ms)


def revocation(node_id: str, *, compromised_since_ms: int, now_ms: int) -> Proposal:
    """Return the proposal to revoke a member."""
    return lambda change: changes.revoke(
        change,
        _member_id(change, node_id),
        compromised_since_ms=compromised_since_ms,
        now_ms=now_ms,
    )


def renewal(role: str, *, now_ms: int) -> Proposal:
    """Return the proposal to sign a role's file for another period."""
    return lambda change: changes.renew(change, role, now_ms=now_ms)


def rotation(key_changes: KeyChanges, *, now_ms: int) -> Proposal:
    """Return the proposal of a new root file with these changes, or only a new date."""
    return lambda change: changes.rotate_root(
        change, _rotated(changes.present_keys(change), key_changes), now_ms=now_ms
    )


def check_record(record: MemberRecord) -> MemberRecord:
    """Return a record that a person has put together, if it can stand in the directory.

    Raises:
        ArgumentError: a field cannot be used.
    """
    if record.hours and not record.time_zone:
        raise ArgumentError(
            "argument_missing",
            "opening hours mean nothing without a time zone",
            "--time-zone, for example Europe/Brussels",
        )
    try:
        encode_member(record)
    except PeerError as error:
        option = error.detail.replace("_", "-")
        raise ArgumentError("argument_invalid", f"{option} cannot be used") from error
    return record


def member_of(change: Change, node_id: str) -> MemberRecord:
    """Return the record of a member as the change leaves it.

    Raises:
        NodeError: there is no such member.
    """
    member = read_content(change.merged).members.get(_node_id(node_id))
    if member is None:
        raise unknown_member()
    return member


def unknown_member() -> NodeError:
    """Return the error for a node that is no member."""
    return NodeError(
        "unknown_member", "there is no such member", "homeward federation show lists them"
    )


def _rotated(present: FederationPublicKeys, key_changes: KeyChanges) -> FederationPublicKeys:
    keys = {role: list(each.keys) for role, each in present.by_role().items()}
    thresholds = {role: each.threshold for role, each in present.by_role().items()}
    for key_id in key_changes.removed:
        _remove(keys, key_id)
    for role, key in key_changes.added:
        keys.setdefault(role, []).append(key)
    thresholds = {SUSPEND_ROLE: 1, **thresholds, **key_changes.thresholds}
    return FederationPublicKeys(
        **{role: RolePublicKeys(keys[role], thresholds[role]) for role in ROLES if role in keys}
    )


def _remove(keys: Mapping[str, list[CompositeKey]], key_id: str) -> None:
    digits = key_id.lower()
    found = [(each, key) for each in keys.values() for key in each if key.keyid.startswith(digits)]
    if len(digits) < KEY_ID_DIGITS or len(found) != 1:
        raise ArgumentError(
            "unknown_key",
            "a key that shall be removed is not one key of this federation",
            f"name it by the {KEY_ID_DIGITS} characters before its words, "
            "as homeward federation show prints them",
        )
    ((role_keys, key),) = found
    role_keys.remove(key)


def _member_id(change: Change, text: str) -> NodeId:
    return member_of(change, text).node_id


def _node_id(text: str) -> NodeId:
    try:
        return parse_node_id(text)
    except PeerError as error:
        raise ArgumentError(
            "argument_invalid", "this cannot be the id of a node", "for example be.example"
        ) from error
