"""The federation's folder: whole after a crash, and worked in by one command at a time."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from keys.errors import KeyFileError
from keys.tuf_keys import create_directory_key
from node.errors import HomeError, NodeError
from node.federation import founding
from node.federation.folder import FederationFolder
from node.federation.signing import load_change
from tests.node.federation.folders import content, crashes, publish_all, renew
from tests.support.nodes import NOW_MS, PASSPHRASE, seeded

Files = Mapping[str, bytes]


@pytest.fixture
def restore(path: Path, folder: FederationFolder) -> Callable[[], None]:
    """Put the folder back as it was at the first call."""
    saved = path.with_name("saved")

    def put_back() -> None:
        if saved.exists():
            shutil.rmtree(path)
            shutil.copytree(saved, path)
        else:
            shutil.copytree(path, saved)

    return put_back


def is_without_rests(path: Path) -> bool:
    return not any(each.name.endswith((".new", ".old", ".tmp")) for each in path.rglob("*"))


def check_exchange(path: Path, restore: Callable[[], None], new: Files) -> None:
    """Crash an exchange of the pending change at every step: the old one is there, or the new."""
    restore()
    old = FederationFolder(path).load_pending()

    def exchange() -> None:
        folder = FederationFolder(path)
        with folder.locked():
            folder.keep_pending(new)

    seen = set()
    for _ in crashes(exchange, restore):
        folder = FederationFolder(path)
        # A stick that cannot be written to shows the same as a folder that is mended.
        unmended = folder.load_pending()
        with folder.locked():
            pending = folder.load_pending()
        assert pending == unmended
        assert pending in (old, new)
        assert is_without_rests(path)
        seen.add(pending == new)
    assert seen == {True, False}


def test_a_crash_leaves_the_old_change_or_the_new_one(
    path: Path, folder: FederationFolder, restore: Callable[[], None]
) -> None:
    renew(folder, "targets")
    renew(folder, "root")
    new = {**folder.load_pending(), "2.targets.json": b"{}", "2.suspend.json": b"{}"}
    del new["2.root.json"]
    check_exchange(path, restore, new)


def test_a_crash_leaves_the_first_change_whole_or_absent(
    path: Path, folder: FederationFolder, restore: Callable[[], None]
) -> None:
    check_exchange(path, restore, {"2.root.json": b"{}", "2.targets.json": b"{}"})


def test_a_crash_while_dropping_a_change_leaves_it_whole_or_absent(
    path: Path, folder: FederationFolder, restore: Callable[[], None]
) -> None:
    renew(folder, "targets")
    renew(folder, "root")
    check_exchange(path, restore, {})


def test_a_crash_while_publishing_leaves_the_old_directory_or_the_new_one(
    path: Path, folder: FederationFolder, restore: Callable[[], None]
) -> None:
    renew(folder, "root")
    renew(folder, "suspend")
    restore()
    old = folder.load_public()
    publish_all(folder)
    new = folder.load_public()

    def store() -> None:
        place = FederationFolder(path)
        with place.locked():
            place.store_published(new, {})

    seen = set()
    for _ in crashes(store, restore):
        with folder.locked():
            public, pending = folder.load_public(), folder.load_pending()
        # Published, it does not wait any more; not published, all of it still waits.
        assert public == (old if pending else new)
        assert len(pending) in (0, 2)
        assert is_without_rests(path)
        seen.add(len(pending))
    assert seen == {0, 2}


def test_a_crash_while_founding_founds_all_or_nothing(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "new"
    made: list[dict[str, bytes]] = []
    sign = founding.sign_and_publish

    def sign_once(*arguments: object, **options: object) -> dict[str, bytes]:
        if not made:
            made.append(sign(*arguments, **options))
        return made[0]

    monkeypatch.setattr(founding, "sign_and_publish", sign_once)
    keys = itertools.cycle([create_directory_key(seeded(role)) for role in founding.ROLES])
    monkeypatch.setattr(founding, "create_directory_key", lambda random: next(keys))

    def found() -> None:
        founding.found_here(FederationFolder(path), "Test", PASSPHRASE, now_ms=NOW_MS)

    seen = set()
    for _ in crashes(found, lambda: shutil.rmtree(path, ignore_errors=True)):
        folder = FederationFolder(path)
        seen.add(folder.is_founded)
        if folder.is_founded:
            with folder.locked():
                assert folder.load_public() == made[0]
        else:
            with pytest.raises(HomeError, match="no federation"), folder.locked():
                pass
    assert seen == {True, False}


def test_one_command_at_a_time_works_in_the_folder(path: Path, folder: FederationFolder) -> None:
    before = content(path)
    with (
        folder.locked(),
        pytest.raises(HomeError, match="another homeward command"),
        FederationFolder(path).locked(),
    ):
        pass
    assert content(path) == before
    with folder.locked():
        pass


def test_what_else_lies_in_the_folders_is_left_alone(path: Path, folder: FederationFolder) -> None:
    renew(folder, "targets")
    (path / "public" / "index.html").write_text("for the members")
    (path / "pending" / "note.txt").write_text("ring Anna")
    renew(folder, "root")
    assert (path / "pending" / "note.txt").read_text() == "ring Anna"
    publish_all(folder)
    assert (path / "public" / "index.html").read_text() == "for the members"
    assert load_change(folder).pending == {}


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "file"):
        with pytest.raises(NodeError, match="no federation"):
            FederationFolder(path).check()


def test_a_folder_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="not a directory"):
        FederationFolder(tmp_path / "file").make(has_keys=False)


def test_public_files_without_a_root_file_are_no_federation(
    path: Path, folder: FederationFolder
) -> None:
    (path / "root.json").unlink()
    assert folder.load_public() == {}
    with pytest.raises(HomeError, match="no federation"):
        folder.check()
