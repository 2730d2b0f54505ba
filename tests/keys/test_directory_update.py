"""Updating a directory: newer is taken step by step, older is refused, errors change nothing."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from keys import directory_files, membership
from keys.directory import (
    DirectoryUpdate,
    FileRequest,
    load_directory,
    update_directory,
)
from keys.directory_files import DirectoryFolder
from keys.errors import DirectoryError, DirectoryFault, KeyFileError
from keys.members import MemberStatus
from protocol import limits
from protocol.ids import NodeId
from tests.keys.federation import (
    DAY_MS,
    NOW_MS,
    Federation,
    federation_keys,
    member,
    resign,
    role,
)

BE, NL, FR = NodeId("be.example"), NodeId("nl.example"), NodeId("fr.example")


class Source:
    """A relaying peer: answers from its files and notes what it was asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def fetch(self, name: str) -> bytes | None:
        self.asked.append(name)
        return self.files.get(name)


class Node:
    """A node's side: a folder with a directory, and the pinned root."""

    def __init__(self, folder: Path, federation: Federation) -> None:
        self.folder = DirectoryFolder(folder)
        self.path = folder
        self.trusted_root = federation.trusted_root
        self.update(federation.files)

    def update(self, files: Mapping[str, bytes], *, now_ms: int = NOW_MS) -> list[str]:
        source = Source(files)
        outcome = update_directory(
            self.folder.load(), source.fetch, self.trusted_root, now_ms=now_ms
        )
        self.folder.store(outcome.files)
        return source.asked

    def refuses(self, files: Mapping[str, bytes], *, now_ms: int = NOW_MS) -> DirectoryFault:
        """Assert that the update is refused and nothing changed; return why."""
        before = self.content()
        with pytest.raises(DirectoryError) as caught:
            self.update(files, now_ms=now_ms)
        assert self.content() == before
        return caught.value.code

    def content(self) -> dict[str, tuple[bytes, int]]:
        return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in self.path.iterdir()}

    def version(self, *, now_ms: int = NOW_MS) -> int:
        return load_directory(self.folder.load(), self.trusted_root, now_ms=now_ms).version


@pytest.fixture(name="federation")
def _federation() -> Federation:
    federation = Federation()
    federation.admit(member(BE))
    federation.admit(member(NL))
    return federation


@pytest.fixture(name="node")
def _node(tmp_path: Path, federation: Federation) -> Node:
    return Node(tmp_path, federation)


def test_first_update_asks_for_each_file_once_in_the_order_of_trust(
    tmp_path: Path, federation: Federation
) -> None:
    source = Source(federation.files)
    outcome = update_directory({}, source.fetch, federation.trusted_root, now_ms=NOW_MS)
    metadata, members = source.asked[:4], source.asked[4:]
    assert metadata == ["2.root.json", "timestamp.json", "3.snapshot.json", "3.targets.json"]
    assert [name[65:] for name in members] == ["be.example.member", "nl.example.member"]
    assert outcome.is_changed
    assert outcome.files == federation.files


def test_nothing_new_costs_two_questions_and_changes_nothing(
    node: Node, federation: Federation
) -> None:
    source = Source(federation.files)
    current = node.folder.load()
    outcome = update_directory(current, source.fetch, node.trusted_root, now_ms=NOW_MS)
    assert source.asked == ["2.root.json", "timestamp.json"]
    assert not outcome.is_changed
    assert outcome.files == current


def test_same_timestamp_signed_again_is_not_taken_for_a_change(
    node: Node, federation: Federation
) -> None:
    """ML-DSA signatures are random: else every relay could make every node write."""
    timestamp = federation.files["timestamp.json"]
    again = resign(timestamp, lambda signed: None, *federation.keys.timestamp.signers)
    assert again != timestamp
    before = node.content()["3.targets.json"]
    node.update({**federation.files, "timestamp.json": again})
    assert node.folder.load()["timestamp.json"] == timestamp
    assert node.content()["3.targets.json"] == before


def test_only_new_files_are_fetched_and_old_ones_removed(
    node: Node, federation: Federation
) -> None:
    before = set(node.content())
    federation.amend(member(BE, status=MemberStatus.SUSPENDED))
    asked = node.update(federation.files)
    assert asked[:4] == ["2.root.json", "timestamp.json", "4.snapshot.json", "4.targets.json"]
    assert [name.split(".", 1)[1] for name in asked[4:]] == ["be.example.member"]
    assert set(node.content()) == set(federation.files)
    assert before - set(node.content())
    assert node.version() == 4


def test_root_rotation_is_followed(node: Node, federation: Federation) -> None:
    federation.rotate_root(federation_keys(2))
    federation.rotate_root(federation_keys(3))
    assert node.update(federation.files)[:3] == ["2.root.json", "3.root.json", "4.root.json"]
    assert node.version() == 5
    assert node.update(federation.files) == ["4.root.json", "timestamp.json"]


def test_skipped_root_is_refused_and_nothing_changes(node: Node, federation: Federation) -> None:
    federation.rotate_root(federation_keys(2))
    federation.rotate_root(federation_keys(3))
    gap = {name: data for name, data in federation.files.items() if name != "2.root.json"}
    assert node.refuses(gap) is DirectoryFault.SIGNATURE
    renamed = {**gap, "2.root.json": federation.files["3.root.json"]}
    assert node.refuses(renamed) is DirectoryFault.SIGNATURE


def test_timestamp_rollback_is_refused_and_nothing_changes(
    node: Node, federation: Federation
) -> None:
    old = dict(federation.files)
    federation.publish()
    node.update(federation.files)
    assert node.refuses(old) is DirectoryFault.VERSION


def test_rollback_hides_no_suspension(node: Node, federation: Federation) -> None:
    old = dict(federation.files)
    federation.amend(member(BE, status=MemberStatus.SUSPENDED))
    node.update(federation.files)
    assert node.refuses(old) is DirectoryFault.VERSION
    assert node.version() == 4


def test_expired_timestamp_still_bars_an_older_one(node: Node, federation: Federation) -> None:
    """The publishers were away for longer than a timestamp lasts; an attacker was not."""
    old = dict(federation.files)
    federation.publish()
    node.update(federation.files)
    later = NOW_MS + 8 * DAY_MS
    older_but_fresh = resign(
        old["timestamp.json"],
        lambda timestamp: setattr(timestamp, "expires", membership._expiry(later, 7)),
        *federation.keys.timestamp.signers,
    )
    attack = {**old, "timestamp.json": older_but_fresh}
    assert node.refuses(attack, now_ms=later) is DirectoryFault.VERSION


def test_snapshot_that_takes_targets_back_is_refused(node: Node, federation: Federation) -> None:
    """A thief of the snapshot and timestamp keys cannot bring back old members."""
    old = dict(federation.files)
    federation.amend(member(BE, status=MemberStatus.SUSPENDED))
    node.update(federation.files)
    newest_timestamp = federation.files["timestamp.json"]
    thief = {name: data for name, data in old.items() if name != "timestamp.json"}
    thief["4.snapshot.json"] = federation.files["4.snapshot.json"]
    thief["timestamp.json"] = newest_timestamp
    del thief["3.snapshot.json"]
    federation.files = thief
    federation.publish()
    assert "3.targets.json" in federation.files
    assert node.refuses(federation.files) is DirectoryFault.VERSION


def test_frozen_source_is_refused_once_expired(node: Node, federation: Federation) -> None:
    later = NOW_MS + 8 * DAY_MS
    assert node.refuses(federation.files, now_ms=later) is DirectoryFault.EXPIRED
    federation.now_ms = later
    federation.publish()
    node.update(federation.files, now_ms=later)
    assert node.version(now_ms=later) == 3


def test_fast_forward_is_undone_by_new_root_keys(node: Node, federation: Federation) -> None:
    """A thief published version 1000; new timestamp and snapshot keys start below it again."""
    honest = dict(federation.files)
    name = "1000.snapshot.json"
    snapshot = resign(
        federation.files["3.snapshot.json"],
        lambda signed: setattr(signed, "version", 1000),
        *federation.keys.snapshot.signers,
    )

    def forward(timestamp: object) -> None:
        timestamp.version = 1000
        timestamp.snapshot_meta = membership._meta_file(1000, snapshot)

    timestamp = resign(honest["timestamp.json"], forward, *federation.keys.timestamp.signers)
    node.update({**honest, name: snapshot, "timestamp.json": timestamp})
    federation.publish()
    assert node.refuses(federation.files) is DirectoryFault.VERSION
    federation.rotate_root(federation_keys(2))
    node.update(federation.files)
    assert node.version() == 4


@pytest.mark.parametrize("missing", ["timestamp.json", "4.snapshot.json", "4.targets.json"])
def test_incomplete_source_is_refused_and_nothing_changes(
    node: Node, federation: Federation, missing: str
) -> None:
    federation.admit(member(FR))
    del federation.files[missing]
    assert node.refuses(federation.files) is DirectoryFault.MISSING


def test_source_without_a_new_member_file_is_refused(node: Node, federation: Federation) -> None:
    federation.admit(member(FR))
    files = {n: data for n, data in federation.files.items() if not n.endswith(f"{FR}.member")}
    assert node.refuses(files) is DirectoryFault.MISSING


def test_swapped_member_file_is_refused_and_nothing_changes(
    node: Node, federation: Federation
) -> None:
    federation.admit(member(FR))
    federation.amend(member(BE, telephone="+3225550199"))
    files = dict(federation.files)
    ours = next(name for name in files if name.endswith(f"{BE}.member"))
    theirs = next(name for name in files if name.endswith(f"{FR}.member"))
    files[ours], files[theirs] = files[theirs], files[ours]
    assert node.refuses(files) is DirectoryFault.CHANGED


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("2.root.json", limits.DIRECTORY_ROOT_BYTES),
        ("timestamp.json", limits.DIRECTORY_TIMESTAMP_BYTES),
        ("4.snapshot.json", limits.DIRECTORY_SNAPSHOT_BYTES),
        ("4.targets.json", limits.DIRECTORY_TARGETS_BYTES),
    ],
)
def test_oversized_file_is_refused_and_nothing_changes(
    node: Node, federation: Federation, name: str, limit: int
) -> None:
    federation.admit(member(FR))
    federation.files[name] = b" " * (limit + 1)
    assert node.refuses(federation.files) is DirectoryFault.TOO_LARGE


def test_announced_lengths_bound_what_is_fetched(federation: Federation) -> None:
    update = DirectoryUpdate({}, federation.trusted_root, now_ms=NOW_MS)
    asked: list[FileRequest] = []
    while update.wanted is not None:
        asked.append(update.wanted)
        update.give(federation.files.get(update.wanted.name))
    bounds = {request.name: request.max_bytes for request in asked}
    for name, data in federation.files.items():
        if name in {"1.root.json", "timestamp.json"}:
            continue
        assert bounds[name] == len(data)
    assert bounds["timestamp.json"] == limits.DIRECTORY_TIMESTAMP_BYTES


def test_update_that_failed_is_over(federation: Federation) -> None:
    update = DirectoryUpdate({}, federation.trusted_root, now_ms=NOW_MS)
    with pytest.raises(DirectoryError):
        update.give(b"garbage")
    assert update.wanted is None
    with pytest.raises(RuntimeError, match="not finished"):
        _ = update.outcome
    with pytest.raises(RuntimeError, match="no file is wanted"):
        update.give(federation.files["timestamp.json"])


def test_outcome_before_the_end_is_our_own_mistake(federation: Federation) -> None:
    update = DirectoryUpdate({}, federation.trusted_root, now_ms=NOW_MS)
    assert update.wanted == FileRequest("2.root.json", limits.DIRECTORY_ROOT_BYTES)
    with pytest.raises(RuntimeError, match="not finished"):
        _ = update.outcome


@pytest.mark.parametrize("rotten", ["timestamp.json", "3.snapshot.json", "3.targets.json"])
def test_rotten_file_on_our_own_disk_is_fetched_again(
    node: Node, federation: Federation, rotten: str
) -> None:
    (node.path / rotten).write_bytes(b"rot")
    node.update(federation.files)
    assert node.folder.load() == federation.files


def test_rotten_member_file_on_our_own_disk_is_fetched_again(
    node: Node, federation: Federation
) -> None:
    name = next(name for name in federation.files if name.endswith(".member"))
    (node.path / name).write_bytes(b"rot")
    assert node.update(federation.files) == ["2.root.json", "timestamp.json", name]
    assert node.folder.load() == federation.files


@pytest.mark.parametrize("writes", range(4))
def test_folder_survives_a_crash_after_each_write(
    tmp_path: Path, federation: Federation, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    folder = DirectoryFolder(tmp_path)
    folder.store(federation.files)
    federation.admit(member(FR))
    left = itertools.chain([True] * writes, itertools.repeat(False))
    real_store = directory_files.store_file

    def crashing(path: Path, data: bytes, *, is_replacing: bool) -> None:
        if not next(left):
            raise KeyFileError("crash")
        real_store(path, data, is_replacing=is_replacing)

    monkeypatch.setattr(directory_files, "store_file", crashing)
    with pytest.raises(KeyFileError):
        folder.store(dict(reversed(federation.files.items())))
    monkeypatch.undo()
    after_crash = load_directory(folder.load(), federation.trusted_root, now_ms=NOW_MS)
    # Snapshot, targets and member are new files; only the fourth write switches over.
    assert after_crash.version == 3
    folder.store(federation.files)
    assert folder.load() == federation.files


def test_folder_refuses_names_that_are_no_directory_files(tmp_path: Path) -> None:
    folder = DirectoryFolder(tmp_path)
    for name in ("../escape.json", "root.json", "01.root.json", "notes.txt", "a/1.root.json"):
        with pytest.raises(DirectoryError):
            folder.store({name: b"x"})
    assert list(tmp_path.iterdir()) == []


def test_folder_gives_out_directory_files_and_nothing_else(
    node: Node, federation: Federation
) -> None:
    (node.path / "README").write_text("not for peers")
    assert node.folder.load_one("3.targets.json") == federation.files["3.targets.json"]
    for name in ("README", "9.targets.json", "../1.root.json", "", "."):
        assert node.folder.load_one(name) is None


def test_folder_leaves_other_files_alone(node: Node, federation: Federation) -> None:
    (node.path / "README").write_text("hands off")
    (node.path / "1.root.json.tmp").write_text("left by a crash")
    federation.publish()
    node.update(federation.files)
    assert (node.path / "README").read_text() == "hands off"
    assert not (node.path / "1.root.json.tmp").exists()


def test_unchanged_files_are_not_written_again(node: Node, federation: Federation) -> None:
    before = node.content()
    federation.publish()
    node.update(federation.files)
    after = node.content()
    kept = set(before) & set(after) - {"timestamp.json"}
    assert {name: before[name] for name in kept} == {name: after[name] for name in kept}
    assert len(kept) == 4


def test_role_with_a_threshold_takes_signatures_of_any_of_its_keys() -> None:
    keys = membership.FederationKeys(
        root=role("r", signers=5, threshold=3),
        targets=role("t", signers=3, threshold=2),
        snapshot=role("s"),
        timestamp=role("ts"),
    )
    federation = Federation(keys)
    federation.files = membership.admit(
        federation.files, member(BE), targets=keys.targets.signers[1:], now_ms=NOW_MS
    )
    federation.publish()
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    assert directory.is_active(BE)
