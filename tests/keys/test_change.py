"""Proposals: what may be proposed to the holders of keys, and what never gets that far."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keys import change as changes
from keys.change import Change
from keys.directory import Directory, load_directory
from keys.errors import DirectoryError, DirectoryFault, MembershipError
from keys.members import LogKeyRecord, MemberStatus
from keys.public_keys import FederationPublicKeys, RolePublicKeys
from keys.signers_at_hand import FederationKeys, RoleKeys, create_federation
from keys.tuf_keys import create_directory_key, load_directory_key
from protocol.ids import NodeId
from tests.keys.ceremonies import KEYS, NEXT_KEYS, PUBLIC
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
)

BE, NL = NodeId("be.example"), NodeId("nl.example")


@pytest.fixture(name="federation")
def _federation() -> Federation:
    federation = Federation(replace(federation_keys(), suspend=RoleKeys((directory_key("sus"),))))
    federation.admit(member(BE))
    return federation


def directory_of(federation: Federation) -> Directory:
    return load_directory(federation.files, federation.trusted_root, now_ms=federation.now_ms)


# --- founding


def test_new_federation_is_a_directory_without_members() -> None:
    federation = Federation()
    assert sorted(federation.files) == [
        "1.root.json",
        "1.snapshot.json",
        "1.targets.json",
        "timestamp.json",
    ]
    directory = directory_of(federation)
    assert dict(directory.members) == {}
    assert directory.federation_id == fixed_random("federation")(32)


@pytest.mark.parametrize("name", ["", "x" * 201, " Homes", "Ho\nmes", "Ho\x1b[2Jmes"])
def test_federation_needs_a_name_that_can_be_shown(name: str) -> None:
    with pytest.raises(MembershipError, match="cannot be the name"):
        create_federation(name, federation_keys(), random=fixed_random("f"), now_ms=NOW_MS)


def test_longest_name_is_taken() -> None:
    files = create_federation("x" * 200, federation_keys(), random=bytes, now_ms=NOW_MS)
    directory = load_directory(files, files["1.root.json"], now_ms=NOW_MS)
    assert directory.federation_name == "x" * 200


def test_proposal_does_not_depend_on_the_order_in_which_keys_were_given() -> None:
    turned = replace(
        KEYS.public(), root=RolePublicKeys(KEYS.root.public().keys[::-1], KEYS.root.threshold)
    )
    first, second = (
        changes.found("Test", keys, random=fixed_random("f"), now_ms=NOW_MS)
        for keys in (KEYS.public(), turned)
    )
    assert first == second


def test_key_has_one_role_and_thresholds_can_be_reached() -> None:
    one, two = (RoleKeys((directory_key(name),)) for name in ("1", "2"))
    with pytest.raises(MembershipError, match="two roles"):
        FederationKeys(root=one, targets=two, snapshot=one, timestamp=two)
    with pytest.raises(MembershipError, match="two roles"):
        replace(federation_keys(), suspend=federation_keys().root)
    key = directory_key("1").public_key
    for keys, threshold in (((key,), 2), ((key,), 0), ((), 0)):
        with pytest.raises(MembershipError, match="cannot reach a threshold"):
            RolePublicKeys(keys, threshold)
    with pytest.raises(MembershipError, match="twice"):
        RolePublicKeys((key, key), 2)


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
    assert directory_of(federation).is_active(BE)


# --- members


def test_admitting_shows_nothing_before_it_is_published(federation: Federation) -> None:
    change = changes.admit(federation.public, member(NL), now_ms=NOW_MS)
    assert not directory_of(federation).is_member(NL)
    federation.carry_out(change)
    assert directory_of(federation).is_active(NL)


def test_proposals_do_not_change_what_they_were_given(federation: Federation) -> None:
    before = dict(federation.files)
    first = changes.admit(federation.public, member(NL), now_ms=NOW_MS)
    pending = dict(first.pending)
    changes.admit(first, member("fr.example"), now_ms=NOW_MS)
    assert federation.files == before
    assert first.pending == pending


def test_several_proposals_are_one_change(federation: Federation) -> None:
    change = changes.admit(federation.public, member(NL), now_ms=NOW_MS)
    change = changes.admit(change, member("fr.example"), now_ms=NOW_MS)
    change = changes.amend(change, member(NL, telephone="+3225550199"), now_ms=NOW_MS)
    names = sorted(name.split(".", 1)[1] for name in change.pending)
    assert names == ["fr.example.member", "nl.example.member", "targets.json"]
    federation.carry_out(change)
    assert directory_of(federation).members[NL].telephone == "+3225550199"


def test_nobody_is_a_member_twice(federation: Federation) -> None:
    impostor = member(BE, log_keys=(log_key(BE, log_signer("impostor")),))
    with pytest.raises(MembershipError, match="a member already"):
        federation.admit(impostor)
    pending = changes.admit(federation.public, member(NL), now_ms=NOW_MS)
    with pytest.raises(MembershipError, match="a member already"):
        changes.admit(pending, member(NL), now_ms=NOW_MS)


def test_only_members_can_be_amended_revoked_suspended_or_reinstated(
    federation: Federation,
) -> None:
    for propose in (
        lambda: changes.amend(federation.public, member(NL), now_ms=NOW_MS),
        lambda: changes.revoke(federation.public, NL, compromised_since_ms=1, now_ms=NOW_MS),
        lambda: changes.suspend(federation.public, NL, now_ms=NOW_MS),
        lambda: changes.reinstate(federation.public, NL, now_ms=NOW_MS),
    ):
        with pytest.raises(MembershipError, match=r"nl\.example is not a member"):
            propose()


def test_key_of_another_member_is_not_admitted(federation: Federation) -> None:
    thief = member(NL, log_keys=(log_key(NL, log_signer(BE)),))
    before = dict(federation.files)
    with pytest.raises(MembershipError, match="key twice"):
        federation.admit(thief)
    assert federation.files == before


@pytest.mark.parametrize("half", ["ed25519", "mldsa44"])
def test_half_a_key_of_another_member_is_not_admitted(federation: Federation, half: str) -> None:
    mixed = replace(log_key(NL), **{half: getattr(log_key(BE), half)})
    with pytest.raises(MembershipError, match="key twice"):
        federation.admit(member(NL, log_keys=(mixed,)))


def test_low_order_key_is_not_admitted(federation: Federation) -> None:
    key: LogKeyRecord = replace(log_key(NL), ed25519=bytes(32))
    with pytest.raises(MembershipError, match="ed25519"):
        federation.admit(member(NL, log_keys=(key,)))


@pytest.mark.parametrize(
    "endpoint",
    ["http://nl.example.invalid", "https://h?", "https://h#", "https://h/?", "ftp://h", "nl"],
)
def test_endpoint_that_is_not_plain_https_is_not_admitted(
    federation: Federation, endpoint: str
) -> None:
    with pytest.raises(MembershipError, match="endpoints"):
        federation.admit(member(NL, endpoints=(endpoint,)))


def test_compromise_in_the_future_is_refused(federation: Federation) -> None:
    stolen = replace(log_key(BE), compromised_since_ms=NOW_MS + 1)
    with pytest.raises(MembershipError, match="lies in the future"):
        federation.amend(member(BE, log_keys=(stolen,)))
    future = replace(log_key(NL), compromised_since_ms=NOW_MS + 1)
    with pytest.raises(MembershipError, match="lies in the future"):
        federation.admit(member(NL, log_keys=(future,)))
    with pytest.raises(MembershipError, match="lies in the future"):
        changes.revoke(federation.public, BE, compromised_since_ms=NOW_MS + 1, now_ms=NOW_MS)


def test_amending_takes_out_no_key_and_decides_no_suspension(federation: Federation) -> None:
    with pytest.raises(MembershipError, match="taken out"):
        federation.amend(member(BE, log_keys=(log_key(BE, log_signer("next")),)))
    with pytest.raises(MembershipError, match="taken out"):
        federation.amend(member(BE, log_keys=(log_key(BE, number=2),)))
    with pytest.raises(MembershipError, match="not reinstated by amending"):
        federation.amend(member(BE, reinstated_at_ms=NOW_MS))
    with pytest.raises(MembershipError, match="cannot have been reinstated"):
        federation.admit(member(NL, reinstated_at_ms=NOW_MS))


def test_compromised_key_counts_only_for_what_is_older(federation: Federation) -> None:
    stolen = replace(log_key(BE), compromised_since_ms=NOW_MS)
    federation.amend(member(BE, log_keys=(stolen,), status=MemberStatus.SUSPENDED))
    directory = directory_of(federation)
    assert directory.key_for(BE, stolen.key_id, NOW_MS - 1) == stolen
    assert directory.key_for(BE, stolen.key_id, NOW_MS) is None


# --- revoked, suspended, reinstated


def test_revoked_member_stays_named_with_all_its_keys_compromised(federation: Federation) -> None:
    since_ms = NOW_MS - 5
    federation.carry_out(
        changes.revoke(federation.public, BE, compromised_since_ms=since_ms, now_ms=NOW_MS)
    )
    directory = directory_of(federation)
    assert directory.is_member(BE)
    assert not directory.is_active(BE)
    assert [key.compromised_since_ms for key in directory.keys_of(BE)] == [since_ms]


def test_suspension_and_reinstatement_follow_each_other(federation: Federation) -> None:
    for _ in range(2):
        federation.suspend(BE)
        assert not directory_of(federation).is_active(BE)
        federation.reinstate(BE)
        assert directory_of(federation).is_active(BE)
    # One role needs the other: the record says until when suspensions are over.
    assert directory_of(federation).members[BE].reinstated_at_ms == NOW_MS + 1


def test_suspension_outlives_every_other_change(federation: Federation) -> None:
    federation.suspend(BE)
    federation.admit(member(NL))
    federation.amend(member(BE, telephone="+3225550199"))
    federation.suspend(NL)
    federation.rotate_root(
        replace(federation_keys(2), suspend=RoleKeys((directory_key("another"),)))
    )
    directory = directory_of(federation)
    assert not directory.is_active(BE)
    assert not directory.is_active(NL)


def test_suspension_that_is_over_is_listed_no_more_once_that_is_public(
    federation: Federation,
) -> None:
    federation.admit(member(NL))
    federation.suspend(BE)
    change = changes.reinstate(federation.public, BE, now_ms=NOW_MS)
    # Not public yet: the file may be published before the reinstatement.
    change = changes.suspend(change, NL, now_ms=NOW_MS)
    assert any(name.endswith(f"{BE}.suspended") for name in change.merged)
    federation.carry_out(change)
    assert directory_of(federation).is_active(BE)
    federation.carry_out(changes.renew(federation.public, "suspend", now_ms=NOW_MS))
    assert [name[65:] for name in federation.files if name.endswith(".suspended")] == [
        f"{NL}.suspended"
    ]


def test_reinstatement_counts_though_the_suspending_clock_was_ahead(
    federation: Federation,
) -> None:
    federation.now_ms = NOW_MS + 1000
    federation.suspend(BE)
    federation.now_ms = NOW_MS
    federation.reinstate(BE)
    assert directory_of(federation).is_active(BE)


def test_what_makes_no_sense_of_a_suspension_is_refused(federation: Federation) -> None:
    with pytest.raises(MembershipError, match="not suspended"):
        changes.reinstate(federation.public, BE, now_ms=NOW_MS)
    federation.suspend(BE)
    with pytest.raises(MembershipError, match="suspended or revoked already"):
        changes.suspend(federation.public, BE, now_ms=NOW_MS)
    federation.carry_out(
        changes.revoke(federation.public, BE, compromised_since_ms=NOW_MS, now_ms=NOW_MS)
    )
    for propose in (changes.suspend, changes.reinstate):
        with pytest.raises(MembershipError, match="revoked"):
            propose(federation.public, BE, now_ms=NOW_MS)
    with pytest.raises(MembershipError, match="revoked already"):
        changes.revoke(federation.public, BE, compromised_since_ms=NOW_MS, now_ms=NOW_MS)


def test_membership_role_ends_a_suspension_of_its_own_too(federation: Federation) -> None:
    federation.amend(member(BE, status=MemberStatus.SUSPENDED))
    federation.reinstate(BE)
    assert directory_of(federation).is_active(BE)


def test_federation_without_the_role_cannot_suspend_until_it_has_it() -> None:
    federation = Federation()
    federation.admit(member(BE))
    with pytest.raises(MembershipError, match="no role suspend"):
        changes.suspend(federation.public, BE, now_ms=NOW_MS)
    federation.rotate_root(replace(federation.keys, suspend=RoleKeys((directory_key("suspend"),))))
    federation.suspend(BE)
    assert not directory_of(federation).is_active(BE)


def test_new_keys_bring_no_role_that_nobody_asked_for() -> None:
    federation = Federation()
    change = changes.rotate_root(federation.public, federation_keys(2).public(), now_ms=NOW_MS)
    assert sorted(change.pending) == ["2.root.json", "2.targets.json"]


def test_role_suspend_is_not_taken_out_again(federation: Federation) -> None:
    with pytest.raises(MembershipError, match="cannot be taken out"):
        changes.rotate_root(federation.public, federation_keys(2).public(), now_ms=NOW_MS)


# --- keys and dates


def test_rotation_renews_only_what_its_new_keys_leave_unsigned() -> None:
    public = Change(PUBLIC)
    same = changes.rotate_root(public, KEYS.public(), now_ms=NOW_MS)
    assert sorted(same.pending) == ["2.root.json"]
    keys: FederationPublicKeys = KEYS.public()
    grown = RolePublicKeys([*keys.targets.keys, NEXT_KEYS.targets.public().keys[0]], 3)
    more = changes.rotate_root(public, replace(keys, targets=grown), now_ms=NOW_MS)
    assert sorted(more.pending) == ["2.root.json"]
    suspend = changes.rotate_root(
        public, replace(keys, suspend=NEXT_KEYS.public().suspend), now_ms=NOW_MS
    )
    assert sorted(suspend.pending) == ["2.root.json", "2.suspend.json", "3.targets.json"]
    targets = changes.rotate_root(
        public, replace(keys, targets=NEXT_KEYS.public().targets), now_ms=NOW_MS
    )
    assert sorted(targets.pending) == ["2.root.json", "3.targets.json"]
    assert changes.present_keys(targets).targets.by_id() == NEXT_KEYS.targets.public().by_id()


def test_expired_root_is_renewed_with_the_same_keys(federation: Federation) -> None:
    federation.now_ms = NOW_MS + 400 * DAY_MS
    change = federation.public
    for role in ("root", "targets", "suspend"):
        change = changes.renew(change, role, now_ms=federation.now_ms)
    federation.carry_out(change)
    assert directory_of(federation).is_active(BE)


def test_founding_can_be_changed_before_it_is_signed() -> None:
    change = changes.found("Test", KEYS.public(), random=fixed_random("f"), now_ms=NOW_MS)
    change = changes.rotate_root(change, NEXT_KEYS.public(), now_ms=NOW_MS)
    assert sorted(change.pending) == ["1.root.json", "1.suspend.json", "1.targets.json"]
    assert changes.present_keys(change).root.by_id() == NEXT_KEYS.root.public().by_id()


@pytest.mark.parametrize("role", ["snapshot", "timestamp", "suspend", "nonsense"])
def test_only_files_that_wait_for_signatures_are_renewed(role: str) -> None:
    with pytest.raises(MembershipError, match=f"role {role}"):
        changes.renew(Federation().public, role, now_ms=NOW_MS)


def test_unreadable_or_missing_files_are_told_apart(federation: Federation) -> None:
    name = next(name for name in federation.files if name.endswith(".member"))
    cases = {
        "2.targets.json": (b"garbage", DirectoryFault.MALFORMED),
        name: (b"garbage", DirectoryFault.CHANGED),
    }
    for changed, (data, fault) in cases.items():
        files = {**federation.files, changed: data}
        with pytest.raises(DirectoryError) as caught:
            changes.admit(Change(files), member(NL), now_ms=NOW_MS)
        assert caught.value.code is fault
        del files[changed]
        with pytest.raises(DirectoryError) as caught:
            changes.admit(Change(files), member(NL), now_ms=NOW_MS)
        assert caught.value.code is DirectoryFault.MISSING
