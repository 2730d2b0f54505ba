"""Which keys a federation's roles have, as public keys: nobody needs to bring a private one.

Five roles: root says which keys count, targets says who is a member, snapshot and
timestamp say what is current, suspend may suspend members and nothing else. The last is
optional, and its keys stand in the targets file instead of the root file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from tuf.api.metadata import Delegations, Role, Root  # type: ignore[attr-defined]

from keys.directory_content import Content, suspend_delegations
from keys.errors import MembershipError
from keys.suspension import SUSPEND_ROLE
from keys.tuf_keys import CompositeKey


@dataclass(frozen=True, slots=True)
class RolePublicKeys:
    """Who signs for a role, and how many of them must.

    Raises:
        MembershipError: a key stands twice, or the keys cannot reach the threshold.
    """

    keys: Sequence[CompositeKey]
    threshold: int = 1

    def __post_init__(self) -> None:
        if len({key.keyid for key in self.keys}) != len(self.keys):
            raise MembershipError("a key is given twice for one role", "name each key once")
        if not 1 <= self.threshold <= len(self.keys):
            raise MembershipError(
                f"{len(self.keys)} keys cannot reach a threshold of {self.threshold}",
                "a threshold is at least 1, and at most the number of keys",
            )

    def by_id(self) -> dict[str, CompositeKey]:
        """Return the keys by their ids, in one order whatever order they were given in."""
        return {key.keyid: key for key in sorted(self.keys, key=lambda key: key.keyid)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationPublicKeys:
    """The keys of all roles; suspend is None in a federation without that role.

    Raises:
        MembershipError: a key has two roles.
    """

    root: RolePublicKeys
    targets: RolePublicKeys
    snapshot: RolePublicKeys
    timestamp: RolePublicKeys
    suspend: RolePublicKeys | None = None

    def __post_init__(self) -> None:
        ids = [key.keyid for role in self.by_role().values() for key in role.keys]
        if len(set(ids)) != len(ids):
            raise MembershipError(
                "a key is given for two roles", "a key serves one role only: make one for each"
            )

    def by_role(self) -> Mapping[str, RolePublicKeys]:
        """Return the keys under the names of their roles."""
        roles = {
            "root": self.root,
            "targets": self.targets,
            "snapshot": self.snapshot,
            "timestamp": self.timestamp,
            SUSPEND_ROLE: self.suspend,
        }
        return {name: keys for name, keys in roles.items() if keys is not None}

    def set_roles(self, root: Root) -> None:
        """Write the keys of all roles but suspend into a root file."""
        for name, role in self.by_role().items():
            if name != SUSPEND_ROLE:
                root.keys |= role.by_id()
                root.roles[name] = Role(list(role.by_id()), role.threshold)

    def delegations(self) -> Delegations | None:
        """Return how the targets file names the role suspend."""
        role = self.suspend
        return None if role is None else suspend_delegations(role.by_id(), role.threshold)


def keys_in(content: Content) -> FederationPublicKeys:
    """Return the keys that the roles have in these files.

    Raises:
        MembershipError: the files name keys as none may be named here.
    """
    delegations = content.targets.delegations
    keys = content.root.keys if delegations is None else content.root.keys | delegations.keys
    return FederationPublicKeys(
        **{
            name: RolePublicKeys(
                [cast("CompositeKey", keys[key_id]) for key_id in role.keyids if key_id in keys],
                role.threshold,
            )
            for name, role in content.roles()
        }
    )
