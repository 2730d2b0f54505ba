"""Proposals: what the secretariat may propose, signed with the keys in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.errors import MembershipError, WrongPassphrase
from keys.members import MemberStatus, TransferRegime
from keys.tuf_keys import CompositeSigner, create_directory_key
from node.errors import ArgumentError, NodeError
from node.federation.changing import (
    KeyChanges,
    amendment,
    propose,
    reinstatement,
    renewal,
    request_facts,
    revocation,
    rotation,
    suspension,
)
from node.federation.facts import directory_facts
from node.federation.folder import FederationFolder
from node.federation.publishing import publish
from node.federation.signing import (
    change_facts,
    load_change,
    load_pending,
)
from protocol.ids import NodeId
from tests.node.federation.folders import (
    BE,
    HOUR_MS,
    admit,
    content,
    directory_of,
    open_key,
    propose_on,
    publish_all,
    request,
)
from tests.support.nodes import NOW_MS, seeded

DAY_MS = 24 * HOUR_MS


def kinds(facts: dict) -> list[str]:
    return [str(effect["kind"]) for effect in facts["effects"]]


@pytest.fixture
def with_member(folder: FederationFolder) -> FederationFolder:
    """A federation with one member."""
    admit(folder, request())
    publish_all(folder, hours=0)
    return folder


# --- admitting, and new keys of members


def test_what_the_secretariat_decides_counts_and_not_what_was_asked(
    folder: FederationFolder,
) -> None:
    admit(folder, request(), transfer_regime=TransferRegime.OTHER)
    publish_all(folder)
    member = directory_of(folder).member(NodeId(BE))
    assert member is not None
    assert member.transfer_regime is TransferRegime.OTHER


def test_a_planned_new_key_overlaps_with_the_one_until_now(with_member: FederationFolder) -> None:
    asked = request(2, previous=1, now_ms=NOW_MS + DAY_MS)
    facts = admit(with_member, asked, now_ms=NOW_MS + DAY_MS)
    assert kinds(facts) == ["log_key_ends", "log_key_added", "log_key_begins", "role_renewed"]
    publish_all(with_member, hours=24)
    old, new = directory_of(with_member, NOW_MS + DAY_MS).keys_of(NodeId(BE))
    assert old.is_good_at(NOW_MS + 2 * DAY_MS)
    assert not old.is_good_at(NOW_MS + 30 * DAY_MS)
    assert new.is_good_at(NOW_MS + 30 * DAY_MS)


def test_a_new_key_that_the_present_one_has_not_signed_for_is_refused(
    with_member: FederationFolder, path: Path
) -> None:
    before = content(path)
    asked = request(2, now_ms=NOW_MS + DAY_MS)
    with pytest.raises(MembershipError, match="not signed by the present log key"):
        admit(with_member, asked, now_ms=NOW_MS + DAY_MS)
    assert content(path) == before


def test_after_a_theft_the_member_comes_back_with_a_new_log(with_member: FederationFolder) -> None:
    propose_on(with_member, suspension(BE, now_ms=NOW_MS + HOUR_MS))
    publish_all(with_member)
    assert not directory_of(with_member).is_active(NodeId(BE))
    now_ms = NOW_MS + DAY_MS
    with pytest.raises(MembershipError, match="suspended or revoked"):
        admit(with_member, request(2, previous=1, now_ms=now_ms), now_ms=now_ms)
    facts = admit(with_member, request(2, now_ms=now_ms), NOW_MS, now_ms=now_ms)
    assert "log_key_compromised" in kinds(facts)
    publish_all(with_member, hours=24)
    directory = directory_of(with_member, now_ms)
    assert directory.is_active(NodeId(BE))
    old, new = directory.keys_of(NodeId(BE))
    assert not old.is_good_at(now_ms)
    assert new.is_good_at(now_ms)
    assert new.origin == "be.example/log/2"


def test_a_new_key_changes_nothing_else_of_the_record(with_member: FederationFolder) -> None:
    asked = request(2, previous=1, now_ms=NOW_MS + DAY_MS)
    with pytest.raises(ArgumentError, match="only its log key"):
        admit(with_member, asked, now_ms=NOW_MS + DAY_MS, telephone="+3225550199")
    assert load_change(with_member).pending == {}
    propose_on(with_member, amendment(BE, {"telephone": "+3225550199"}, now_ms=NOW_MS))
    facts = request_facts(load_change(with_member), asked)
    assert facts["is_rotation"]
    assert facts["not_taken"] == ["telephone"]


# --- suspension, reinstatement, revocation


def test_a_suspension_goes_out_alone_while_the_rest_waits(
    with_member: FederationFolder, path: Path
) -> None:
    (path / "keys" / "targets.key").unlink()
    propose_on(with_member, amendment(BE, {"telephone": "+3225550199"}, now_ms=NOW_MS))
    propose_on(with_member, suspension(BE, now_ms=NOW_MS))
    with pytest.raises(NodeError, match="0 of 1 signatures of targets") as caught:
        publish_all(with_member)
    assert "--suspension-only" in caught.value.hint
    with with_member.locked():
        told = publish(with_member, (), open_key, is_suspension_only=True, now_ms=NOW_MS + HOUR_MS)
    assert told["suspended"] == [BE]
    assert told["is_more_pending"]
    member = directory_of(with_member).member(NodeId(BE))
    assert member is not None
    assert member.telephone == "+3225550100"
    assert kinds(change_facts(load_pending(with_member))) == ["member_field", "role_renewed"]


def test_the_end_of_a_membership_stays_listed(with_member: FederationFolder) -> None:
    propose_on(with_member, revocation(BE, compromised_since_ms=NOW_MS - DAY_MS, now_ms=NOW_MS))
    publish_all(with_member)
    directory = directory_of(with_member)
    (told,) = directory_facts(directory, with_member.load_public(), now_ms=NOW_MS)["members"]
    assert told["status"] == "revoked"
    assert told["log_keys"][0]["compromised_since_ms"] == NOW_MS - DAY_MS
    assert not told["log_keys"][0]["is_good"]
    with pytest.raises(MembershipError, match="is revoked"):
        propose_on(with_member, reinstatement(BE, now_ms=NOW_MS))


def test_facts_of_a_suspended_member_say_since_when(with_member: FederationFolder) -> None:
    propose_on(with_member, suspension(BE, now_ms=NOW_MS + HOUR_MS))
    publish_all(with_member)
    now_ms = NOW_MS + 3 * DAY_MS
    directory = directory_of(with_member, now_ms)
    (told,) = directory_facts(directory, with_member.load_public(), now_ms=now_ms)["members"]
    assert told["status"] == "suspended"
    assert told["suspended_since_ms"] == NOW_MS + HOUR_MS
    assert told["log_keys"][0]["age_days"] == 3
    member = directory.member(NodeId(BE))
    assert member is not None
    assert member.status is MemberStatus.ACTIVE


# --- keys in the folder


def test_a_key_in_the_folder_that_was_taken_out_is_passed_over(folder: FederationFolder) -> None:
    key = create_directory_key(seeded("new")).public_key
    old = open_key(folder.key("targets")).public_key.keyid
    changes = KeyChanges(added=[("targets", key)], removed=[old[:8]])
    facts = propose_on(folder, rotation(changes, now_ms=NOW_MS))
    told = {each["role"]: (each["have"], each["needed"]) for each in facts["signatures"]}
    assert told == {"previous root": (1, 1), "root": (1, 1), "targets": (0, 1)}


def test_a_key_in_the_folder_that_does_not_open_changes_nothing(
    folder: FederationFolder, path: Path
) -> None:
    before = content(path)

    def refuse(path: Path) -> CompositeSigner:
        raise WrongPassphrase

    with folder.locked(), pytest.raises(WrongPassphrase):
        propose(folder, renewal("targets", now_ms=NOW_MS + HOUR_MS), refuse)
    assert content(path) == before


@pytest.mark.parametrize("removed", ["", "1234567", "g" * 8, "0" * 64])
def test_a_key_is_removed_only_when_it_is_named_clearly(
    folder: FederationFolder, path: Path, removed: str
) -> None:
    before = content(path)
    with pytest.raises(ArgumentError, match="not one key"):
        propose_on(folder, rotation(KeyChanges(removed=[removed]), now_ms=NOW_MS))
    assert content(path) == before
