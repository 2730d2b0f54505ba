"""The directory on a node's disk: whole after every crash, and nothing else is touched."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from keys import directory_files
from keys.directory import load_directory
from keys.directory_files import DirectoryFolder, file_limit, metadata_name, metadata_version
from keys.errors import DirectoryError, DirectoryFault, KeyFileError
from protocol import limits
from tests.keys.forge import BE, FR, NOW_MS, Forge, member
from tests.keys.reader import Node


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge(has_suspend=True)


@pytest.fixture(name="node")
def _node(tmp_path: Path, forge: Forge) -> Node:
    return Node(tmp_path, forge)


@pytest.mark.parametrize("writes", range(6))
def test_folder_survives_a_crash_after_each_write(
    tmp_path: Path, forge: Forge, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    folder = DirectoryFolder(tmp_path)
    folder.store(forge.files)
    before = load_directory(folder.load(), forge.trusted_root, now_ms=NOW_MS)
    forge.suspend(BE)
    forge.put(member(FR))
    left = itertools.chain([True] * writes, itertools.repeat(False))
    real_store = directory_files.store_file

    def crashing(path: Path, data: bytes, *, is_replacing: bool) -> None:
        if not next(left):
            raise KeyFileError("crash")
        real_store(path, data, is_replacing=is_replacing)

    monkeypatch.setattr(directory_files, "store_file", crashing)
    with pytest.raises(KeyFileError):
        folder.store(dict(reversed(forge.files.items())))
    monkeypatch.undo()
    # Snapshot, targets, suspend, member and suspension are new; only the sixth write switches.
    after = load_directory(folder.load(), forge.trusted_root, now_ms=NOW_MS)
    assert after == before
    folder.store(forge.files)
    assert folder.load() == forge.files


def test_update_after_a_crash_takes_the_rest(
    node: Node, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there already is newer than the timestamp says, and not asked for again."""
    forge.put(member(FR))
    for name, data in forge.files.items():
        if name != "timestamp.json":
            (node.path / name).write_bytes(data)
    assert node.update(forge.files) == ["2.root.json", "timestamp.json"]
    assert node.folder.load() == forge.files


@pytest.mark.parametrize(
    "name",
    [
        "../escape.json",
        "root.json",
        "01.root.json",
        "0.root.json",
        "1234567890.root.json",
        "1.other.json",
        "notes.txt",
        "a/1.root.json",
        f"{'0' * 64}.be.example.other",
        f"{'0' * 63}.be.example.suspended",
        f"{'A' * 64}.be.example.member",
    ],
)
def test_folder_refuses_names_that_are_no_directory_files(tmp_path: Path, name: str) -> None:
    assert file_limit(name) is None
    with pytest.raises(DirectoryError) as caught:
        DirectoryFolder(tmp_path).store({name: b"x"})
    assert caught.value.code is DirectoryFault.MALFORMED
    assert list(tmp_path.iterdir()) == []


def test_every_kind_of_file_has_its_limit() -> None:
    assert file_limit("1.suspend.json") == limits.DIRECTORY_SUSPEND_BYTES
    assert file_limit(f"{'0' * 64}.{BE}.suspended") == limits.SUSPENSION_BYTES
    assert file_limit(f"{'0' * 64}.{BE}.member") == limits.MEMBER_BYTES
    assert file_limit("timestamp.json") == limits.DIRECTORY_TIMESTAMP_BYTES


def test_name_of_a_role_is_safe_as_the_name_of_a_file() -> None:
    assert metadata_name("suspend", 3) == "3.suspend.json"
    assert metadata_name("../x?", 3) == "3...%2Fx%3F.json"
    assert metadata_version("3.suspend.json", "suspend") == 3
    assert metadata_version("3.suspend.json", "targets") is None


def test_folder_gives_out_directory_files_and_nothing_else(node: Node, forge: Forge) -> None:
    (node.path / "README").write_text("not for peers")
    assert node.folder.load_one("1.suspend.json") == forge.files["1.suspend.json"]
    for name in ("README", "9.targets.json", "../1.root.json", "", "."):
        assert node.folder.load_one(name) is None


def test_folder_leaves_other_files_alone(node: Node, forge: Forge) -> None:
    (node.path / "README").write_text("hands off")
    (node.path / "1.root.json.tmp").write_text("left by a crash")
    forge.publish()
    node.update(forge.files)
    assert (node.path / "README").read_text() == "hands off"
    assert not (node.path / "1.root.json.tmp").exists()


def test_unchanged_files_are_not_written_again(node: Node, forge: Forge) -> None:
    before = node.content()
    forge.publish()
    node.update(forge.files)
    after = node.content()
    kept = set(before) & set(after) - {"timestamp.json"}
    assert {name: before[name] for name in kept} == {name: after[name] for name in kept}
    assert len(kept) == 5
