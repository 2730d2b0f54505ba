"""Suspensions in the directory: what they do, who ends them, and that none is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keys.directory import DirectoryUpdate, load_directory, load_kept_directory
from keys.errors import DirectoryFault
from keys.members import MemberStatus, encode_member
from tests.keys.forge import BE, DAY_MS, NL, NOW_MS, Forge, member, name_of, refused
from tests.keys.reader import Node, Source


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge(has_suspend=True)


def load(forge: Forge) -> object:
    return load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)


# --- what it can do


def test_role_without_suspensions_suspends_nobody(forge: Forge) -> None:
    directory = load(forge)
    assert "1.suspend.json" in forge.files
    assert directory.is_active(BE)
    assert directory.suspended_since_ms(BE) is None


def test_suspended_member_is_not_active_and_keeps_everything_else(forge: Forge) -> None:
    forge.suspend(BE)
    directory = load(forge)
    assert not directory.is_active(BE)
    assert directory.suspended_since_ms(BE) == NOW_MS
    assert directory.member(BE) == member(BE)
    assert directory.key_for(BE, member(BE).log_keys[0].key_id, NOW_MS) is not None
    assert directory.is_active(NL)
    assert directory.suspended_since_ms(NL) is None


@pytest.mark.parametrize(("after_ms", "is_active"), [(-1, False), (0, True), (1, True)])
def test_reinstatement_ends_the_suspensions_up_to_its_time(
    forge: Forge, after_ms: int, is_active: bool
) -> None:
    forge.suspend(BE)
    forge.put(member(BE, reinstated_at_ms=NOW_MS + after_ms))
    directory = load(forge)
    assert directory.is_active(BE) is is_active
    assert (directory.suspended_since_ms(BE) is None) is is_active


def test_later_suspension_counts_again(forge: Forge) -> None:
    forge.suspend(BE)
    forge.put(member(BE, reinstated_at_ms=NOW_MS + 5))
    forge.suspend(BE, NOW_MS + 6)
    assert load(forge).suspended_since_ms(BE) == NOW_MS + 6


def test_reinstatement_does_not_bring_back_who_was_revoked(forge: Forge) -> None:
    forge.suspend(BE)
    forge.put(member(BE, status=MemberStatus.REVOKED, reinstated_at_ms=NOW_MS))
    assert not load(forge).is_active(BE)


def test_any_enough_of_its_keys_can_suspend() -> None:
    forge = Forge(count=3, threshold=2, has_suspend=True)
    forge.signing["suspend"] = forge.keys["suspend"][1:]
    forge.suspend(BE)
    assert not load(forge).is_active(BE)


def test_update_costs_the_files_of_the_role_once(tmp_path: Path, forge: Forge) -> None:
    node = Node(tmp_path, forge)
    forge.suspend(BE)
    asked = node.update(forge.files)
    assert asked[:4] == ["2.root.json", "timestamp.json", "2.snapshot.json", "2.suspend.json"]
    assert [name[65:] for name in asked[4:]] == [f"{BE}.suspended"]
    assert node.update(forge.files) == ["2.root.json", "timestamp.json"]
    assert node.folder.load() == forge.files


# --- that nothing it did is lost


def drop_file(forge: Forge) -> None:
    forge.suspended.clear()
    forge.publish("suspend")


def drop_role(forge: Forge) -> None:
    """The role is delegated to no more; the snapshot still has to list its file."""
    forge.publish(changes={"targets": lambda signed: setattr(signed, "delegations", None)})


def date_back(forge: Forge) -> None:
    forge.suspend(BE, NOW_MS - 1)


def reinstate_too_early(forge: Forge) -> None:
    forge.targets[f"{BE}.member"] = encode_member(member(BE, reinstated_at_ms=NOW_MS - 1))
    forge.publish("targets")
    drop_file(forge)


def take_member_out(forge: Forge) -> None:
    del forge.targets[f"{BE}.member"]
    forge.suspended.clear()
    forge.publish("targets", "suspend")


DROPS = [drop_file, drop_role, date_back, reinstate_too_early, take_member_out]


@pytest.mark.parametrize("drop", DROPS)
def test_suspension_that_was_seen_does_not_go_away(
    tmp_path: Path, forge: Forge, drop: Callable[[Forge], None]
) -> None:
    forge.suspend(BE)
    node = Node(tmp_path, forge)
    drop(forge)
    assert node.refuses(forge.files) is DirectoryFault.SUSPENSION_DROPPED
    assert not node.directory().is_active(BE)
    # Whoever comes new cannot know it.
    load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)


@pytest.mark.parametrize("drop", [drop_file, drop_role, date_back])
def test_suspension_goes_away_once_the_membership_role_has_ended_it(
    tmp_path: Path, forge: Forge, drop: Callable[[Forge], None]
) -> None:
    forge.suspend(BE)
    node = Node(tmp_path, forge)
    forge.put(member(BE, reinstated_at_ms=NOW_MS))
    drop(forge)
    node.update(forge.files)
    assert node.directory().is_active(BE)


def test_suspension_may_be_replaced_by_a_later_one(tmp_path: Path, forge: Forge) -> None:
    forge.suspend(BE)
    node = Node(tmp_path, forge)
    forge.suspend(BE, NOW_MS + 1)
    node.update(forge.files)
    assert node.directory().suspended_since_ms(BE) == NOW_MS + 1


def test_new_keys_of_every_role_do_not_lose_a_suspension(tmp_path: Path, forge: Forge) -> None:
    """New timestamp and snapshot keys forget the old versions; suspensions are remembered."""
    forge.suspend(BE)
    node = Node(tmp_path, forge)
    forge.suspended.clear()
    forge.rotate("second")
    assert node.refuses(forge.files) is DirectoryFault.SUSPENSION_DROPPED
    forge.suspend(BE)
    node.update(forge.files)
    assert not node.directory().is_active(BE)


def test_late_directory_may_lose_no_suspension_either(tmp_path: Path, forge: Forge) -> None:
    forge.suspend(BE)
    node = Node(tmp_path, forge)
    drop_file(forge)
    later = NOW_MS + 60 * DAY_MS
    assert node.refuses(forge.files, now_ms=later) is DirectoryFault.SUSPENSION_DROPPED


def test_rotten_suspension_on_our_own_disk_is_fetched_again(tmp_path: Path, forge: Forge) -> None:
    forge.suspend(BE)
    node = Node(tmp_path, forge)
    name = name_of(forge.files, ".suspended")
    (node.path / name).write_bytes(b"rot")
    assert node.update(forge.files) == ["2.root.json", "timestamp.json", name]
    assert node.folder.load() == forge.files


def test_role_can_be_introduced_later(tmp_path: Path) -> None:
    forge = Forge()
    node = Node(tmp_path, forge)
    forge.keys["suspend"] = Forge(label="later", has_suspend=True).keys["suspend"]
    forge.thresholds["suspend"] = 1
    forge.publish("targets")
    forge.suspend(BE)
    node.update(forge.files)
    assert not node.directory().is_active(BE)


# --- expiry


def test_expired_role_makes_the_directory_overdue_and_no_suspension_end(
    tmp_path: Path, forge: Forge
) -> None:
    """Its expiry is like that of targets: publishers have it renewed."""
    forge.days["suspend"] = 2
    forge.suspend(BE)
    node = Node(tmp_path, forge)
    later = NOW_MS + 2 * DAY_MS
    assert refused(forge.files, forge.trusted_root, now_ms=later) is DirectoryFault.EXPIRED
    kept = load_kept_directory(forge.files, forge.trusted_root)
    assert kept.suspended_since_ms(BE) == NOW_MS
    assert kept.expires_at_ms == later
    # The others were renewed, this one was not: taken as what it is, late.
    forge.now_ms = later
    forge.publish("targets")
    outcome = node.take(Source(forge.files), now_ms=later)
    assert outcome.is_late
    assert outcome.directory.expires_at_ms == later
    assert not outcome.directory.is_active(BE)


# --- evidence


def test_evidence_looks_past_the_role(forge: Forge) -> None:
    """Whether its files are there, late or spoiled: one reader of old evidence is like another."""
    forge.days["suspend"] = 0
    forge.suspend(BE)
    with_files, without = dict(forge.files), dict(forge.files)
    for name in list(without):
        if name.endswith((".suspend.json", ".suspended")):
            del without[name]
    for files in (with_files, without):
        update = DirectoryUpdate({}, forge.trusted_root, now_ms=NOW_MS, has_suspensions=False)
        update.give_all(files.get)
        assert update.outcome.directory.is_active(BE)
        assert update.outcome.directory.expires_at_ms == NOW_MS + 7 * DAY_MS
        assert set(update.outcome.files) == set(without)
