"""Publishing: a change that has its signatures becomes what members see.

Works on a folder that its caller holds locked, and writes last: a refusal leaves the
folder as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keys import ceremony
from keys.change import Change
from keys.directory import load_directory
from keys.directory_content import read_content
from keys.suspension import SUSPEND_ROLE
from keys.tuf_keys import CompositeSigner
from node.errors import HomeError, NodeError
from node.federation.facts import role_facts
from node.federation.folder import FederationFolder
from node.federation.founding import PUBLISHER_ROLES
from node.federation.signing import OpenKey, is_suspension_complete, load_change

Facts = dict[str, Any]


def publish(
    folder: FederationFolder,
    key_paths: Sequence[Path],
    open_key: OpenKey,
    *,
    is_suspension_only: bool,
    now_ms: int,
) -> Facts:
    """Make the pending change current; with none, renew the date of what is current.

    Raises:
        NodeError: a role has expired, or a key does not fit.
        KeysError: signatures are missing, the change is not in order, a key does not
            open, or nodes would refuse the result.
    """
    whole = load_change(folder)
    change = ceremony.only_suspensions(whole) if is_suspension_only else whole
    _check_complete(change)
    _check_current(change, now_ms)
    signers = _publishers(folder, change, key_paths, open_key)
    files = ceremony.publish(change, **signers, now_ms=now_ms)
    left = {name: data for name, data in whole.pending.items() if name not in change.pending}
    folder.store_published(files, left)
    directory = load_directory(files, folder.load_root(), now_ms=now_ms)
    return {
        "federation": directory.federation_name,
        "federation_id": directory.federation_id.hex(),
        "directory_version": directory.version,
        "members": len(directory.members),
        "suspended": sorted(directory.suspensions),
        "expires_at_ms": directory.expires_at_ms,
        "now_ms": now_ms,
        "roles": list(role_facts(files)),
        "is_founding": not whole.files,
        "is_more_pending": bool(left),
    }


def _check_complete(change: Change) -> None:
    signatures = ceremony.signatures(change)
    missing = [each.sentence for each in signatures if not each.is_enough]
    if missing:
        hint = "homeward federation pending tells whose; sign and collect come first"
        if is_suspension_complete(change, signatures):
            hint += "\nthe suspension has its signatures and may go alone: --suspension-only"
        raise NodeError("signatures_missing", "; ".join(missing), hint)


def _check_current(change: Change, now_ms: int) -> None:
    """Refuse to date anew what has itself expired: nodes would not take it."""
    content = read_content(change.merged)
    dates = {"root": content.root, "targets": content.targets, SUSPEND_ROLE: content.suspend}
    for role, signed in dates.items():
        if signed is not None and signed.expires.timestamp() * 1000 <= now_ms:
            raise NodeError(
                "role_expired",
                f"the {role} file has expired, and members would take nothing from it",
                f"its holders sign it for another period: homeward federation renew {role}",
            )


def _publishers(
    folder: FederationFolder, change: Change, key_paths: Sequence[Path], open_key: OpenKey
) -> Mapping[str, list[CompositeSigner]]:
    roles = read_content(change.merged).root.roles
    signers: dict[str, list[CompositeSigner]] = {role: [] for role in PUBLISHER_ROLES}
    for path in key_paths or _kept_publisher_keys(folder):
        signer = open_key(path)
        fitting = [role for role in signers if signer.public_key.keyid in roles[role].keyids]
        if not fitting:
            raise NodeError(
                "wrong_key",
                "one of these keys is of neither snapshot nor timestamp",
                "publishing takes one key of each; holders of other keys sign the change",
            )
        signers[fitting[0]].append(signer)
    for role, found in signers.items():
        if len(found) < roles[role].threshold:
            raise NodeError(
                "key_missing",
                f"publishing needs a key of {role} too",
                "--key FILE may be repeated: one of snapshot and one of timestamp",
            )
    return signers


def _kept_publisher_keys(folder: FederationFolder) -> list[Path]:
    paths = [folder.key(role) for role in PUBLISHER_ROLES]
    if not all(path.is_file() for path in paths):
        raise HomeError(
            "no_publisher_keys",
            "the keys of snapshot and timestamp are not in this folder",
            "name their files: --key SNAPSHOT.key --key TIMESTAMP.key",
        )
    return paths
