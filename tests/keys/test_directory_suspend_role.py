"""The role suspend is kept from everything but suspending members."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Delegations, SuccinctRoles, TargetFile

from keys.directory import DirectoryUpdate
from keys.errors import DirectoryError, DirectoryFault
from keys.members import encode_member
from keys.suspension import Suspension, encode_suspension
from protocol import limits
from protocol.ids import NodeId
from tests.keys.forge import BE, FR, NL, NOW_MS, Forge, member, refused
from tests.keys.reader import Node


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge(has_suspend=True)


def targets_of(path: str, data: bytes) -> Callable[[Forge], None]:
    def change(forge: Forge) -> None:
        forge.suspended[path] = data
        forge.publish("suspend")

    return change


def suspension(node_id: str) -> bytes:
    return encode_suspension(Suspension(NodeId(node_id), NOW_MS))


ABUSES: dict[str, tuple[Callable[[Forge], None], DirectoryFault]] = {
    "a member of its own": (
        targets_of(f"{FR}.member", encode_member(member(FR))),
        DirectoryFault.UNSUPPORTED,
    ),
    "another record of a member": (
        targets_of(f"{BE}.member", encode_member(member(BE, telephone="+3225550199"))),
        DirectoryFault.UNSUPPORTED,
    ),
    "a suspension of nobody": (
        targets_of(f"{FR}.suspended", suspension(FR)),
        DirectoryFault.UNSUPPORTED,
    ),
    "a file of another kind": (targets_of("note.txt", b"hello"), DirectoryFault.UNSUPPORTED),
    "a name without the ending": (targets_of(BE, suspension(BE)), DirectoryFault.UNSUPPORTED),
    "a name with the ending twice": (
        targets_of(f"{BE}.suspended.suspended", suspension(BE)),
        DirectoryFault.UNSUPPORTED,
    ),
    "a path": (targets_of(f"x/{BE}.suspended", suspension(BE)), DirectoryFault.UNSUPPORTED),
    "another member's name inside": (
        targets_of(f"{BE}.suspended", suspension(NL)),
        DirectoryFault.MEMBER,
    ),
    "nothing inside": (targets_of(f"{BE}.suspended", b""), DirectoryFault.MEMBER),
    "no suspension inside": (targets_of(f"{BE}.suspended", b"\xff"), DirectoryFault.MEMBER),
    "no time inside": (
        targets_of(f"{BE}.suspended", b"\x0a\x0a" + BE.encode()),
        DirectoryFault.MEMBER,
    ),
    "too much inside": (
        targets_of(f"{BE}.suspended", bytes(limits.SUSPENSION_BYTES + 1)),
        DirectoryFault.TOO_LARGE,
    ),
    "a delegation of its own": (
        lambda forge: forge.publish(
            changes={"suspend": lambda signed: setattr(signed, "delegations", forge.delegations())}
        ),
        DirectoryFault.UNSUPPORTED,
    ),
    "no sha256": (
        lambda forge: forge.publish(
            changes={
                "suspend": lambda signed: signed.targets.update(
                    {f"{BE}.suspended": TargetFile(3, {"sha512": "00" * 64}, f"{BE}.suspended")}
                )
            }
        ),
        DirectoryFault.MALFORMED,
    ),
}


@pytest.mark.parametrize("case", ABUSES)
def test_role_suspend_is_kept_from_anything_else(tmp_path: Path, forge: Forge, case: str) -> None:
    abuse, code = ABUSES[case]
    node = Node(tmp_path, forge)
    abuse(forge)
    assert refused(forge.files, forge.trusted_root) is code
    assert node.refuses(forge.files) is code


def delegating(**changes: object) -> Callable[[Forge], None]:
    """Let targets delegate to the keys of suspend in another way."""

    def change(forge: Forge) -> None:
        keys = {signer.public_key.keyid: signer.public_key for signer in forge.keys["suspend"]}
        values = {"name": "suspend", "terminating": True, "paths": ["*.suspended"], **changes}
        role = DelegatedRole(keyids=list(keys), threshold=1, **values)
        delegations = Delegations(keys, {role.name: role})
        forge.publish(
            changes={"targets": lambda signed: setattr(signed, "delegations", delegations)}
        )

    return change


def no_roles(forge: Forge) -> None:
    forge.publish(
        changes={"targets": lambda signed: setattr(signed, "delegations", Delegations({}, {}))}
    )


def second_role(forge: Forge) -> None:
    def change(targets: object) -> None:
        role = targets.delegations.roles["suspend"]
        targets.delegations.roles["other"] = DelegatedRole(
            "other", role.keyids, 1, terminating=True, paths=["*.suspended"]
        )

    forge.publish(changes={"targets": change})


def succinct_roles(forge: Forge) -> None:
    def change(targets: object) -> None:
        keys = targets.delegations.keys
        succinct = SuccinctRoles(list(keys), 1, 1, "suspend")
        targets.delegations = Delegations(keys, succinct_roles=succinct)

    forge.publish(changes={"targets": change})


def one_half(forge: Forge) -> None:
    key = CryptoSigner.generate_ed25519().public_key
    forge.publish(changes={"targets": lambda targets: targets.add_key(key, "suspend")})


DELEGATIONS: dict[str, tuple[Callable[[Forge], None], DirectoryFault]] = {
    "nothing": (no_roles, DirectoryFault.UNSUPPORTED),
    "another name": (delegating(name="suspender"), DirectoryFault.UNSUPPORTED),
    "all paths": (delegating(paths=["*"]), DirectoryFault.UNSUPPORTED),
    "members too": (delegating(paths=["*.suspended", "*.member"]), DirectoryFault.UNSUPPORTED),
    "no paths": (delegating(paths=[]), DirectoryFault.UNSUPPORTED),
    "hash prefixes": (
        delegating(paths=None, path_hash_prefixes=["0"]),
        DirectoryFault.UNSUPPORTED,
    ),
    "not terminating": (delegating(terminating=False), DirectoryFault.UNSUPPORTED),
    "a second role": (second_role, DirectoryFault.UNSUPPORTED),
    "succinct roles": (succinct_roles, DirectoryFault.UNSUPPORTED),
    "a key of one half": (one_half, DirectoryFault.KEY_TYPE),
}


@pytest.mark.parametrize("case", DELEGATIONS)
def test_any_other_delegation_is_refused_rather_than_ignored(
    tmp_path: Path, forge: Forge, case: str
) -> None:
    change, code = DELEGATIONS[case]
    node = Node(tmp_path, forge)
    change(forge)
    assert refused(forge.files, forge.trusted_root) is code
    assert node.refuses(forge.files) is code


def test_snapshot_must_list_the_role_that_targets_delegate_to(forge: Forge) -> None:
    forge.publish(changes={"snapshot": lambda signed: signed.meta.pop("suspend.json") and None})
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MALFORMED


def test_evidence_refuses_other_delegations_all_the_same(forge: Forge) -> None:
    second_role(forge)
    update = DirectoryUpdate({}, forge.trusted_root, now_ms=NOW_MS, has_suspensions=False)
    with pytest.raises(DirectoryError) as caught:
        update.give_all(forge.files.get)
    assert caught.value.code is DirectoryFault.UNSUPPORTED
