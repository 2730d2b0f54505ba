"""A directory that comes late: better than an older one, never a way back, and never hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.directory import (
    NO_DIRECTORY,
    DirectoryUpdate,
    Freshness,
    load_directory,
    load_kept_directory,
)
from keys.errors import DirectoryError, DirectoryFault
from keys.members import MemberStatus
from protocol.limits import DIRECTORY_GRACE_MS
from tests.keys.forge import BE, DAY_MS, FR, NOW_MS, Forge, member, refused, resign
from tests.keys.reader import Node, Source

# The secretariat has slept for so long, and with it every relaying peer.
LATER = NOW_MS + 60 * DAY_MS


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge()


@pytest.fixture(name="node")
def _node(tmp_path: Path, forge: Forge) -> Node:
    return Node(tmp_path, forge)


# --- freshness


def test_freshness_goes_by_the_earliest_expiry(forge: Forge) -> None:
    directory = load_kept_directory(forge.files, forge.trusted_root)
    end = directory.expires_at_ms
    assert end == NOW_MS + 7 * DAY_MS
    for now_ms, expected in (
        (0, Freshness.FRESH),
        (end - 1, Freshness.FRESH),
        (end, Freshness.OVERDUE),
        (end + DIRECTORY_GRACE_MS - 1, Freshness.OVERDUE),
        (end + DIRECTORY_GRACE_MS, Freshness.STALE),
    ):
        assert directory.freshness(now_ms) is expected


def test_time_of_grace_is_the_nodes_own(forge: Forge) -> None:
    directory = load_kept_directory(forge.files, forge.trusted_root)
    end = directory.expires_at_ms
    assert directory.freshness(end, 0) is Freshness.STALE
    assert directory.freshness(end, 1) is Freshness.OVERDUE
    assert directory.freshness(end + 1, 1) is Freshness.STALE
    assert DIRECTORY_GRACE_MS == 14 * DAY_MS


def test_directory_of_nobody_is_never_fresh() -> None:
    assert NO_DIRECTORY.freshness(NOW_MS) is Freshness.STALE


# --- only forward


def test_late_directory_is_taken_if_it_is_newer(node: Node, forge: Forge) -> None:
    forge.put(member(BE, status=MemberStatus.SUSPENDED), member(FR))
    source = Source(forge.files)
    outcome = node.take(source, now_ms=LATER)
    assert outcome.is_late
    assert outcome.is_changed
    assert outcome.directory.freshness(LATER) is Freshness.STALE
    assert node.folder.load() == forge.files
    assert not node.directory().is_active(BE)
    # Read twice, it was asked for once.
    assert len(source.asked) == len(set(source.asked))


def test_what_is_late_is_said_of_it_and_of_nothing_else(node: Node, forge: Forge) -> None:
    forge.publish()
    assert not node.take(Source(forge.files)).is_late
    forge.publish()
    assert node.take(Source(forge.files), now_ms=NOW_MS + 8 * DAY_MS).is_late


def test_newer_by_its_root_alone_is_newer(node: Node, forge: Forge) -> None:
    forge.add_root()
    files = {**forge.files, **forge.roots}
    outcome = node.take(Source(files), now_ms=LATER)
    assert outcome.is_late
    assert "2.root.json" in node.folder.load()


def test_late_directory_with_new_keys_is_followed_link_by_link(node: Node, forge: Forge) -> None:
    for label in ("second", "third", "fourth"):
        forge.rotate(label)
    gap = {name: data for name, data in forge.files.items() if name != "3.root.json"}
    assert node.refuses(gap, now_ms=LATER) is DirectoryFault.SIGNATURE
    assert node.take(Source(forge.files), now_ms=LATER).is_late
    assert "4.root.json" in node.folder.load()


def test_late_timestamp_beside_fresh_files_is_late(node: Node, forge: Forge) -> None:
    forge.now_ms = LATER
    forge.days["timestamp"] = -1
    forge.publish("targets")
    outcome = node.take(Source(forge.files), now_ms=LATER)
    assert outcome.is_late
    assert outcome.directory.freshness(LATER) is Freshness.OVERDUE


def test_fresh_directory_is_taken_after_a_late_one(node: Node, forge: Forge) -> None:
    forge.put(member(FR))
    node.take(Source(forge.files), now_ms=LATER)
    forge.now_ms = LATER
    forge.publish("targets")
    outcome = node.take(Source(forge.files), now_ms=LATER)
    assert not outcome.is_late
    assert outcome.directory.freshness(LATER) is Freshness.FRESH


# --- attacks


def test_frozen_directory_is_not_forward(node: Node, forge: Forge) -> None:
    """The same files for ever: nothing new, and the node has to hear that they are old."""
    source = Source(forge.files)
    update = DirectoryUpdate(node.folder.load(), node.trusted_root, now_ms=LATER)
    with pytest.raises(DirectoryError) as caught:
        update.give_all(source.fetch)
    assert caught.value.code is DirectoryFault.EXPIRED
    assert source.asked == ["2.root.json", "timestamp.json"]
    assert node.refuses(forge.files, now_ms=LATER) is DirectoryFault.EXPIRED


def test_older_directory_is_refused_though_both_are_late(node: Node, forge: Forge) -> None:
    old = dict(forge.files)
    forge.put(member(BE, status=MemberStatus.SUSPENDED))
    node.take(Source(forge.files), now_ms=LATER)
    assert node.refuses(old, now_ms=LATER) is DirectoryFault.VERSION


def test_late_snapshot_or_targets_of_a_lower_version_are_refused(node: Node, forge: Forge) -> None:
    thief = forge.copy()
    forge.put(member(FR))
    forge.put(member(BE, status=MemberStatus.REVOKED))
    node.update(forge.files)
    # Timestamp newer, snapshot older.
    thief.versions |= {"timestamp": 9}
    thief.publish()
    assert node.refuses(thief.files, now_ms=LATER) is DirectoryFault.VERSION
    # Timestamp and snapshot newer, targets older.
    thief.versions |= {"timestamp": 9, "snapshot": 9}
    thief.publish()
    assert node.refuses(thief.files, now_ms=LATER) is DirectoryFault.VERSION


def test_whoever_has_nothing_yet_takes_no_late_directory(forge: Forge) -> None:
    """It could be from before a key was stolen; nothing tells how far behind it is."""
    assert refused(forge.files, forge.trusted_root, now_ms=LATER) is DirectoryFault.EXPIRED
    forge.rotate("second")
    assert refused(forge.files, forge.trusted_root, now_ms=LATER) is DirectoryFault.EXPIRED


def test_node_with_nothing_but_root_files_takes_no_late_directory(node: Node, forge: Forge) -> None:
    """New root keys alone do not tell how far behind the rest is."""
    (node.path / "timestamp.json").unlink()
    forge.rotate("second")
    assert node.refuses(forge.files, now_ms=LATER) is DirectoryFault.EXPIRED


def test_node_whose_timestamp_is_lost_takes_no_late_directory(node: Node, forge: Forge) -> None:
    forge.put(member(FR))
    (node.path / "timestamp.json").write_bytes(b"rot")
    assert node.refuses(forge.files, now_ms=LATER) is DirectoryFault.EXPIRED
    node.update(forge.files)


@pytest.mark.parametrize("ending", ["snapshot.json", "targets.json", ".member"])
def test_late_directory_is_verified_like_any_other(node: Node, forge: Forge, ending: str) -> None:
    forge.put(member(FR))
    new = [name for name in forge.files if name.endswith(ending)][-1]
    data = forge.files[new]
    changed = {**forge.files, new: data[:-1] + bytes([data[-1] ^ 1])}
    assert node.refuses(changed, now_ms=LATER) is DirectoryFault.CHANGED
    missing = {name: data for name, data in forge.files.items() if name != new}
    assert node.refuses(missing, now_ms=LATER) is DirectoryFault.MISSING


def test_late_timestamp_that_nobody_signed_is_refused(node: Node, forge: Forge) -> None:
    forge.publish()
    forged = resign(forge.files["timestamp.json"], lambda signed: None, [])
    files = {**forge.files, "timestamp.json": forged}
    assert node.refuses(files, now_ms=LATER) is DirectoryFault.SIGNATURE


def test_evidence_takes_no_late_directory(forge: Forge) -> None:
    """An auditor's reference time is that of the evidence, and there is nothing known before."""
    with pytest.raises(DirectoryError) as caught:
        load_directory(forge.files, forge.trusted_root, now_ms=LATER)
    assert caught.value.code is DirectoryFault.EXPIRED
