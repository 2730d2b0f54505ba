"""The encrypted database: one writer with group commit, one reader.

The store is SQLCipher in WAL mode with synchronous=FULL, opened with a raw key
from the vault. Rules:

- Every change is a job, a plain function of the database. Jobs that wait at the
  same moment share one transaction and one fsync.
- A job that raises leaves nothing behind and does not disturb its neighbours: all
  are run again then, so a job's only effect is on the database.
- `write` returns only after the commit: what it returned is durable.
- Nobody else catches SQLite's exceptions: they become `StoreError` here.

Where jobs run is handed in (`Runner`): threads in a node, the event loop itself
in the simulator, which also injects crashes through `on_durable`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from node.errors import StoreError
from node.store.migrations import migrate

T = TypeVar("T")
U = TypeVar("U")
Transaction = Database
"""What a job gets: the database inside the running transaction."""

Job = Callable[[Database], T]
Durable = Callable[[str], None]

# Rows of one transaction: bounds how long a reader of the WAL has to look back.
JOBS_PER_COMMIT = 256
DATABASE_KEY_BYTES = 32
WRONG_DATABASE_KEY = "wrong_database_key"

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    # Deleted content is overwritten with zeros, so that erased means erased.
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA busy_timeout = 5000",
    # Pages, 16 MiB. What many messages change again and again is copied once for all.
    "PRAGMA wal_autocheckpoint = 4000",
)


class Runner(Protocol):
    """Runs a blocking function somewhere and awaits its result."""

    def __call__(self, function: Callable[[], T], /) -> Awaitable[T]: ...


def no_hook(stage: str) -> None:
    """Do nothing at a durable write; the simulator hands in something else."""


def _nothing(_database: Database) -> None:
    """Do nothing before a commit."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Jobs of one caller, and what it makes of their outcomes once they are durable."""

    jobs: Sequence[Job[Any]]
    then: Callable[[Database, list[Any]], Any]
    future: asyncio.Future[Any]


class Store:
    """The node's database, for use from the event loop."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        run_writes: Runner,
        run_reads: Runner,
        on_durable: Durable = no_hook,
    ) -> None:
        """Open (or make) the database at `path` and bring its schema up to date.

        Raises:
            StoreError: wrong key, damaged file, newer schema, or full disk.
        """
        self._writer = _connect(path, key)
        try:
            _translated(lambda: migrate(self._writer))
            self._reader = _connect(path, key)
            self._reader.execute("PRAGMA query_only = ON")
            # 6 MiB: a search reads pages all over the index, and to decrypt them costs most.
            self._reader.execute("PRAGMA cache_size = -6144")
        except BaseException:
            # Else the file would stay in use, with its WAL beside it.
            self._writer.conn.close()
            raise
        self._run_writes = run_writes
        self._run_reads = run_reads
        self._on_durable = on_durable
        self.before_commit: Callable[[Database], None] = _nothing
        """Called in the writer's transaction when all jobs are done; may read."""
        self._waiting: list[_Group] = []
        self._committer: asyncio.Task[None] | None = None

    async def write(self, job: Job[T]) -> T:
        """Run a job in the next transaction; return its result once it is durable.

        Raises:
            StoreError: the transaction failed and nothing of it was kept.
            Exception: what the job itself raised; nothing of it was kept.
        """
        only: Callable[[Database, list[T | Exception]], T] = _only
        return await self.write_all([job], then=only)

    async def write_all(
        self, jobs: Sequence[Job[T]], *, then: Callable[[Database, list[T | Exception]], U]
    ) -> U:
        """Run jobs in the next transaction; return what `then` makes of their outcomes.

        An outcome is what the job returned or raised. `then` reads what is committed, on
        the writer's connection: the pages are in its cache, and no thread is woken for it.

        Raises:
            StoreError: the transaction failed and nothing of it was kept.
        """
        future: asyncio.Future[U] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Group(jobs, then, future))
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_waiting())
        return await future

    async def read_written(self, job: Job[T]) -> T:
        """Run a short read-only job after all writes so far, while they are in the cache."""
        if self._committer is None or self._committer.done():
            # Nobody else uses the connection: to wake the thread would cost more.
            return _translated(lambda: _reading(self._writer, partial(job, self._writer)))
        return await self.write_all([], then=lambda db, _: job(db))

    async def read(self, job: Job[T]) -> T:
        """Run a read-only job on committed data."""
        return await self._run_reads(lambda: _translated(lambda: job(self._reader)))

    async def empty_wal(self) -> bool:
        """Leave nothing of old pages in the WAL: all is written to its place, and it is cut off.

        Returns:
            Whether that could be done; not while somebody reads. Then it must be called again.

        Raises:
            StoreError: the disk failed.
        """
        while self._committer is not None and not self._committer.done():
            await asyncio.wait([self._committer])
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        # As the committer: what is written meanwhile waits until the connection is free.
        self._committer = asyncio.create_task(self._empty_and_commit(future))
        return await future

    async def _empty_and_commit(self, future: asyncio.Future[bool]) -> None:
        def empty() -> bool:
            row = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            # If we crash here it has been done, and is done again without harm.
            self._on_durable("wal:after")
            return int(row[0]) == 0

        try:
            outcome: Any = await self._run_writes(lambda: _translated(empty))
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
            outcome = error
        _settle(future, outcome)
        await self._commit_waiting()

    async def close(self) -> None:
        """Finish what waits, then close."""
        while self._committer is not None and not self._committer.done():
            await asyncio.wait([self._committer])
        await self._run_reads(self._reader.conn.close)
        await self._run_writes(self._writer.conn.close)

    async def _commit_waiting(self) -> None:
        while self._waiting:
            groups = self._next_groups()
            try:
                outcomes = await self._run_writes(partial(self._commit, groups))
            except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
                outcomes = [error] * len(groups)
            for group, outcome in zip(groups, outcomes, strict=True):
                _settle(group.future, outcome)

    def _next_groups(self) -> list[_Group]:
        """Take what waits, but no more than belongs into one transaction."""
        jobs = count = 0
        for group in self._waiting:
            jobs += len(group.jobs)
            if count and jobs > JOBS_PER_COMMIT:
                break
            count += 1
        groups = self._waiting[:count]
        del self._waiting[:count]
        return groups

    def _commit(self, groups: list[_Group]) -> list[Any]:
        """Run all jobs in one transaction, then each group's `then`; a failure is an outcome."""
        jobs = [job for group in groups for job in group.jobs]
        outcomes = iter(_translated(lambda: self._transact(jobs)) if jobs else [])
        thens = [
            partial(group.then, self._writer, list(islice(outcomes, len(group.jobs))))
            for group in groups
        ]
        return _reading(self._writer, lambda: [_attempt(then) for then in thens])

    def _transact(self, jobs: list[Job[Any]]) -> list[Any]:
        database = self._writer
        # If we crash from here to COMMIT, nothing has happened: no leaf, no row.
        database.execute("BEGIN IMMEDIATE")
        try:
            outcomes = _outcomes(database, jobs)
            self.before_commit(database)
            self._on_durable("commit:before")
            database.execute("COMMIT")
        except BaseException:
            if database.conn.in_transaction:
                database.execute("ROLLBACK")
            raise
        # If we crash here, it is all there, but nobody was told: leaves get their
        # checkpoint with the next one, receipts go out when the peer asks again.
        self._on_durable("commit:after")
        return outcomes


@contextmanager
def opened(path: Path, key: bytes) -> Iterator[Database]:
    """Open the database of a node that does not run, for one piece of work.

    Raises:
        StoreError: as `Store`, or what goes wrong within.
    """
    database = _connect(path, key)
    try:
        with _translating():
            migrate(database)
            yield database
    finally:
        database.conn.close()


def change_key(path: Path, key: bytes, new_key: bytes) -> None:
    """Encrypt the whole database anew; if this is cut off, the old key still opens it.

    Raises:
        StoreError: the key is wrong, or there is not enough space.
    """
    with opened(path, key) as database:
        # In WAL mode the key cannot be changed; every opening sets that mode again.
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute(f"PRAGMA rekey = \"x'{new_key.hex()}'\"")


def _reading(database: Database, read: Callable[[], T]) -> T:
    """Read in one transaction: each statement by itself would lock and unlock the WAL."""
    database.execute("BEGIN")
    try:
        return read()
    finally:
        database.execute("COMMIT")


def _connect(path: Path, key: bytes) -> Database:
    if len(key) != DATABASE_KEY_BYTES:
        raise ValueError("the database key has the wrong length")

    def connect() -> Database:
        connection = sqlcipher.connect(
            str(path), isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return Database(connection)

    return _translated(connect)


def _outcomes(database: Database, jobs: list[Job[Any]]) -> list[Any]:
    """Run the jobs; what one raises is its outcome, and only its own work is undone.

    A savepoint costs a copy of every page that its job changes, and jobs hardly ever
    raise. So they run without at first, and all once more if one raised.
    """
    try:
        return [job(database) for job in jobs]
    except sqlcipher.OperationalError:
        # Disk full or an I/O error concerns the whole transaction.
        raise
    except Exception:  # noqa: BLE001 - whose failure it is comes out below
        database.execute("ROLLBACK")
        database.execute("BEGIN IMMEDIATE")
    return [_in_savepoint(database, job) for job in jobs]


def _in_savepoint(database: Database, job: Job[Any]) -> Any:
    database.execute("SAVEPOINT job")
    try:
        outcome = job(database)
    except sqlcipher.OperationalError:
        raise
    except sqlcipher.Error as error:
        # A constraint that the job broke concerns nobody else.
        database.execute("ROLLBACK TO job")
        outcome = _store_error(error)
        outcome.__cause__ = error
    except Exception as error:  # noqa: BLE001 - the job's own failure goes to its caller
        database.execute("ROLLBACK TO job")
        outcome = error
    database.execute("RELEASE job")
    return outcome


def _only(_database: Database, outcomes: list[T | Exception]) -> T:
    """Return the outcome of a single job, or raise it."""
    (outcome,) = outcomes
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _attempt(function: Callable[[], T]) -> T | Exception:
    """Call, and return what was raised."""
    try:
        return _translated(function)
    except Exception as error:  # noqa: BLE001 - it goes to whoever waits
        return error


def _settle(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _translated(function: Callable[[], T]) -> T:
    """Call, and turn SQLite's exceptions into `StoreError`."""
    with _translating():
        return function()


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except sqlcipher.Error as error:
        raise _store_error(error) from error


def _store_error(error: sqlcipher.Error) -> StoreError:
    text = str(error)
    if "full" in text:
        return StoreError("disk_full", "the disk is full", "free some space; nothing was lost")
    if "not a database" in text:
        return StoreError(
            WRONG_DATABASE_KEY,
            "the database does not open with this home's key",
            "identity.key and node.db belong together; restore both from the same backup",
        )
    return StoreError("store_failed", "the database could not do that", "see the node's log")
