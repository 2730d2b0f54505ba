"""Founding a federation: with keys that lie elsewhere, or all in its own folder.

In earnest each key has a holder, and the founding waits for their signatures. With all
keys in the folder one person alone is the federation: for a demonstration or a trial.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from keys.change import Change, found
from keys.directory import load_directory
from keys.public_keys import FederationPublicKeys, RolePublicKeys
from keys.signers_at_hand import FederationKeys, RoleKeys, sign_and_publish
from keys.suspension import SUSPEND_ROLE
from keys.tuf_keys import CompositeKey, create_directory_key
from node.errors import ArgumentError
from node.federation import key_files
from node.federation.folder import FederationFolder

Facts = dict[str, Any]

ROLES: Final = ("root", "targets", SUSPEND_ROLE, "snapshot", "timestamp")
# Any one of the publishers refreshes the directory, so these need one signature.
PUBLISHER_ROLES: Final = ("snapshot", "timestamp")


@dataclass(frozen=True, slots=True)
class WantedRole:
    """The public keys that a role shall have, by their files, and how many have to sign."""

    keys: Sequence[tuple[str, CompositeKey]]
    threshold: int | None


def role_keys(wanted: Mapping[str, WantedRole]) -> FederationPublicKeys:
    """Return the keys of all roles, from what a person named on the command line.

    Raises:
        ArgumentError: a role has no key, or it is not said how many have to sign.
        MembershipError: a key stands twice, or a threshold is out of reach.
    """
    given = {role for role, each in wanted.items() if each.keys}
    missing = [role for role in ROLES if role not in {SUSPEND_ROLE, *given}]
    if missing:
        raise ArgumentError(
            "argument_missing",
            f"no key is named for the role {missing[0]}",
            f"--{missing[0]}-key FILE.pub; homeward federation key makes one",
        )
    return FederationPublicKeys(**{role: _role(role, wanted[role]) for role in given})


def store_founding(folder: FederationFolder, change: Change) -> None:
    """Keep a founding that waits for the signatures of the holders, in a new folder.

    Raises:
        HomeError: something lies in the folder.
        KeyFileError: it cannot be written.
    """
    folder.make(has_keys=False)
    folder.keep_pending(change.pending)


def found_here(folder: FederationFolder, name: str, passphrase: bytes, *, now_ms: int) -> Facts:
    """Found a federation at once, with one new key a role, all kept in the folder.

    Raises:
        HomeError: something lies in the folder.
        KeysError: the name cannot be used, or something cannot be written.
    """
    signers = {role: create_directory_key(os.urandom) for role in ROLES}
    keys = FederationKeys(**{role: RoleKeys((signer,)) for role, signer in signers.items()})
    change = found(name, keys.public(), random=os.urandom, now_ms=now_ms)
    files = sign_and_publish(change, keys, now_ms=now_ms)
    folder.make(has_keys=True)
    for role, signer in signers.items():
        key_files.store_key(folder.key(role), signer, passphrase)
    # If we crash before its end there is no root.json, and nothing was founded.
    folder.store_published(files, {})
    directory = load_directory(files, folder.load_root(), now_ms=now_ms)
    return {
        "federation": directory.federation_name,
        "federation_id": directory.federation_id.hex(),
        "directory_version": directory.version,
    }


def _role(role: str, wanted: WantedRole) -> RolePublicKeys:
    threshold = wanted.threshold
    if threshold is None:
        # A threshold of one that nobody chose would make each of five holders a founder.
        if len(wanted.keys) > 1 and role not in PUBLISHER_ROLES:
            raise ArgumentError(
                "argument_missing",
                f"it is not said how many of the {len(wanted.keys)} keys of {role} have to sign",
                f"--{role}-threshold",
            )
        threshold = 1
    return RolePublicKeys([key for _, key in wanted.keys], threshold)
