"""What may become of a member's record: new keys, revocation, reinstatement.

Each function takes the record as it stands in the directory and returns the next one.
A log key is never taken out and never moves to another log, because what it signed must
stay verifiable; it ends, or is compromised since a time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from keys.errors import MembershipError
from keys.joining import JoinRequest
from keys.members import LogKeyRecord, MemberRecord, MemberStatus
from keys.suspension import Suspension
from protocol import limits

# After a planned change of keys the old one counts for as long: for what is under way,
# and for nodes that have not seen the new directory yet.
KEY_OVERLAP_DAYS: Final = 14

_OVERLAP_MS: Final = KEY_OVERLAP_DAYS * 24 * 3600 * 1000


def check_admitted(member: MemberRecord, *, now_ms: int) -> None:
    """Refuse what a new member's record must not say.

    Raises:
        MembershipError: it was reinstated already, or compromised in the future.
    """
    if member.reinstated_at_ms is not None:
        raise MembershipError(f"{member.node_id} is new, and cannot have been reinstated")
    _check_times(member, now_ms)


def check_amended(before: MemberRecord, after: MemberRecord, *, now_ms: int) -> None:
    """Refuse another record for a member where it drops a key or decides a suspension.

    Raises:
        MembershipError: as said.
    """
    check_keys_kept(before, after)
    if before.reinstated_at_ms != after.reinstated_at_ms:
        raise MembershipError(
            f"{after.node_id} is not reinstated by amending its record", "reinstate it"
        )
    _check_times(after, now_ms)


def check_keys_kept(before: MemberRecord, after: MemberRecord) -> None:
    """Refuse a record without a log key that the member had, or with it in another log.

    Raises:
        MembershipError: as said.
    """
    for key in before.log_keys:
        kept = after.log_key(key.key_id)
        if kept is None or kept.origin != key.origin:
            raise MembershipError(
                f"a log key of {after.node_id} would be taken out",
                "what it signed must stay verifiable: give it an end instead",
            )


def rekeyed(
    member: MemberRecord, request: JoinRequest, *, compromised_since_ms: int | None, now_ms: int
) -> MemberRecord:
    """Return the member with the log key of a request, good from now on.

    Planned: the member's present key has signed the request; it and any other one end
    after the overlap. After a theft: all keys so far are compromised since then, and the
    new one has a log of its own, because the thief can go on writing in the old one.
    Of the request only the key is taken; whatever else it says is a matter for `amend`.

    Raises:
        MembershipError: the key is or was the member's, the request is older than its
            newest key or than the theft, or not signed by the present key.
    """
    (asked,) = request.member.log_keys
    if request.member.node_id != member.node_id:
        raise MembershipError("the request is another member's")
    if member.log_key(asked.key_id) is not None:
        raise MembershipError(
            f"this log key stands in the record of {member.node_id} already",
            "ask the member for a request with a new key",
        )
    _check_age(member, request, now_ms)
    if compromised_since_ms is None:
        keys = _ended(member, request, asked, now_ms)
    else:
        _check_since(compromised_since_ms, now_ms)
        keys = _stolen(member, request, asked, compromised_since_ms)
    new = LogKeyRecord(
        origin=asked.origin, ed25519=asked.ed25519, mldsa44=asked.mldsa44, valid_from_ms=now_ms
    )
    return replace(member, log_keys=(*keys, new))


def revoked(member: MemberRecord, *, compromised_since_ms: int, now_ms: int) -> MemberRecord:
    """Return the member as none any more; keys that reach beyond that time are compromised.

    Raises:
        MembershipError: it is revoked already, or the time lies in the future.
    """
    if member.status is MemberStatus.REVOKED:
        raise MembershipError(f"{member.node_id} is revoked already")
    _check_since(compromised_since_ms, now_ms)
    keys = [
        key
        if key.valid_until_ms is not None and key.valid_until_ms <= compromised_since_ms
        else _compromised(key, compromised_since_ms)
        for key in member.log_keys
    ]
    return replace(member, status=MemberStatus.REVOKED, log_keys=tuple(keys))


def reinstated(member: MemberRecord, suspension: Suspension | None, *, now_ms: int) -> MemberRecord:
    """Return the member as an active one whose suspension is over."""
    suspended_at_ms = 0 if suspension is None else suspension.suspended_at_ms
    # The suspending side's clock may be ahead of this one.
    at_ms = max(now_ms, suspended_at_ms, member.reinstated_at_ms or 0)
    return replace(member, status=MemberStatus.ACTIVE, reinstated_at_ms=at_ms)


def log_number(key: LogKeyRecord) -> int:
    """Return the number of the log that the key signs."""
    return int(key.origin.rpartition("/")[2])


def _check_age(member: MemberRecord, request: JoinRequest, now_ms: int) -> None:
    # A request that was overtaken by a later one must not be played back.
    if request.created_at_ms < max(key.valid_from_ms for key in member.log_keys):
        raise MembershipError(
            f"the request is older than the newest log key of {member.node_id}",
            "ask the member for a new request",
        )
    if request.created_at_ms > now_ms + limits.CLOCK_SKEW_MS:
        raise MembershipError(
            "the request was made in the future", "check the clock of this machine"
        )


def _ended(
    member: MemberRecord, request: JoinRequest, asked: LogKeyRecord, now_ms: int
) -> list[LogKeyRecord]:
    good = [key for key in member.log_keys if key.is_good_at(now_ms)]
    present_from_ms = max((key.valid_from_ms for key in good), default=now_ms)
    present = [key for key in good if key.valid_from_ms == present_from_ms]
    if not any(request.is_signed_by_previous(key) for key in present):
        raise MembershipError(
            f"the request is not signed by the present log key of {member.node_id}",
            "if that key is lost or stolen, say since when it is compromised",
        )
    if log_number(asked) < max(map(log_number, member.log_keys)):
        raise MembershipError(f"the request goes back to an older log of {member.node_id}")
    end_ms = now_ms + _OVERLAP_MS
    return [
        replace(key, valid_until_ms=min(key.valid_until_ms or end_ms, end_ms))
        if key.compromised_since_ms is None
        else key
        for key in member.log_keys
    ]


def _stolen(
    member: MemberRecord, request: JoinRequest, asked: LogKeyRecord, since_ms: int
) -> list[LogKeyRecord]:
    if request.created_at_ms < since_ms:
        raise MembershipError(
            "the request was made before the theft",
            "its key may be stolen too: ask the member for a new request",
        )
    if log_number(asked) <= max(map(log_number, member.log_keys)):
        raise MembershipError(
            f"after a theft {member.node_id} needs a log with a higher number",
            "ask the member for a request with a new identity",
        )
    return [_compromised(key, since_ms) for key in member.log_keys]


def _compromised(key: LogKeyRecord, since_ms: int) -> LogKeyRecord:
    known_ms = key.compromised_since_ms
    return replace(key, compromised_since_ms=min(since_ms, known_ms or since_ms))


def _check_times(member: MemberRecord, now_ms: int) -> None:
    for key in member.log_keys:
        if key.compromised_since_ms is not None:
            _check_since(key.compromised_since_ms, now_ms)


def _check_since(compromised_since_ms: int, now_ms: int) -> None:
    if not 0 < compromised_since_ms <= now_ms:
        raise MembershipError(
            "the time since when the keys are compromised lies in the future",
            "give the time of the theft, or the present",
        )
