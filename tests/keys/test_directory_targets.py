"""Members in the directory: what even the membership role's own keys cannot bring in."""

from __future__ import annotations

import pytest
from tuf.api.metadata import Delegations

from keys import directory as directory_module
from keys import membership
from keys.directory import load_directory
from keys.errors import DirectoryFault
from keys.members import MemberStatus, encode_member
from protocol import limits
from protocol.ids import NodeId
from tests.keys.federation import (
    NOW_MS,
    Federation,
    add_target,
    forge_targets,
    log_key,
    log_signer,
    member,
    name_of,
    refused,
)

BE, NL = NodeId("be.example"), NodeId("nl.example")


@pytest.fixture(name="federation")
def _federation() -> Federation:
    federation = Federation()
    federation.admit(member(BE))
    federation.admit(member(NL))
    return federation


def test_suspended_and_revoked_members_stay_named_but_are_not_active(
    federation: Federation,
) -> None:
    federation.amend(member(BE, status=MemberStatus.SUSPENDED))
    federation.amend(member(NL, status=MemberStatus.REVOKED))
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    for node_id in (BE, NL):
        assert directory.is_member(node_id)
        assert not directory.is_active(node_id)


def test_mix_and_match_of_two_targets_is_refused(federation: Federation) -> None:
    old = dict(federation.files)
    federation.amend(member(BE, status=MemberStatus.REVOKED))
    new_name = name_of(federation.files, "targets.json")
    mixed = {**old, **federation.files, new_name: old[name_of(old, "targets.json")]}
    assert refused(mixed, federation.trusted_root) is DirectoryFault.CHANGED


def test_swapped_member_file_is_refused(federation: Federation) -> None:
    ours = name_of(federation.files, f"{BE}.member")
    theirs = name_of(federation.files, f"{NL}.member")
    federation.files[ours], federation.files[theirs] = (
        federation.files[theirs],
        federation.files[ours],
    )
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.CHANGED


def test_member_file_under_another_members_name_is_refused(federation: Federation) -> None:
    add_target(federation, "fr.example.member", encode_member(member("it.example")))
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.MEMBER


def test_two_members_with_one_key_are_refused(federation: Federation) -> None:
    thief = member("fr.example", log_keys=(log_key("fr.example", log_signer(BE)),))
    add_target(federation, "fr.example.member", encode_member(thief))
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.MEMBER


def test_member_with_a_low_order_key_is_refused(federation: Federation) -> None:
    good = encode_member(member("fr.example"))
    ed25519 = log_signer("fr.example").ed25519_public
    add_target(federation, "fr.example.member", good.replace(ed25519, bytes(32)))
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.MEMBER


@pytest.mark.parametrize(
    "path", ["../be.example.member", "be.example", "be.example.member/", "FR.example.member"]
)
def test_target_that_is_no_member_is_refused(federation: Federation, path: str) -> None:
    add_target(federation, path, encode_member(member("fr.example")))
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.MALFORMED


def test_target_without_sha256_is_refused(federation: Federation) -> None:
    def change(targets: object) -> None:
        target = targets.targets["be.example.member"]
        target.hashes = {"sha512": "00" * 64}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(membership, "member_file_name", lambda t: "timestamp.json")
        forge_targets(federation, change)
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.MALFORMED


def test_target_announced_too_long_is_refused_before_it_is_fetched(federation: Federation) -> None:
    add_target(federation, "fr.example.member", bytes(limits.MEMBER_BYTES + 1))
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.TOO_LARGE


def test_all_members_together_are_bounded(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_module, "MEMBERS_BYTES", 2000)
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.TOO_LARGE


def test_delegation_is_refused_rather_than_ignored(federation: Federation) -> None:
    def change(targets: object) -> None:
        targets.delegations = Delegations(keys={}, roles={})

    forge_targets(federation, change)
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.UNSUPPORTED
