"""A federation all of whose keys are in one place: for a demonstration, and for tests.

In earnest each key has a holder and a machine of its own, and a change travels between
them (`ceremony`). Here the same steps are made in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from keys.ceremony import publish, sign
from keys.change import Change, found
from keys.pending import checked
from keys.public_keys import FederationPublicKeys, RolePublicKeys
from keys.suspension import SUSPEND_ROLE
from keys.tuf_keys import CompositeSigner
from keys.vault import RandomBytes


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """The signers of a role, and how many signatures it needs.

    Raises:
        MembershipError: the signers cannot reach the threshold.
    """

    signers: Sequence[CompositeSigner]
    threshold: int = 1

    def __post_init__(self) -> None:
        self.public()

    def public(self) -> RolePublicKeys:
        """Return the public halves."""
        return RolePublicKeys([signer.public_key for signer in self.signers], self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationKeys:
    """The signers of all roles; no key in two of them.

    Raises:
        MembershipError: a key has two roles.
    """

    root: RoleKeys
    targets: RoleKeys
    snapshot: RoleKeys
    timestamp: RoleKeys
    suspend: RoleKeys | None = None

    def __post_init__(self) -> None:
        self.public()

    def by_role(self) -> Mapping[str, RoleKeys]:
        """Return the signers under the names of their roles."""
        roles = {
            "root": self.root,
            "targets": self.targets,
            "snapshot": self.snapshot,
            "timestamp": self.timestamp,
            SUSPEND_ROLE: self.suspend,
        }
        return {name: keys for name, keys in roles.items() if keys is not None}

    def public(self) -> FederationPublicKeys:
        """Return the public halves."""
        return FederationPublicKeys(
            **{name: role.public() for name, role in self.by_role().items()}
        )


def create_federation(
    name: str, keys: FederationKeys, *, random: RandomBytes, now_ms: int
) -> dict[str, bytes]:
    """Found a federation without members, and publish it.

    Raises:
        MembershipError: the name cannot be used.
    """
    change = found(name, keys.public(), random=random, now_ms=now_ms)
    return sign_and_publish(change, keys, now_ms=now_ms)


def sign_and_publish(change: Change, keys: FederationKeys, *, now_ms: int) -> dict[str, bytes]:
    """Sign a change with whatever keys it needs, and publish it.

    Raises:
        MembershipError: the keys are not those of the federation, or too few.
        DirectoryError: the change is not in order, or nodes would refuse the result.
    """
    signers = [signer for role in keys.by_role().values() for signer in role.signers]
    return publish(
        sign_with(change, signers),
        snapshot=keys.snapshot.signers,
        timestamp=keys.timestamp.signers,
        now_ms=now_ms,
    )


def sign_with(change: Change, signers: Iterable[CompositeSigner]) -> Change:
    """Sign a change with those of these signers that it waits for."""
    needed = {key_id for file in checked(change).waiting for key_id in file.key_ids()}
    for signer in signers:
        if signer.public_key.keyid in needed:
            change = sign(change, signer)
    return change
