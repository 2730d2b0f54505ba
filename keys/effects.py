"""What a pending change changes, as facts to be told in plain words before somebody signs.

Everything is read from the bytes that will be signed, against what is public; nothing
that the proposer says beside them counts. `checked` makes sure that there is nothing in
these bytes that is not told here.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from keys.change import Change
from keys.directory_content import Content
from keys.directory_trust import federation_of
from keys.members import LogKeyRecord, MemberRecord, MemberStatus, OpeningHours
from keys.pending import checked
from keys.suspension import SUSPEND_ROLE
from protocol.ids import NodeId

Value = str | int | tuple[str, ...] | None
"""A text, a time in milliseconds or a number, several texts; None: there is none."""


class EffectKind(enum.StrEnum):
    """What happens to the subject, with what `item`, `before` and `after` are."""

    # Subject: the federation's name; before, after: its id in hex, or its name.
    FEDERATION_FOUNDED = "federation_founded"
    FEDERATION_RENAMED = "federation_renamed"
    # Subject: a node id. Fields and keys of a new member follow as effects of their own.
    MEMBER_ADMITTED = "member_admitted"
    # Item: name of the field.
    MEMBER_FIELD = "member_field"
    # Before, after: since when, in ms; None where the member's own record says it.
    MEMBER_SUSPENDED = "member_suspended"
    MEMBER_REINSTATED = "member_reinstated"
    MEMBER_REVOKED = "member_revoked"
    # Item: id of the log key in hex. Added: after is its log; the others are times in ms.
    LOG_KEY_ADDED = "log_key_added"
    LOG_KEY_BEGINS = "log_key_begins"
    LOG_KEY_ENDS = "log_key_ends"
    LOG_KEY_COMPROMISED = "log_key_compromised"
    # Subject: a role. Item: id of the key in hex.
    ROLE_KEY_ADDED = "role_key_added"
    ROLE_KEY_REMOVED = "role_key_removed"
    # Before, after: how many signatures are needed.
    ROLE_THRESHOLD = "role_threshold"
    # Before, after: when the role's file expires, in ms.
    ROLE_RENEWED = "role_renewed"


_KEY_TIMES: Final = {
    EffectKind.LOG_KEY_BEGINS: "valid_from_ms",
    EffectKind.LOG_KEY_ENDS: "valid_until_ms",
    EffectKind.LOG_KEY_COMPROMISED: "compromised_since_ms",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that the change changes; see `EffectKind`."""

    kind: EffectKind
    subject: str
    item: str = ""
    before: Value = None
    after: Value = None


def effects(change: Change) -> tuple[Effect, ...]:
    """Return what a change changes: federation and roles first, then members, then dates.

    Raises:
        DirectoryError, MembershipError: the change is not in order; see `checked`.
    """
    change_checked = checked(change)
    before, after = change_checked.before, change_checked.after
    told = [*_of_federation(before, after), *_of_roles(before, after)]
    for node_id in sorted(after.members):
        told += _of_member(before, after, node_id)
    told += [_renewal(before, after, file.signatories[-1].role) for file in change_checked.waiting]
    return tuple(told)


def _of_federation(before: Content | None, after: Content) -> Iterator[Effect]:
    federation_id, name = federation_of(after.root)
    if before is None:
        yield Effect(EffectKind.FEDERATION_FOUNDED, name, after=federation_id.hex())
        return
    known = federation_of(before.root)[1]
    if known != name:
        yield Effect(EffectKind.FEDERATION_RENAMED, known, before=known, after=name)


def _of_roles(before: Content | None, after: Content) -> Iterator[Effect]:
    known = {} if before is None else dict(before.roles())
    for name, role in after.roles():
        old = known.get(name)
        old_ids = set() if old is None else set(old.keyids)
        old_threshold = None if old is None else old.threshold
        for key_id in sorted(set(role.keyids) - old_ids):
            yield Effect(EffectKind.ROLE_KEY_ADDED, name, key_id)
        for key_id in sorted(old_ids - set(role.keyids)):
            yield Effect(EffectKind.ROLE_KEY_REMOVED, name, key_id)
        if old_threshold != role.threshold:
            yield Effect(
                EffectKind.ROLE_THRESHOLD, name, before=old_threshold, after=role.threshold
            )


def _of_member(before: Content | None, after: Content, node_id: NodeId) -> Iterator[Effect]:
    member = after.members[node_id]
    known = None if before is None else before.members.get(node_id)
    if known is None:
        yield Effect(EffectKind.MEMBER_ADMITTED, node_id, after=member.legal_name)
    old_fields = {} if known is None else _fields(known)
    for name, value in _fields(member).items():
        old = old_fields.get(name)
        if old != value:
            yield Effect(EffectKind.MEMBER_FIELD, node_id, name, before=old, after=value)
    for key in member.log_keys:
        yield from _of_log_key(node_id, None if known is None else known.log_key(key.key_id), key)
    yield from _of_status(known, member)
    suspension = after.suspension_of(member)
    old_suspension = None if before is None or known is None else before.suspension_of(known)
    if suspension is not None and suspension != old_suspension:
        old_ms = None if old_suspension is None else old_suspension.suspended_at_ms
        yield Effect(
            EffectKind.MEMBER_SUSPENDED, node_id, before=old_ms, after=suspension.suspended_at_ms
        )


def _of_status(known: MemberRecord | None, member: MemberRecord) -> Iterator[Effect]:
    old_status = MemberStatus.ACTIVE if known is None else known.status
    old_ms = None if known is None else known.reinstated_at_ms
    is_back = old_status is not member.status is MemberStatus.ACTIVE
    if is_back or member.reinstated_at_ms != old_ms:
        yield Effect(
            EffectKind.MEMBER_REINSTATED,
            member.node_id,
            before=old_ms,
            after=member.reinstated_at_ms,
        )
    if member.status is not old_status and member.status is MemberStatus.SUSPENDED:
        yield Effect(EffectKind.MEMBER_SUSPENDED, member.node_id)
    if member.status is not old_status and member.status is MemberStatus.REVOKED:
        yield Effect(EffectKind.MEMBER_REVOKED, member.node_id)


def _of_log_key(node_id: NodeId, known: LogKeyRecord | None, key: LogKeyRecord) -> Iterator[Effect]:
    key_id = key.key_id.hex()
    if known is None:
        yield Effect(EffectKind.LOG_KEY_ADDED, node_id, key_id, after=key.origin)
    for kind, name in _KEY_TIMES.items():
        old: int | None = None if known is None else getattr(known, name)
        new: int | None = getattr(key, name)
        if old != new:
            yield Effect(kind, node_id, key_id, before=old, after=new)


def _renewal(before: Content | None, after: Content, role: str) -> Effect:
    return Effect(
        EffectKind.ROLE_RENEWED,
        role,
        before=_expiry_ms(before, role),
        after=_expiry_ms(after, role),
    )


def _expiry_ms(content: Content | None, role: str) -> int | None:
    if content is None:
        return None
    file = {"root": content.root, "targets": content.targets, SUSPEND_ROLE: content.suspend}[role]
    return None if file is None else int(file.expires.timestamp()) * 1000


def _fields(member: MemberRecord) -> Mapping[str, Value]:
    """Return what the record says besides status, keys and times; None for what is empty."""
    values: dict[str, Value] = {
        "legal_name": member.legal_name,
        "country": member.country,
        "languages": member.languages,
        "hours": tuple(map(_opening, member.hours)),
        "time_zone": member.time_zone,
        "telephone": member.telephone,
        "endpoints": member.endpoints,
        "transfer_regime": member.transfer_regime.name.lower(),
        "adequacy_until": _date(member.adequacy_until),
        "agreement_until": _date(member.agreement_until),
    }
    return {name: value or None for name, value in values.items()}


def _opening(hours: OpeningHours) -> str:
    """Write a weekly opening time as "1 09:00-17:00", 1 for Monday."""
    opens, closes = (
        f"{minute // 60:02}:{minute % 60:02}"
        for minute in (hours.opens_minute, hours.closes_minute)
    )
    return f"{hours.weekday} {opens}-{closes}"


def _date(date: datetime.date | None) -> str | None:
    return None if date is None else date.isoformat()
