"""Publishing: what the membership role may do, and what it is kept from signing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keys import membership
from keys.directory import load_directory
from keys.errors import DirectoryError, DirectoryFault, MembershipError
from keys.members import LogKeyRecord, MemberStatus
from keys.membership import FederationKeys, RoleKeys
from keys.tuf_keys import create_directory_key, load_directory_key
from protocol.ids import NodeId
from tests.keys.federation import (
    CHEAP,
    DAY_MS,
    NOW_MS,
    Federation,
    directory_key,
    federation_keys,
    fixed_random,
    log_key,
    log_signer,
    member,
    role,
)

BE = NodeId("be.example")


@pytest.fixture(name="federation")
def _federation() -> Federation:
    federation = Federation()
    federation.admit(member(BE))
    return federation


def test_new_federation_is_a_directory_without_members() -> None:
    federation = Federation()
    assert sorted(federation.files) == [
        "1.root.json",
        "1.snapshot.json",
        "1.targets.json",
        "timestamp.json",
    ]
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    assert dict(directory.members) == {}
    assert directory.federation_id == fixed_random("federation")(32)


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_federation_needs_a_name_of_a_sensible_length(name: str) -> None:
    with pytest.raises(DirectoryError) as caught:
        membership.create_federation(
            name, federation_keys(), random=fixed_random("f"), now_ms=NOW_MS
        )
    assert caught.value.code is DirectoryFault.FEDERATION


def test_admitting_shows_nothing_before_it_is_published(federation: Federation) -> None:
    staged = membership.admit(
        federation.files,
        member("nl.example"),
        targets=federation.keys.targets.signers,
        now_ms=NOW_MS,
    )
    before = load_directory(staged, federation.trusted_root, now_ms=NOW_MS)
    assert not before.is_member(NodeId("nl.example"))
    federation.files = staged
    federation.publish()
    after = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    assert after.is_member(NodeId("nl.example"))


def test_functions_do_not_change_the_files_given(federation: Federation) -> None:
    before = dict(federation.files)
    given = federation.files
    federation.admit(member("nl.example"))
    assert given == before


def test_applicant_cannot_take_over_a_members_name(federation: Federation) -> None:
    impostor = member(BE, log_keys=(log_key(BE, log_signer("impostor")),))
    with pytest.raises(MembershipError, match="a member already"):
        federation.admit(impostor)


def test_only_members_can_be_amended(federation: Federation) -> None:
    with pytest.raises(MembershipError, match="not a member"):
        federation.amend(member("nl.example"))


def test_key_of_another_member_is_not_admitted(federation: Federation) -> None:
    thief = member("nl.example", log_keys=(log_key("nl.example", log_signer(BE)),))
    before = dict(federation.files)
    with pytest.raises(MembershipError, match="key twice"):
        federation.admit(thief)
    assert federation.files == before


def test_low_order_key_is_not_admitted(federation: Federation) -> None:
    key: LogKeyRecord = replace(log_key("nl.example"), ed25519=bytes(32))
    with pytest.raises(MembershipError, match="ed25519"):
        federation.admit(member("nl.example", log_keys=(key,)))


def test_key_rotation_keeps_the_old_key_until_its_end(federation: Federation) -> None:
    turn = NOW_MS + DAY_MS
    old = replace(log_key(BE), valid_until_ms=turn)
    new = replace(log_key(BE, log_signer("next")), valid_from_ms=turn)
    federation.amend(member(BE, log_keys=(old, new)))
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    assert directory.key_for(BE, old.key_id, NOW_MS) == old
    assert directory.key_for(BE, new.key_id, NOW_MS) is None
    assert directory.key_for(BE, old.key_id, turn) is None
    assert directory.key_for(BE, new.key_id, turn) == new


def test_compromised_key_counts_only_for_what_is_older(federation: Federation) -> None:
    stolen = replace(log_key(BE), compromised_since_ms=NOW_MS)
    federation.amend(member(BE, log_keys=(stolen,), status=MemberStatus.SUSPENDED))
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    assert directory.key_for(BE, stolen.key_id, NOW_MS - 1) == stolen
    assert directory.key_for(BE, stolen.key_id, NOW_MS) is None


@pytest.mark.parametrize("wrong", ["snapshot", "timestamp", "root"])
def test_keys_of_another_role_cannot_admit(federation: Federation, wrong: str) -> None:
    signers = federation.keys.by_role()[wrong].signers
    with pytest.raises(MembershipError, match="role targets"):
        membership.admit(federation.files, member("nl.example"), targets=signers, now_ms=NOW_MS)


def test_one_signature_short_of_the_threshold_cannot_admit() -> None:
    keys = replace(federation_keys(), targets=role("many", signers=3, threshold=2))
    federation = Federation(keys)
    for signers in ((), keys.targets.signers[:1], keys.targets.signers[:1] * 2):
        with pytest.raises(MembershipError, match="not enough"):
            membership.admit(federation.files, member(BE), targets=signers, now_ms=NOW_MS)


def test_outsiders_cannot_publish(federation: Federation) -> None:
    outsider = (directory_key("outsider"),)
    with pytest.raises(MembershipError, match="role snapshot"):
        membership.publish(
            federation.files,
            snapshot=outsider,
            timestamp=federation.keys.timestamp.signers,
            now_ms=NOW_MS,
        )


def test_new_root_needs_the_old_root_keys(federation: Federation) -> None:
    with pytest.raises(MembershipError, match="role root"):
        membership.renew_root(
            federation.files, federation_keys(2), old_root=(directory_key("x"),), now_ms=NOW_MS
        )


def test_publishing_with_replaced_keys_is_refused(federation: Federation) -> None:
    federation.files = membership.renew_root(
        federation.files,
        federation_keys(2),
        old_root=federation.keys.root.signers,
        now_ms=NOW_MS,
    )
    with pytest.raises(MembershipError, match="role snapshot"):
        federation.publish()


def test_publishing_expired_members_is_refused(federation: Federation) -> None:
    federation.now_ms = NOW_MS + membership.TARGETS_DAYS * DAY_MS
    with pytest.raises(DirectoryError) as caught:
        federation.publish()
    assert caught.value.code is DirectoryFault.EXPIRED
    federation.files = membership.renew_targets(
        federation.files, targets=federation.keys.targets.signers, now_ms=federation.now_ms
    )
    federation.publish()


def test_expired_root_is_renewed_with_the_same_keys(federation: Federation) -> None:
    federation.now_ms = NOW_MS + 400 * DAY_MS
    federation.rotate_root(federation.keys)
    directory = load_directory(federation.files, federation.trusted_root, now_ms=federation.now_ms)
    assert directory.is_active(BE)


def test_published_files_are_exactly_those_a_node_needs(federation: Federation) -> None:
    federation.amend(member(BE, telephone="+3225550111"))
    kinds = sorted(name.split(".", 1)[1] for name in federation.files)
    assert kinds == ["be.example.member", "json", "root.json", "snapshot.json", "targets.json"]


def test_unreadable_or_missing_files_are_told_apart(federation: Federation) -> None:
    signers = federation.keys.targets.signers
    name = next(name for name in federation.files if name.endswith(".member"))
    cases = {
        "2.targets.json": (b"garbage", DirectoryFault.MALFORMED),
        name: (b"garbage", DirectoryFault.MEMBER),
    }
    for changed, (data, fault) in cases.items():
        files = {**federation.files, changed: data}
        with pytest.raises(DirectoryError) as caught:
            membership.admit(files, member("nl.example"), targets=signers, now_ms=NOW_MS)
        assert caught.value.code is fault
        del files[changed]
        with pytest.raises(DirectoryError) as caught:
            membership.admit(files, member("nl.example"), targets=signers, now_ms=NOW_MS)
        assert caught.value.code is DirectoryFault.MISSING


def test_key_has_one_role_and_thresholds_can_be_reached() -> None:
    with pytest.raises(ValueError, match="one role"):
        FederationKeys(root=role("a"), targets=role("a"), snapshot=role("b"), timestamp=role("c"))
    with pytest.raises(ValueError, match="out of reach"):
        role("a", signers=2, threshold=3)
    with pytest.raises(ValueError, match="out of reach"):
        role("a", threshold=0)
    with pytest.raises(ValueError, match="out of reach"):
        RoleKeys((directory_key("a"), directory_key("a")), 2)


def test_keys_from_vaults_sign_for_their_role(tmp_path: Path) -> None:
    random = fixed_random("vaults")
    names = ("root", "targets", "snapshot", "timestamp")
    for name in names:
        create_directory_key(random).store(
            tmp_path / name, b"passphrase", random=random, cost=CHEAP
        )
    loaded = {
        name: RoleKeys((load_directory_key(tmp_path / name, b"passphrase"),)) for name in names
    }
    federation = Federation(FederationKeys(**loaded))
    federation.admit(member(BE))
    assert load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS).is_active(BE)
