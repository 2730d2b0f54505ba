"""Attacks on what a node knows already: older, mixed, frozen and run-away directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.errors import DirectoryFault
from keys.members import MemberStatus
from tests.keys.forge import (
    BE,
    DAY_MS,
    FR,
    NL,
    NOW_MS,
    Forge,
    expiry,
    member,
    resign,
)
from tests.keys.reader import Node


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge()


@pytest.fixture(name="node")
def _node(tmp_path: Path, forge: Forge) -> Node:
    return Node(tmp_path, forge)


def test_skipped_root_is_refused_and_nothing_changes(node: Node, forge: Forge) -> None:
    forge.rotate("second")
    forge.rotate("third")
    gap = {name: data for name, data in forge.files.items() if name != "2.root.json"}
    assert node.refuses(gap) is DirectoryFault.SIGNATURE
    renamed = {**gap, "2.root.json": forge.files["3.root.json"]}
    assert node.refuses(renamed) is DirectoryFault.SIGNATURE


def test_timestamp_rollback_is_refused_and_nothing_changes(node: Node, forge: Forge) -> None:
    old = dict(forge.files)
    forge.publish()
    node.update(forge.files)
    assert node.refuses(old) is DirectoryFault.VERSION


def test_rollback_hides_no_suspension(node: Node, forge: Forge) -> None:
    old = dict(forge.files)
    forge.put(member(BE, status=MemberStatus.SUSPENDED))
    node.update(forge.files)
    assert node.refuses(old) is DirectoryFault.VERSION
    assert not node.directory().is_active(BE)


def test_expired_timestamp_still_bars_an_older_one(node: Node, forge: Forge) -> None:
    """The publishers were away for longer than a timestamp lasts; an attacker was not."""
    old = dict(forge.files)
    forge.publish()
    node.update(forge.files)
    later = NOW_MS + 8 * DAY_MS
    older_but_fresh = resign(
        old["timestamp.json"],
        lambda timestamp: setattr(timestamp, "expires", expiry(later, 7)),
        forge.keys["timestamp"],
    )
    attack = {**old, "timestamp.json": older_but_fresh}
    assert node.refuses(attack, now_ms=later) is DirectoryFault.VERSION


def test_snapshot_of_a_lower_version_is_refused(node: Node, forge: Forge) -> None:
    forge.publish()
    node.update(forge.files)
    forge.versions["snapshot"] = 0
    forge.publish()
    assert forge.versions == {**forge.versions, "snapshot": 1, "timestamp": 3}
    assert node.refuses(forge.files) is DirectoryFault.VERSION


def test_snapshot_that_takes_targets_back_is_refused(node: Node, forge: Forge) -> None:
    """A thief of the snapshot and timestamp keys cannot bring back old members."""
    thief = forge.copy()
    forge.put(member(BE, status=MemberStatus.SUSPENDED))
    node.update(forge.files)
    thief.publish()
    thief.publish()
    assert "1.targets.json" in thief.files
    assert thief.versions["timestamp"] > forge.versions["timestamp"]
    assert node.refuses(thief.files) is DirectoryFault.VERSION


def test_snapshot_that_lists_a_file_no_more_is_refused(tmp_path: Path) -> None:
    forge = Forge(has_suspend=True)
    node = Node(tmp_path, forge)

    def change(snapshot: object) -> None:
        del snapshot.meta["suspend.json"]

    forge.publish(changes={"snapshot": change})
    assert node.refuses(forge.files) is DirectoryFault.MALFORMED


@pytest.mark.parametrize("ending", ["snapshot", "targets"])
def test_file_of_before_under_the_new_name_is_refused(
    node: Node, forge: Forge, ending: str
) -> None:
    before = forge.files[f"{forge.versions[ending]}.{ending}.json"]
    forge.put(member(BE, telephone="+3225550199"))
    mixed = {**forge.files, f"{forge.versions[ending]}.{ending}.json": before}
    # The old one is shorter by a record or not: either way it is not the listed one.
    assert node.refuses(mixed) is DirectoryFault.CHANGED


def test_files_of_two_publishers_cannot_be_mixed(node: Node, forge: Forge) -> None:
    """Both signed in order, with the same keys and the same versions."""
    other = forge.copy()
    forge.put(member(BE, telephone="+3225550101"))
    other.put(member(BE, telephone="+3225550102"))
    for name in ("2.snapshot.json", "2.targets.json"):
        mixed = {**other.files, **forge.files, name: other.files[name]}
        assert node.refuses(mixed) is DirectoryFault.CHANGED
    node.update({**other.files, **forge.files})


def test_swapped_member_file_is_refused_and_nothing_changes(node: Node, forge: Forge) -> None:
    forge.put(member(FR), member(NL, telephone="+3225550198"))
    files = dict(forge.files)
    ours, theirs = (
        next(name for name in files if name.endswith(f"{each}.member")) for each in (FR, NL)
    )
    files[ours], files[theirs] = files[theirs], files[ours]
    assert node.refuses(files) in {DirectoryFault.CHANGED, DirectoryFault.TOO_LARGE}


def test_frozen_source_is_refused_once_expired(node: Node, forge: Forge) -> None:
    later = NOW_MS + 8 * DAY_MS
    assert node.refuses(forge.files, now_ms=later) is DirectoryFault.EXPIRED
    forge.now_ms = later
    forge.publish()
    node.update(forge.files, now_ms=later)
    assert node.directory().expires_at_ms == later + 7 * DAY_MS


def test_fast_forward_is_undone_by_new_root_keys(node: Node, forge: Forge) -> None:
    """A thief published version 1000; new timestamp and snapshot keys start below it again."""
    thief = forge.copy()
    thief.versions |= {"snapshot": 999, "timestamp": 999}
    thief.publish()
    node.update(thief.files)
    forge.publish()
    assert node.refuses(forge.files) is DirectoryFault.VERSION
    forge.rotate("second")
    node.update(forge.files)
    assert node.directory().version == 3


def test_fast_forward_of_targets_is_undone_by_new_snapshot_keys(node: Node, forge: Forge) -> None:
    thief = forge.copy()
    thief.versions["targets"] = 998
    thief.put(member(FR))
    node.update(thief.files)
    forge.versions |= {"snapshot": 2, "timestamp": 2}
    forge.put(member(FR))
    assert node.refuses(forge.files) is DirectoryFault.VERSION
    forge.rotate("second", "snapshot")
    node.update(forge.files)
    assert node.directory().version == 4
