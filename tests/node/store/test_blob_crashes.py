"""The blob store when a write fails: killed at every one, full, and whole again."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from node.errors import StoreError
from node.store.blobs import BlobStore
from tests.support.blobs import BLOB_ID, DATA, HALF, SIZE, check_invariants, contents, upload

STAGES = [
    "blob_bytes:before",
    "blob_bytes:after",
    "blob_name:before",
    "blob_name:after",
    "blob_removal:before",
    "blob_removal:after",
]


class Killed(BaseException):
    """Stands for kill -9: nothing in the store may catch it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def store(folder: Path) -> BlobStore:
    return BlobStore(folder)


def failing_once(stage: str, error: BaseException) -> Callable[[str], None]:
    """Return a hook that raises at the first `stage`, and never again."""
    left = [error]

    def hook(reached: str) -> None:
        if reached == stage and left:
            raise left.pop()

    return hook


def live(store: BlobStore) -> None:
    """Every kind of durable write, so that each stage is reached."""
    store.put_file([b"own file"])
    upload(store)
    store.delete(BLOB_ID)


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_any_write_the_store_is_whole_and_goes_on(folder: Path, stage: str) -> None:
    with pytest.raises(Killed):
        live(BlobStore(folder, failing_once(stage, Killed())))
    reopened = BlobStore(folder)
    check_invariants(folder)
    upload(reopened)
    assert reopened.read(BLOB_ID, 0, SIZE) == DATA
    reopened.delete(BLOB_ID)
    assert BLOB_ID not in reopened.ids() | reopened.unfinished_ids()
    check_invariants(folder)


@pytest.mark.parametrize("kept", [0, 1, HALF - 1])
def test_part_that_a_crash_left_shorter_is_completed(
    store: BlobStore, folder: Path, kept: int
) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    os.truncate(folder / f"{BLOB_ID.hex()}.part", kept)
    reopened = BlobStore(folder)
    assert reopened.held(BLOB_ID) == kept
    upload(reopened)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_own_file_that_a_crash_left_behind_is_swept(folder: Path) -> None:
    with pytest.raises(Killed):
        BlobStore(folder, failing_once("blob_bytes:after", Killed())).put_file([DATA])
    assert contents(folder) != {}
    BlobStore(folder)
    assert contents(folder) == {}


@pytest.mark.parametrize("stage", STAGES)
def test_failed_write_is_a_store_error_and_can_be_repeated(folder: Path, stage: str) -> None:
    store = BlobStore(folder, failing_once(stage, OSError(errno.EIO, "broken")))
    with pytest.raises(StoreError) as caught:
        live(store)
    assert caught.value.code == "blob_store_failed"
    check_invariants(folder)
    live(store)
    assert BLOB_ID not in store.ids() | store.unfinished_ids()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("held", [0, HALF])
def test_full_disk_says_so_and_takes_back_what_was_half_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, held: int
) -> None:
    store = BlobStore(folder)
    store.append(BLOB_ID, 0, DATA[:held], SIZE)
    real_fsync = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(number, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError) as caught:
        store.append(BLOB_ID, held, DATA[held:], SIZE)
    assert (caught.value.code, bool(caught.value.hint)) == ("disk_full", True)
    assert store.held(BLOB_ID) == held
    monkeypatch.setattr(os, "fsync", real_fsync)
    upload(store)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_full_disk_leaves_nothing_of_an_own_file(
    store: BlobStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="disk is full"):
        store.put_file([DATA])
    assert contents(folder) == {}


def test_name_that_could_not_be_flushed_does_not_count(
    store: BlobStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append(BLOB_ID, 0, DATA, SIZE)
    real_fsync = os.fsync

    def no_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "broken")
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", no_folders)
    with pytest.raises(StoreError):
        store.finish(BLOB_ID, SIZE)
    assert not store.is_complete(BLOB_ID)
    monkeypatch.setattr(os, "fsync", real_fsync)
    store.finish(BLOB_ID, SIZE)
    assert store.is_complete(BLOB_ID)


def test_blob_that_was_whole_survives_a_failed_second_put(folder: Path) -> None:
    BlobStore(folder).put_file([DATA])
    store = BlobStore(folder, failing_once("blob_bytes:after", OSError(errno.EIO, "broken")))
    with pytest.raises(StoreError):
        store.put_file([DATA])
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_every_durable_write_is_announced_before_and_after(folder: Path) -> None:
    stages: list[str] = []
    live(BlobStore(folder, stages.append))
    assert set(stages) == set(STAGES)
    assert [stage.replace("before", "after") for stage in stages[::2]] == stages[1::2]


def test_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        BlobStore(tmp_path / "file" / "blobs")
