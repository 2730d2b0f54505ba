"""Updating a directory: what is asked for, what is taken, and how one that fails is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.directory import DirectoryUpdate, FileRequest, update_directory
from keys.errors import DirectoryError
from keys.members import MemberStatus
from protocol import limits
from tests.keys.forge import BE, FR, NL, NOW_MS, Forge, member, nothing, resign
from tests.keys.reader import Node, Source


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge()


@pytest.fixture(name="node")
def _node(tmp_path: Path, forge: Forge) -> Node:
    return Node(tmp_path, forge)


def test_first_update_asks_for_each_file_once_in_the_order_of_trust(forge: Forge) -> None:
    source = Source(forge.files)
    outcome = update_directory({}, source.fetch, forge.trusted_root, now_ms=NOW_MS)
    metadata, members = source.asked[:4], source.asked[4:]
    assert metadata == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"]
    assert [name[65:] for name in members] == ["be.example.member", "nl.example.member"]
    assert outcome.is_changed
    assert not outcome.is_late
    assert outcome.files == forge.files


def test_nothing_new_costs_two_questions_and_changes_nothing(node: Node, forge: Forge) -> None:
    source = Source(forge.files)
    outcome = node.take(source)
    assert source.asked == ["2.root.json", "timestamp.json"]
    assert not outcome.is_changed
    assert outcome.files == forge.files


def test_same_timestamp_signed_again_is_not_taken_for_a_change(node: Node, forge: Forge) -> None:
    """ML-DSA signatures are random: else every relay could make every node write."""
    timestamp = forge.files["timestamp.json"]
    again = resign(timestamp, nothing, forge.keys["timestamp"])
    assert again != timestamp
    before = node.content()["1.targets.json"]
    node.update({**forge.files, "timestamp.json": again})
    assert node.folder.load()["timestamp.json"] == timestamp
    assert node.content()["1.targets.json"] == before


def test_only_new_files_are_fetched_and_old_ones_removed(node: Node, forge: Forge) -> None:
    before = set(node.content())
    forge.put(member(BE, status=MemberStatus.SUSPENDED))
    asked = node.update(forge.files)
    assert asked[:4] == ["2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"]
    assert [name[65:] for name in asked[4:]] == ["be.example.member"]
    assert set(node.content()) == set(forge.files)
    assert before - set(node.content())
    assert node.directory().version == 2


def test_root_rotation_is_followed(node: Node, forge: Forge) -> None:
    forge.rotate("second")
    forge.rotate("third")
    assert node.update(forge.files)[:3] == ["2.root.json", "3.root.json", "4.root.json"]
    assert node.directory().version == 3
    assert node.update(forge.files) == ["4.root.json", "timestamp.json"]


def test_node_that_was_offline_for_three_roots_catches_up_link_by_link(
    node: Node, forge: Forge
) -> None:
    """Each root is signed by the one before it alone; meanwhile half of it has expired."""
    for number in range(2, 5):
        forge.now_ms += 300 * 24 * 3600 * 1000
        forge.rotate(f"root {number}")
        forge.put(member(FR, telephone=f"+322555010{number}"))
    newest = forge.files
    asked = node.update(newest, now_ms=forge.now_ms)
    assert asked[:4] == [f"{number}.root.json" for number in (2, 3, 4, 5)]
    assert node.directory().member(FR).telephone == "+3225550104"
    assert node.folder.load() == newest


def test_announced_lengths_bound_what_is_fetched(forge: Forge) -> None:
    update = DirectoryUpdate({}, forge.trusted_root, now_ms=NOW_MS)
    asked: list[FileRequest] = []
    while update.wanted is not None:
        asked.append(update.wanted)
        update.give(forge.files.get(update.wanted.name))
    bounds = {request.name: request.max_bytes for request in asked}
    for name, data in forge.files.items():
        if name not in {"1.root.json", "timestamp.json"}:
            assert bounds[name] == len(data)
    assert bounds["timestamp.json"] == limits.DIRECTORY_TIMESTAMP_BYTES


def test_update_that_failed_is_over(forge: Forge) -> None:
    update = DirectoryUpdate({}, forge.trusted_root, now_ms=NOW_MS)
    with pytest.raises(DirectoryError):
        update.give(b"garbage")
    assert update.wanted is None
    with pytest.raises(RuntimeError, match="not finished"):
        _ = update.outcome
    with pytest.raises(RuntimeError, match="no file is wanted"):
        update.give(forge.files["timestamp.json"])


def test_update_ends_with_a_file_that_is_longer_than_it_asked_for(forge: Forge) -> None:
    update = DirectoryUpdate({}, forge.trusted_root, now_ms=NOW_MS)
    with pytest.raises(DirectoryError, match="larger than allowed"):
        update.give(b" " * (limits.DIRECTORY_ROOT_BYTES + 1))
    assert update.wanted is None
    with pytest.raises(RuntimeError, match="no file is wanted"):
        update.give(None)


def test_outcome_before_the_end_is_our_own_mistake(forge: Forge) -> None:
    update = DirectoryUpdate({}, forge.trusted_root, now_ms=NOW_MS)
    assert update.wanted == FileRequest("2.root.json", limits.DIRECTORY_ROOT_BYTES)
    with pytest.raises(RuntimeError, match="not finished"):
        _ = update.outcome


@pytest.mark.parametrize("rotten", ["timestamp.json", "1.snapshot.json", "1.targets.json"])
def test_rotten_file_on_our_own_disk_is_fetched_again(
    node: Node, forge: Forge, rotten: str
) -> None:
    (node.path / rotten).write_bytes(b"rot")
    node.update(forge.files)
    assert node.folder.load() == forge.files


def test_rotten_member_file_on_our_own_disk_is_fetched_again(node: Node, forge: Forge) -> None:
    name = next(name for name in forge.files if name.endswith(f"{NL}.member"))
    (node.path / name).write_bytes(b"rot")
    assert node.update(forge.files) == ["2.root.json", "timestamp.json", name]
    assert node.folder.load() == forge.files


def test_role_with_a_threshold_takes_signatures_of_any_of_its_keys(tmp_path: Path) -> None:
    forge = Forge(count=5, threshold=3)
    node = Node(tmp_path, forge)
    forge.signing = {role: keys[2:] for role, keys in forge.keys.items()}
    forge.put(member(FR))
    node.update(forge.files)
    assert node.directory().is_active(FR)
