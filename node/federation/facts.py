"""What people are told of a directory: its members, its roles, and who signed.

Plain data, the same for a node that reads its own copy and for the secretariat's
folder. The directory was verified before; which of a role's keys have signed is looked
up here again, because only their number mattered there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tuf.api.metadata import (  # type: ignore[attr-defined]
    Metadata,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)

from keys.directory import Directory
from keys.directory_content import read_metadata
from keys.directory_files import TIMESTAMP_NAME, DirectoryFiles, metadata_name, newest_version
from keys.errors import DirectoryError, DirectoryFault
from keys.members import LogKeyRecord, MemberRecord, MemberStatus
from keys.suspension import SUSPEND_ROLE
from node.federation.hours import hours_text

Facts = dict[str, Any]

_DAY_MS: Final = 24 * 3600 * 1000


def directory_facts(directory: Directory, files: DirectoryFiles, *, now_ms: int) -> Facts:
    """Return what is to be told of a verified directory and the files that it stands on.

    Raises:
        DirectoryError: the files are not those of a directory.
    """
    return {
        "federation": directory.federation_name,
        "federation_id": directory.federation_id.hex(),
        "directory_version": directory.version,
        "expires_at_ms": directory.expires_at_ms,
        "now_ms": now_ms,
        "roles": list(role_facts(files)),
        "members": [
            member_facts(directory, member, now_ms=now_ms)
            for _, member in sorted(directory.members.items())
        ],
    }


def member_facts(directory: Directory, member: MemberRecord, *, now_ms: int) -> Facts:
    """Return what is to be told of one member."""
    suspended_since_ms = directory.suspended_since_ms(member.node_id)
    is_suspended = suspended_since_ms is not None and member.status is MemberStatus.ACTIVE
    return {
        **record_facts(member),
        "status": "suspended" if is_suspended else member.status.name.lower(),
        "suspended_since_ms": suspended_since_ms,
        "log_keys": [_log_key_facts(key, now_ms) for key in member.log_keys],
    }


def record_facts(member: MemberRecord) -> Facts:
    """Return what a record says besides its status and its keys."""
    return {
        "node_id": member.node_id,
        "legal_name": member.legal_name,
        "country": member.country,
        "languages": list(member.languages),
        "hours": hours_text(member.hours),
        "time_zone": member.time_zone or None,
        "telephone": member.telephone,
        "endpoints": list(member.endpoints),
        "transfer_regime": member.transfer_regime.name.lower(),
        "adequacy_until": _date(member.adequacy_until),
        "agreement_until": _date(member.agreement_until),
    }


def role_facts(files: DirectoryFiles) -> Iterator[Facts]:
    """Yield the roles, root first: until when they signed, and with which of their keys.

    Only the files in force are looked at; a crash may have left newer ones beside them.

    Raises:
        DirectoryError: the files are not those of a directory.
    """
    signed = dict(_files_in_force(files))
    for role, metadata in signed.items():
        delegator = signed["targets" if role == SUSPEND_ROLE else "root"].signed
        result = delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
        yield {
            "role": role,
            "version": metadata.signed.version,
            "expires_at_ms": int(metadata.signed.expires.timestamp()) * 1000,
            "needed": result.threshold,
            "keys": [
                {"key_id": key_id, "has_signed": key_id in result.signed}
                for key_id in sorted({*result.signed, *result.unsigned})
            ],
        }


def _files_in_force(files: DirectoryFiles) -> Iterator[tuple[str, Metadata[Any]]]:
    timestamp = _read(files, TIMESTAMP_NAME, Timestamp)
    version = timestamp.signed.snapshot_meta.version
    snapshot = _read(files, metadata_name("snapshot", version), Snapshot)
    yield "root", _read(files, metadata_name("root", newest_version(files, "root")), Root)
    for role in ("targets", SUSPEND_ROLE):
        meta = snapshot.signed.meta.get(f"{role}.json")
        if meta is not None:
            yield role, _read(files, metadata_name(role, meta.version), Targets)
    yield "snapshot", snapshot
    yield "timestamp", timestamp


def _read(files: DirectoryFiles, name: str, kind: type[Any]) -> Metadata[Any]:
    if name not in files:
        raise DirectoryError(DirectoryFault.MISSING, name)
    return read_metadata(files[name], kind)


def _log_key_facts(key: LogKeyRecord, now_ms: int) -> Facts:
    return {
        "key_id": key.key_id.hex(),
        "origin": key.origin,
        "valid_from_ms": key.valid_from_ms,
        "valid_until_ms": key.valid_until_ms,
        "compromised_since_ms": key.compromised_since_ms,
        "is_good": key.is_good_at(now_ms),
        "age_days": max(0, now_ms - key.valid_from_ms) // _DAY_MS,
    }


def _date(date: object) -> str | None:
    return None if date is None else str(date)
