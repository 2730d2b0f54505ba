"""Federations with several holders of each role's keys, for the tests of ceremonies."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from keys import change as changes
from keys.ceremony import publish, sign, signatures
from keys.change import Change
from keys.errors import MembershipError
from keys.signers_at_hand import FederationKeys, create_federation, sign_and_publish
from keys.tuf_keys import CompositeSigner
from protocol.ids import NodeId
from tests.keys.federation import DAY_MS, NOW_MS, fixed_random, member, role

BE, NL, FR = NodeId("be.example"), NodeId("nl.example"), NodeId("fr.example")
THEN_MS = NOW_MS + DAY_MS


def many_keys(generation: int = 1) -> FederationKeys:
    """Root and targets: three of five; suspend: two of three; one publisher."""
    names = {"root": (5, 3), "targets": (5, 3), "suspend": (3, 2)}
    roles = {
        name: role(f"{name} of ceremony {generation}", signers=signers, threshold=threshold)
        for name, (signers, threshold) in names.items()
    }
    return FederationKeys(
        **roles,
        snapshot=role(f"snapshot of ceremony {generation}"),
        timestamp=role(f"timestamp of ceremony {generation}"),
    )


KEYS = many_keys()
NEXT_KEYS = many_keys(2)


def _published() -> dict[str, bytes]:
    files = create_federation("Many holders", KEYS, random=fixed_random("many"), now_ms=NOW_MS)
    change = changes.admit(Change(files), member(BE), now_ms=NOW_MS)
    change = changes.admit(change, member(NL), now_ms=NOW_MS)
    return sign_and_publish(change, KEYS, now_ms=NOW_MS)


PUBLIC = _published()
"""What a federation with two members has published."""


def root(count: int, keys: FederationKeys = KEYS) -> list[CompositeSigner]:
    return list(keys.root.signers[:count])


def targets(count: int, keys: FederationKeys = KEYS) -> list[CompositeSigner]:
    return list(keys.targets.signers[:count])


def suspend(count: int, keys: FederationKeys = KEYS) -> list[CompositeSigner]:
    assert keys.suspend is not None
    return list(keys.suspend.signers[:count])


def signed(change: Change, signers: Iterable[CompositeSigner]) -> Change:
    for signer in signers:
        change = sign(change, signer)
    return change


def published(
    change: Change, keys: FederationKeys = KEYS, *, now_ms: int = THEN_MS
) -> dict[str, bytes]:
    return publish(
        change, snapshot=keys.snapshot.signers, timestamp=keys.timestamp.signers, now_ms=now_ms
    )


def refused(change: Change, keys: FederationKeys = KEYS) -> str:
    """Assert that it cannot be published; return why."""
    with pytest.raises(MembershipError) as caught:
        published(change, keys)
    return caught.value.sentence


def counts(change: Change) -> list[tuple[str, str, int, int]]:
    return [(each.file, each.role, each.have, each.needed) for each in signatures(change)]


def admitting(node_id: str = FR) -> Change:
    """Return the proposal of a third member."""
    return changes.admit(Change(PUBLIC), member(node_id), now_ms=THEN_MS)
