"""The database on a real file: group commit, failures, a full disk, keys, and erasing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from node.errors import StoreError
from node.store import db as store_module
from node.store import log_store
from node.store.db import JOBS_PER_COMMIT, Store
from node.threads import Threads
from tests.support.nodes import inline

KEY = bytes(range(32))
SECRET = b"Xenia Nobody was here"


class Killed(BaseException):
    """Stands for kill -9."""


def opened(path: Path, key: bytes = KEY, **how) -> Store:
    return Store(path, key, **{"run_writes": inline, "run_reads": inline, **how})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    store = opened(path)
    yield store
    await store.close()


def note(text: bytes, number: int = 1) -> Callable[[Database], int]:
    """Return a job that keeps a text as a leaf of the log `number`."""
    return lambda db: log_store.append(db, number, text)


def faulty(error: Exception) -> Callable[[Database], None]:
    """Return a job that writes, and then fails."""

    def job(db: Database) -> None:
        log_store.append(db, 1, b"half")
        raise error

    return job


def notes(db: Database) -> list[bytes]:
    return log_store.leaves(db, 1, 0, log_store.size(db, 1))


async def outcomes(store: Store, *jobs) -> list:
    """Hand in jobs at the same moment."""
    return await asyncio.gather(*(store.write(job) for job in jobs), return_exceptions=True)


def on_disk(path: Path) -> bytes:
    """Return the bytes of the database, its WAL and whatever lies beside them."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def limit_pages(store: Store, spare: int | None) -> None:
    """Make the disk full `spare` pages from here; None: give it room again."""
    (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
    limit = 2**30 if spare is None else pages + spare
    store._writer.execute(f"PRAGMA max_page_count = {limit}")


# --- commits


async def test_a_job_returns_its_result_when_it_is_durable(store: Store, path: Path) -> None:
    assert await store.write(note(b"first")) == 0
    other = opened(path)
    assert await other.read(notes) == [b"first"]
    await other.close()


async def test_jobs_of_the_same_moment_share_a_commit_in_their_order(path: Path) -> None:
    stages: list[str] = []
    store = opened(path, on_durable=stages.append)
    assert await outcomes(store, *(note(b"%d" % n) for n in range(5))) == [0, 1, 2, 3, 4]
    assert stages == ["commit:before", "commit:after"]
    await store.close()


async def test_more_jobs_than_a_commit_holds_take_two(path: Path) -> None:
    stages: list[str] = []
    store = opened(path, on_durable=stages.append)
    await outcomes(store, *(note(b"x") for _ in range(JOBS_PER_COMMIT + 1)))
    assert stages.count("commit:after") == 2
    await store.close()


async def test_a_read_sees_only_what_is_committed(path: Path) -> None:
    seen: list[list[bytes]] = []
    store = opened(path, on_durable=lambda stage: seen.append(notes(store._reader)))
    await store.write(note(b"new"))
    assert seen == [[], [b"new"]]
    await store.close()


async def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.read(note(b"slipped in"))
    assert await store.read(notes) == []


async def test_closing_waits_for_what_was_handed_in(path: Path) -> None:
    store = opened(path)
    writing = asyncio.create_task(store.write(note(b"last")))
    await asyncio.sleep(0)
    await store.close()
    assert await writing == 0


async def test_a_caller_that_gives_up_disturbs_nobody(store: Store) -> None:
    impatient = asyncio.create_task(store.write(note(b"mine")))
    patient = asyncio.create_task(store.write(note(b"yours")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 1
    assert await store.read(notes) == [b"mine", b"yours"]


async def test_threads_write_and_read_beside_each_other(path: Path) -> None:
    threads = Threads()
    store = opened(path, run_writes=threads.runner("writes"), run_reads=threads.runner("reads"))

    async def write_and_read(number: int) -> bool:
        position = await store.write(note(b"%d" % number))
        return (await store.read(notes))[position] == b"%d" % number

    assert all(await asyncio.gather(*map(write_and_read, range(40))))
    await store.close()
    threads.close()


# --- failures


@pytest.mark.parametrize("error", [ValueError("wrong"), LookupError("gone")])
async def test_a_job_that_raises_leaves_nothing_and_its_neighbours_commit(
    store: Store, error: Exception
) -> None:
    found = await outcomes(store, note(b"before"), faulty(error), note(b"after"))
    assert found == [0, error, 1]
    assert await store.read(notes) == [b"before", b"after"]


async def test_a_broken_constraint_is_the_failure_of_its_job_alone(store: Store) -> None:
    def twice(db: Database) -> None:
        log_store.append(db, 1, b"half")
        db.execute("INSERT INTO log_leaves VALUES (1, 0, x'00', x'')")

    before, failure, after = await outcomes(store, note(b"before"), twice, note(b"after"))
    assert (before, after) == (0, 1)
    assert isinstance(failure, StoreError)
    assert failure.code == "store_failed"
    assert isinstance(failure.__cause__, sqlcipher.IntegrityError)
    assert await store.read(notes) == [b"before", b"after"]


async def test_a_failure_of_the_database_fails_the_whole_transaction(store: Store) -> None:
    def impossible(db: Database) -> None:
        db.execute("INSERT INTO no_such_table VALUES (1)")

    found = await outcomes(store, note(b"before"), impossible, note(b"after"))
    assert [getattr(outcome, "code", None) for outcome in found] == ["store_failed"] * 3
    assert await store.read(notes) == []
    assert await store.write(note(b"again")) == 0


async def test_a_read_that_fails_says_so_in_our_words(store: Store) -> None:
    with pytest.raises(StoreError) as error:
        await store.read(lambda db: db.execute("SELECT * FROM no_such_table"))
    assert error.value.code == "store_failed"


@pytest.mark.parametrize(("stage", "kept"), [("commit:before", []), ("commit:after", [b"new"])])
async def test_a_crash_at_the_commit_keeps_all_or_nothing(
    path: Path, stage: str, kept: list[bytes]
) -> None:
    def crash(reached: str) -> None:
        if reached == stage:
            raise Killed

    store = opened(path, on_durable=crash)
    with pytest.raises(Killed):
        await store.write(note(b"new"))
    await store.close()
    again = opened(path)
    assert await again.read(notes) == kept
    await again.close()


# --- a full disk


async def test_a_full_disk_fails_the_transaction_and_nothing_of_it_is_kept(store: Store) -> None:
    await store.write(note(b"kept"))
    limit_pages(store, 2)
    big = note(bytes(100_000))
    found = await outcomes(store, note(b"small"), big, note(b"small"))
    assert [getattr(outcome, "code", None) for outcome in found] == ["disk_full"] * 3
    assert await store.read(notes) == [b"kept"]


async def test_after_a_full_disk_it_works_as_before(store: Store, path: Path) -> None:
    limit_pages(store, 0)
    for _ in range(3):
        (failure,) = await outcomes(store, note(bytes(50_000)))
        assert isinstance(failure, StoreError)
        assert failure.hint == "free some space; nothing was lost"
    limit_pages(store, None)
    assert await store.write(note(bytes(50_000))) == 0
    check = opened(path)
    assert check._reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert check._reader.execute("PRAGMA cipher_integrity_check").fetchone() is None
    await check.close()


def test_a_disk_that_is_full_at_the_first_start_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = (*store_module._PRAGMAS, "PRAGMA max_page_count = 4")
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "_PRAGMAS", pragmas)
        with pytest.raises(StoreError) as error:
            opened(path)
    assert error.value.code == "disk_full"
    store = opened(path)
    assert notes(store._reader) == []
    asyncio.run(store.close())


# --- the key


async def test_another_key_does_not_open_it_and_changes_nothing(path: Path) -> None:
    store = opened(path)
    await store.write(note(SECRET))
    await store.close()
    before = on_disk(path)
    with pytest.raises(StoreError) as error:
        opened(path, bytes(32))
    assert error.value.code == "wrong_database_key"
    assert KEY.hex() not in repr(error.value.__cause__)
    assert on_disk(path) == before
    store = opened(path)
    assert await store.read(notes) == [SECRET]
    await store.close()


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_length_is_a_mistake_of_our_own(path: Path, key: bytes) -> None:
    with pytest.raises(ValueError):
        opened(path, key)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"\x07" * 8192, b"SQLite format 3\x00" + bytes(8176)])
def test_a_file_that_is_no_database_of_ours_is_not_opened(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError) as error:
        opened(path)
    assert error.value.code == "wrong_database_key"
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        opened(tmp_path / "nowhere" / "node.db")
    assert error.value.code == "store_failed"


async def test_nothing_lies_on_the_disk_in_clear(path: Path) -> None:
    store = opened(path)
    await store.write(note(SECRET))
    assert SECRET not in on_disk(path)
    assert b"CREATE TABLE" not in on_disk(path)
    await store.close()


# --- erasing


class Unencrypted(sqlcipher.Connection):
    """A connection that is given no key, so that a test can look at the bytes."""

    def execute(self, statement: str, *values):
        if statement.startswith("PRAGMA key"):
            statement = "PRAGMA user_version"
        return super().execute(statement, *values)


CARELESS = (*store_module._PRAGMAS, "PRAGMA secure_delete = OFF")


@pytest.mark.parametrize(
    ("pragmas", "remains"),
    [(store_module._PRAGMAS, False), (CARELESS, True)],
    ids=["as we open it", "carelessly, which shows that the search would find it"],
)
async def test_what_is_erased_is_nowhere_in_the_file_and_its_wal(
    path: Path, monkeypatch: pytest.MonkeyPatch, pragmas: tuple[str, ...], remains: bool
) -> None:
    monkeypatch.setattr(store_module, "_PRAGMAS", pragmas)
    connect = partial(sqlcipher.connect, factory=Unencrypted)
    monkeypatch.setattr(store_module.sqlcipher, "connect", connect)
    store = opened(path)
    await outcomes(store, *(note(SECRET + b"%d" % n) for n in range(200)))
    assert SECRET in on_disk(path)
    await store.write(lambda db: db.execute("DELETE FROM log_leaves"))
    store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert (SECRET in on_disk(path)) == remains
    await store.close()
