"""Encryption epochs: turned over in time, opened, and destroyed for good."""

from __future__ import annotations

import gc
import os
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from keys import epochs, files
from keys.epochs import EpochStore
from keys.errors import EpochDamaged, KeyFileError
from protocol import limits, suite
from protocol.suite import KemOpener
from tests.keys.federation import DAY_MS, fixed_random

WRAPPING_KEY = bytes(range(32))
WEEK_MS = limits.EPOCH_MS
NUMBER = 2976
START_MS = NUMBER * WEEK_MS
NOW_MS = START_MS + 2 * DAY_MS


def open_store(folder: Path, label: str = "epochs") -> EpochStore:
    return EpochStore(folder, WRAPPING_KEY, fixed_random(label))


def content(folder: Path) -> dict[str, bytes]:
    """Return what there is of seeds."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    del files[epochs.BACKUP_TAG]
    return files


def numbers(store: EpochStore, now_ms: int) -> list[int]:
    return [epoch.number for epoch in store.published(now_ms)]


def test_current_epoch_and_two_ahead_are_made(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert store.ensure(NOW_MS)
    assert numbers(store, NOW_MS) == [NUMBER, NUMBER + 1, NUMBER + 2]
    assert sorted(content(tmp_path)) == [f"{NUMBER + i}.epoch" for i in range(3)]
    for epoch in store.published(NOW_MS):
        assert epoch.starts_at_ms == epoch.number * WEEK_MS
        assert epoch.ends_at_ms == epoch.starts_at_ms + WEEK_MS
    assert len({epoch.kem_public_key for epoch in store.published(NOW_MS)}) == 3


def test_ensure_again_changes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    before = content(tmp_path)
    assert not store.ensure(NOW_MS)
    assert not store.ensure(START_MS + WEEK_MS - 1)
    assert content(tmp_path) == before


def test_turn_of_the_week_makes_one_more(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    before = store.published(NOW_MS)
    assert store.ensure(START_MS + WEEK_MS)
    after = store.published(START_MS + WEEK_MS)
    assert after[:2] == before[1:]
    assert after[2].number == NUMBER + 3


def test_reopened_store_opens_what_was_sealed_to_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    published = store.published(NOW_MS)
    again = open_store(tmp_path, "other random")
    assert again.published(NOW_MS) == published
    for epoch in published:
        sealed = suite.seal(epoch.kem_public_key, b"info", b"content")
        opener = again.opener(suite.kem_key_id(epoch.kem_public_key))
        assert opener is not None
        assert opener.open(b"info", sealed) == b"content"


def test_unknown_key_has_no_opener(tmp_path: Path) -> None:
    assert open_store(tmp_path).opener(bytes(32)) is None


def test_seed_is_kept_a_week_after_the_end_and_then_destroyed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    first = store.published(NOW_MS)[0]
    key_id = suite.kem_key_id(first.kem_public_key)
    last_moment = first.ends_at_ms + limits.EPOCH_KEPT_MS
    assert store.destroy_expired(last_moment - 1) == 0
    assert store.opener(key_id) is not None
    assert store.destroy_expired(last_moment) == 1
    assert store.opener(key_id) is None
    assert f"{NUMBER}.epoch" not in content(tmp_path)
    assert open_store(tmp_path).opener(key_id) is None
    assert store.destroy_expired(last_moment) == 0


def test_file_is_overwritten_and_synced_before_it_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    at_removal: list[bytes] = []
    synced: list[int] = []
    unlink, fsync = Path.unlink, os.fsync

    def watched_unlink(path: Path, missing_ok: bool = False) -> None:
        at_removal.append(path.read_bytes())
        assert path.stat().st_ino in synced
        unlink(path, missing_ok)

    def watched_fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(Path, "unlink", watched_unlink)
    monkeypatch.setattr(files.os, "fsync", watched_fsync)
    assert store.destroy_expired(START_MS + 2 * WEEK_MS) == 1
    assert at_removal == [bytes(epochs._FILE_BYTES)]


def test_clock_moved_sixty_days_forward(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    later = NOW_MS + 60 * DAY_MS
    assert store.ensure(later)
    assert store.destroy_expired(later) == 3
    current = later // WEEK_MS
    assert numbers(store, later) == [current, current + 1, current + 2]
    assert sorted(content(tmp_path)) == [f"{current + i}.epoch" for i in range(3)]


def test_clock_that_comes_back_gets_new_keys_and_opens_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    lost = store.published(NOW_MS)[0].kem_public_key
    store.ensure(NOW_MS + 60 * DAY_MS)
    store.destroy_expired(NOW_MS + 60 * DAY_MS)
    assert store.ensure(NOW_MS)
    assert numbers(store, NOW_MS) == [NUMBER, NUMBER + 1, NUMBER + 2]
    assert store.published(NOW_MS)[0].kem_public_key != lost
    assert store.opener(suite.kem_key_id(lost)) is None


def test_only_the_current_epochs_are_published(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    store.ensure(NOW_MS + WEEK_MS)
    assert numbers(store, NOW_MS + WEEK_MS) == [NUMBER + 1, NUMBER + 2, NUMBER + 3]
    assert numbers(store, NOW_MS + 60 * DAY_MS) == []


def test_crash_between_two_epochs_is_mended_by_the_next_ensure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_file = epochs.store_file

    def fails_at_the_second(path: Path, data: bytes, *, is_replacing: bool) -> None:
        if path.name == f"{NUMBER + 1}.epoch":
            raise KeyFileError("disk full")
        store_file(path, data, is_replacing=is_replacing)

    monkeypatch.setattr(epochs, "store_file", fails_at_the_second)
    store = open_store(tmp_path)
    with pytest.raises(KeyFileError):
        store.ensure(NOW_MS)
    assert numbers(store, NOW_MS) == [NUMBER]
    monkeypatch.undo()
    again = open_store(tmp_path, "after the crash")
    first = again.published(NOW_MS)
    assert again.ensure(NOW_MS)
    assert again.published(NOW_MS)[:1] == first
    assert numbers(again, NOW_MS) == [NUMBER, NUMBER + 1, NUMBER + 2]


def test_crash_before_the_rename_leaves_nothing_of_the_seed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    before = content(tmp_path)
    (tmp_path / f"{NUMBER + 3}.epoch.tmp").write_bytes(before[f"{NUMBER}.epoch"])
    assert open_store(tmp_path).published(NOW_MS) == store.published(NOW_MS)
    assert content(tmp_path) == before


def test_crash_between_overwriting_and_removing_is_finished(tmp_path: Path) -> None:
    open_store(tmp_path).ensure(NOW_MS)
    path = tmp_path / f"{NUMBER}.epoch"
    path.write_bytes(bytes(path.stat().st_size))
    assert numbers(open_store(tmp_path), NOW_MS) == [NUMBER + 1, NUMBER + 2]
    assert not path.exists()


def test_every_changed_byte_of_an_epoch_file_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path).ensure(NOW_MS)
    path = tmp_path / f"{NUMBER}.epoch"
    good = path.read_bytes()
    for index in range(len(good)):
        path.write_bytes(good[:index] + bytes([good[index] ^ 1]) + good[index + 1 :])
        with pytest.raises(EpochDamaged, match=path.name):
            open_store(tmp_path)
    assert path.exists()


@pytest.mark.parametrize("damaged", [b"", b"short", bytes(range(90))])
def test_epoch_file_of_another_size_is_damaged(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "7.epoch").write_bytes(damaged)
    with pytest.raises(EpochDamaged):
        open_store(tmp_path)


def test_file_posing_as_another_epoch_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path).ensure(NOW_MS)
    (tmp_path / f"{NUMBER}.epoch").rename(tmp_path / f"{NUMBER + 9}.epoch")
    with pytest.raises(EpochDamaged):
        open_store(tmp_path)


def test_other_wrapping_key_opens_nothing_and_destroys_nothing(tmp_path: Path) -> None:
    open_store(tmp_path).ensure(NOW_MS)
    before = content(tmp_path)
    with pytest.raises(EpochDamaged):
        EpochStore(tmp_path, bytes(32), fixed_random("other"))
    assert content(tmp_path) == before


def test_files_are_private_and_hold_no_seed_in_clear(tmp_path: Path) -> None:
    open_store(tmp_path).ensure(NOW_MS)
    random = fixed_random("epochs")
    for path in sorted(tmp_path.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for path in sorted(tmp_path.glob("*.epoch")):
        seed, _ = random(32), random(12)
        assert seed not in path.read_bytes()


# --- backups


def test_the_folder_is_tagged_so_that_backups_leave_it_out(tmp_path: Path) -> None:
    open_store(tmp_path).ensure(NOW_MS)
    archive = tmp_path.parent / "backup.tar"
    tar = ["tar", "--create", "--exclude-caches-all", "--file", str(archive), str(tmp_path)]
    subprocess.run(tar, check=True, capture_output=True, timeout=60)
    with tarfile.open(archive) as opened:
        assert opened.getnames() == []


def test_a_home_that_came_back_without_its_epochs_gets_new_ones(tmp_path: Path) -> None:
    folder = tmp_path / "epochs"
    store = open_store(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    store.ensure(NOW_MS)
    before = store.published(NOW_MS)
    shutil.rmtree(folder)
    restored = open_store(folder, "another life")
    assert restored.ensure(NOW_MS)
    assert numbers(restored, NOW_MS) == [NUMBER, NUMBER + 1, NUMBER + 2]
    keys = {epoch.kem_public_key for epoch in (*before, *restored.published(NOW_MS))}
    assert len(keys) == 6


# --- destroying that does not go well


def held_openers() -> list[KemOpener]:
    gc.collect()
    return [found for found in gc.get_objects() if isinstance(found, KemOpener)]


def test_nothing_in_memory_opens_any_more_what_was_sealed_to_a_destroyed_key(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path, "memory")
    store.ensure(NOW_MS)
    first = store.published(NOW_MS)[0]
    key_id = suite.kem_key_id(first.kem_public_key)
    assert key_id in {opener.key_id for opener in held_openers()}
    store.destroy_expired(first.ends_at_ms + limits.EPOCH_KEPT_MS)
    assert key_id not in {opener.key_id for opener in held_openers()}


def test_one_that_cannot_be_destroyed_is_tried_again_and_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    later = NOW_MS + 60 * DAY_MS
    destroy_file = epochs.destroy_file

    def fails_at_the_first(path: Path) -> None:
        if path.name == f"{NUMBER}.epoch":
            raise KeyFileError("the disk has a fault")
        destroy_file(path)

    monkeypatch.setattr(epochs, "destroy_file", fails_at_the_first)
    key_id = suite.kem_key_id(store.published(NOW_MS)[0].kem_public_key)
    for _ in range(2):
        with pytest.raises(KeyFileError):
            store.destroy_expired(later)
        assert sorted(content(tmp_path)) == [f"{NUMBER}.epoch"]
        assert store.opener(key_id) is None
    monkeypatch.undo()
    assert store.destroy_expired(later) == 1
    assert content(tmp_path) == {}


def test_a_file_that_somebody_removed_is_forgotten_in_its_time(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    key_id = suite.kem_key_id(store.published(NOW_MS)[0].kem_public_key)
    (tmp_path / f"{NUMBER}.epoch").unlink()
    assert store.destroy_expired(START_MS + 2 * WEEK_MS) == 1
    assert store.opener(key_id) is None


def test_zeros_in_the_place_of_a_key_that_is_wanted_make_way_for_a_new_one(
    tmp_path: Path,
) -> None:
    """The clock came back after a crash in the middle of destroying."""
    store = open_store(tmp_path)
    path = tmp_path / f"{NUMBER}.epoch"
    path.write_bytes(bytes(epochs._FILE_BYTES))
    assert store.ensure(NOW_MS)
    assert numbers(store, NOW_MS) == [NUMBER, NUMBER + 1, NUMBER + 2]
    assert any(path.read_bytes())


def test_a_file_that_was_stored_although_storing_failed_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    store = open_store(tmp_path)
    monkeypatch.setattr(files, "sync_folder", fails)
    with pytest.raises(KeyFileError):
        store.ensure(NOW_MS)
    monkeypatch.undo()
    on_disk = content(tmp_path)
    assert list(on_disk) == [f"{NUMBER}.epoch"]
    assert store.ensure(NOW_MS)
    assert content(tmp_path)[f"{NUMBER}.epoch"] == on_disk[f"{NUMBER}.epoch"]
    assert numbers(store, NOW_MS) == [NUMBER, NUMBER + 1, NUMBER + 2]


@pytest.mark.parametrize("name", ["07.epoch", "x.epoch", "99999999999.epoch", "7.epoch.bak"])
def test_other_names_are_no_epochs(tmp_path: Path, name: str) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    (tmp_path / name).write_bytes(b"?")
    assert epochs.epoch_numbers(tmp_path) == [NUMBER, NUMBER + 1, NUMBER + 2]
    store.destroy_expired(NOW_MS + 60 * DAY_MS)
    assert content(tmp_path) == {name: b"?"}


@pytest.mark.parametrize("number", [NUMBER + 1, 2**63])
def test_a_header_that_says_another_week_is_damaged(tmp_path: Path, number: int) -> None:
    store = open_store(tmp_path)
    store.ensure(NOW_MS)
    path = tmp_path / f"{NUMBER}.epoch"
    data = path.read_bytes()
    path.rename(tmp_path / f"{number}.epoch")
    changed = data[:9] + number.to_bytes(8, "big") + data[17:]
    (tmp_path / f"{number}.epoch").write_bytes(changed)
    with pytest.raises(EpochDamaged):
        open_store(tmp_path)
