"""The blob store on a real folder: resumed, torn, lied to, and read."""

from __future__ import annotations

import hashlib
import stat
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import StoreError
from node.store import blobs
from node.store.blobs import BlobStore
from protocol.errors import PeerError, RefusalCode
from protocol.ids import BlobId
from tests.support.blobs import BLOB_ID, DATA, HALF, SIZE, contents, upload

MIB = 1024 * 1024
ABSENT = BlobId(bytes(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def store(folder: Path) -> BlobStore:
    return BlobStore(folder)


def refused(code: RefusalCode, action: Callable[[], object]) -> None:
    with pytest.raises(PeerError) as caught:
        action()
    assert caught.value.code is code


# Uploads


def test_upload_becomes_a_blob_named_by_its_digest(store: BlobStore, folder: Path) -> None:
    assert store.append(BLOB_ID, 0, DATA[:HALF], SIZE) == HALF
    assert not store.is_complete(BLOB_ID)
    assert store.append(BLOB_ID, HALF, DATA[HALF:], SIZE) == SIZE
    store.finish(BLOB_ID, SIZE)
    assert store.is_complete(BLOB_ID)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_upload_goes_on_after_a_restart_where_it_stopped(store: BlobStore, folder: Path) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    reopened = BlobStore(folder)
    assert reopened.held(BLOB_ID) == HALF
    assert reopened.unfinished_ids() == {BLOB_ID}
    upload(reopened)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


@given(
    lengths=st.lists(st.integers(min_value=0, max_value=HALF), max_size=6),
    restarts=st.lists(st.booleans(), min_size=7, max_size=7),
)
def test_any_cutting_with_any_restarts_makes_the_same_blob(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], restarts: list[bool]
) -> None:
    folder = tmp_path_factory.mktemp("blobs")
    store, held = BlobStore(folder), 0
    for length, is_restarted in zip([*lengths, SIZE], restarts, strict=False):
        store = BlobStore(folder) if is_restarted else store
        held = store.append(BLOB_ID, held, DATA[held : held + length], SIZE)
        assert store.held(BLOB_ID) == held
    store.finish(BLOB_ID, SIZE)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


@pytest.mark.parametrize("offset", [0, HALF - 1, HALF + 1, SIZE])
def test_offset_that_is_not_what_is_held_is_refused(
    store: BlobStore, folder: Path, offset: int
) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    refused(RefusalCode.BLOB_OFFSET, lambda: store.append(BLOB_ID, offset, b"more", SIZE))
    assert store.held(BLOB_ID) == HALF
    upload(store)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_retry_of_bytes_that_arrived_is_refused_and_the_held_size_is_known(
    store: BlobStore,
) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    refused(RefusalCode.BLOB_OFFSET, lambda: store.append(BLOB_ID, 0, DATA[:HALF], SIZE))
    assert store.held(BLOB_ID) == HALF


def test_bytes_beyond_the_announced_size_are_refused_and_none_is_kept(
    store: BlobStore, folder: Path
) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    more = DATA[HALF:] + b"\0"
    refused(RefusalCode.BLOB_TOO_LONG, lambda: store.append(BLOB_ID, HALF, more, SIZE))
    assert contents(folder) == {f"{BLOB_ID.hex()}.part": DATA[:HALF]}


def test_first_bytes_beyond_the_announced_size_leave_no_file(
    store: BlobStore, folder: Path
) -> None:
    refused(RefusalCode.BLOB_TOO_LONG, lambda: store.append(BLOB_ID, 0, DATA, SIZE - 1))
    assert contents(folder) == {}


def test_finish_with_bytes_missing_is_refused_and_the_part_is_kept(
    store: BlobStore, folder: Path
) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    refused(RefusalCode.BLOB_TOO_SHORT, lambda: store.finish(BLOB_ID, SIZE))
    assert contents(folder) == {f"{BLOB_ID.hex()}.part": DATA[:HALF]}


@pytest.mark.parametrize("size", [0, 1])
def test_finish_of_what_never_came_is_refused(store: BlobStore, folder: Path, size: int) -> None:
    empty = BlobId(hashlib.sha256().digest())
    refused(RefusalCode.BLOB_TOO_SHORT, lambda: store.finish(empty, size))
    assert contents(folder) == {}


def test_finish_with_more_than_was_announced_is_refused_and_the_part_is_gone(
    store: BlobStore, folder: Path
) -> None:
    store.append(BLOB_ID, 0, DATA, SIZE)
    refused(RefusalCode.BLOB_TOO_LONG, lambda: store.finish(BLOB_ID, SIZE - 1))
    assert contents(folder) == {}


@pytest.mark.parametrize("is_restarted", [False, True])
def test_other_bytes_than_announced_are_refused_and_the_part_is_gone(
    store: BlobStore, folder: Path, is_restarted: bool
) -> None:
    store.append(BLOB_ID, 0, bytes(SIZE), SIZE)
    store = BlobStore(folder) if is_restarted else store
    refused(RefusalCode.BLOB_DIGEST, lambda: store.finish(BLOB_ID, SIZE))
    assert contents(folder) == {}
    upload(store)
    assert store.is_complete(BLOB_ID)


def test_part_that_a_power_cut_filled_with_zeros_is_found_by_the_digest(
    store: BlobStore, folder: Path
) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    (folder / f"{BLOB_ID.hex()}.part").write_bytes(DATA[: HALF - 100] + bytes(100))
    reopened = BlobStore(folder)
    refused(RefusalCode.BLOB_DIGEST, lambda: upload(reopened))
    upload(reopened)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_finish_may_be_repeated(store: BlobStore, folder: Path) -> None:
    upload(store)
    store.finish(BLOB_ID, SIZE)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_complete_blob_is_not_touched_by_a_sender_that_announced_another_size(
    store: BlobStore, folder: Path
) -> None:
    upload(store)
    refused(RefusalCode.BLOB_TOO_LONG, lambda: store.append(BLOB_ID, SIZE, b"more", SIZE + 4))
    refused(RefusalCode.BLOB_TOO_LONG, lambda: store.finish(BLOB_ID, SIZE - 1))
    refused(RefusalCode.BLOB_TOO_SHORT, lambda: store.finish(BLOB_ID, SIZE + 1))
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_upload_that_arrived_in_one_life_is_not_read_again(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_again(*arguments: object) -> None:
        pytest.fail("the part was read from the disk")

    monkeypatch.setattr(hashlib, "file_digest", read_again)
    upload(store)
    assert store.is_complete(BLOB_ID)


def test_digest_of_a_part_that_is_read_again_takes_little_memory(
    store: BlobStore, folder: Path
) -> None:
    data = bytes(16 * MIB)
    blob_id = BlobId(hashlib.sha256(data).digest())
    store.append(blob_id, 0, data, len(data))
    reopened = BlobStore(folder)
    tracemalloc.start()
    try:
        reopened.finish(blob_id, len(data))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reopened.is_complete(blob_id)
    assert peak < MIB


def test_two_connections_that_send_the_same_blob_make_one_blob(
    store: BlobStore, folder: Path
) -> None:
    def send() -> None:
        while (held := store.held(BLOB_ID)) < SIZE:
            try:
                store.append(BLOB_ID, held, DATA[held : held + 7001], SIZE)
            except PeerError as refusal:
                codes.add(refusal.code)

    codes: set[RefusalCode] = set()
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.finish(BLOB_ID, SIZE)
    assert codes <= {RefusalCode.BLOB_OFFSET}
    assert contents(folder) == {BLOB_ID.hex(): DATA}


# The node's own files, reading, deleting


def test_own_file_is_kept_under_its_digest(store: BlobStore, folder: Path) -> None:
    assert store.put_file(iter([DATA[:HALF], b"", DATA[HALF:]])) == (BLOB_ID, SIZE)
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_own_file_may_be_put_twice(store: BlobStore, folder: Path) -> None:
    assert store.put_file([DATA]) == store.put_file([DATA])
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_own_file_takes_the_place_of_a_part_of_the_same_blob(
    store: BlobStore, folder: Path
) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    store.put_file([DATA])
    assert contents(folder) == {BLOB_ID.hex(): DATA}


def test_own_file_whose_source_fails_leaves_nothing(store: BlobStore, folder: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield DATA
        raise ValueError("a chunk does not open")

    with pytest.raises(ValueError, match="does not open"):
        store.put_file(pieces())
    assert contents(folder) == {}


def test_any_range_of_a_blob_is_read(store: BlobStore) -> None:
    store.put_file([DATA])
    assert store.read(BLOB_ID, 0, SIZE) == DATA
    assert store.read(BLOB_ID, 10, 5) == DATA[10:15]
    assert store.read(BLOB_ID, SIZE - 3, 10**15) == DATA[-3:]
    assert store.read(BLOB_ID, SIZE + 1, 10) == b""
    assert store.read(BLOB_ID, 0, 0) == b""


def test_pieces_are_the_whole_blob(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "PIECE_BYTES", 4096)
    store.put_file([DATA])
    pieces = list(store.pieces(BLOB_ID))
    assert b"".join(pieces) == DATA
    assert max(map(len, pieces)) == 4096


def test_part_is_not_read_as_a_blob(store: BlobStore) -> None:
    store.append(BLOB_ID, 0, DATA, SIZE)
    with pytest.raises(StoreError) as caught:
        store.read(BLOB_ID, 0, 10)
    assert caught.value.code == "blob_missing"


def test_blob_that_is_deleted_while_it_is_read_does_not_look_shorter(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "PIECE_BYTES", 4096)
    store.put_file([DATA])
    pieces = store.pieces(BLOB_ID)
    next(pieces)
    store.delete(BLOB_ID)
    with pytest.raises(StoreError):
        next(pieces)


def test_deleted_blob_and_part_are_gone_and_deleting_may_be_repeated(
    store: BlobStore, folder: Path
) -> None:
    other = b"another file"
    other_id = BlobId(hashlib.sha256(other).digest())
    store.put_file([other])
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    assert (store.ids(), store.unfinished_ids()) == ({other_id}, {BLOB_ID})
    for blob_id in (other_id, BLOB_ID, BLOB_ID, ABSENT):
        store.delete(blob_id)
        assert store.held(blob_id) == 0
    assert contents(folder) == {}


def test_deleted_part_can_be_sent_again_from_the_start(store: BlobStore) -> None:
    store.append(BLOB_ID, 0, DATA[:HALF], SIZE)
    store.delete(BLOB_ID)
    upload(store)
    assert store.read(BLOB_ID, 0, SIZE) == DATA


def test_only_the_owner_may_look(store: BlobStore, folder: Path) -> None:
    store.put_file([b"one"])
    store.append(BLOB_ID, 0, DATA, SIZE)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_folder_that_others_could_read_is_closed_at_the_start(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    BlobStore(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_foreign_files_in_the_folder_are_not_blobs(store: BlobStore, folder: Path) -> None:
    (folder / "lost+found").mkdir()
    (folder / ("g" * 64)).write_bytes(b"")
    assert store.ids() == store.unfinished_ids() == set()


@pytest.mark.parametrize("blob_id", [b"", b"../../node.db", bytes(31), bytes(33)])
def test_what_is_no_blob_id_is_our_own_mistake(store: BlobStore, blob_id: bytes) -> None:
    untrusted_id = BlobId(blob_id)
    for action in (
        lambda: store.held(untrusted_id),
        lambda: store.is_complete(untrusted_id),
        lambda: store.append(untrusted_id, 0, b"x", 1),
        lambda: store.finish(untrusted_id, 1),
        lambda: store.read(untrusted_id, 0, 1),
        lambda: store.delete(untrusted_id),
    ):
        with pytest.raises(ValueError, match="32 bytes"):
            action()


def test_negative_ranges_are_our_own_mistake(store: BlobStore) -> None:
    store.put_file([DATA])
    for offset, length in ((-1, 1), (0, -1)):
        with pytest.raises(ValueError, match="negative"):
            store.read(BLOB_ID, offset, length)
