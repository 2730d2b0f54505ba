"""The schema: whole or not at all, done once, and never that of a newer version."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from node.errors import StoreError
from node.store import migrations
from node.store.attachments import AttachmentRow, SetRow
from node.store.cases import CaseRow, FileRow
from node.store.db import Store
from node.store.descriptors import DescriptorRow
from node.store.envelopes import EnvelopeRow
from node.store.messages import LegRow, NewMessage
from node.store.migrations import migrate
from node.store.outbox import OutboxRow, QueueRow
from node.store.seen import SeenRow
from tests.support.nodes import inline

KEY = bytes(range(32))
ROW_TYPES = {
    "attachments": AttachmentRow,
    "attachment_sets": SetRow,
    "case_versions": CaseRow,
    "case_files": FileRow,
    "descriptors": DescriptorRow,
    "envelopes": EnvelopeRow,
    "legs": LegRow,
    "messages": NewMessage,
    "outbox": OutboxRow,
    "peer_queues": QueueRow,
    "seen": SeenRow,
}


def opened(path: Path) -> Store:
    return Store(path, KEY, run_writes=inline, run_reads=inline)


def schema(db: Database) -> set[tuple]:
    return set(db.execute("SELECT type, name, sql FROM sqlite_master"))


@pytest.fixture
def fresh() -> Database:
    database = Database(memory=True)
    migrate(database)
    return database


def test_a_second_start_changes_nothing(fresh: Database) -> None:
    before = schema(fresh)
    applied = list(fresh.execute("SELECT * FROM _sqlite_migrations"))
    migrate(fresh)
    assert schema(fresh) == before
    assert list(fresh.execute("SELECT * FROM _sqlite_migrations")) == applied


def test_every_table_of_ours_is_strict(fresh: Database) -> None:
    tables = list(fresh.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'"))
    of_others = {"_sqlite_migrations", "sqlite_schema", "sqlite_temp_schema"}
    assert {name for name, strict in tables if not strict} == of_others


@pytest.mark.parametrize(("table", "row_type"), ROW_TYPES.items())
def test_the_fields_of_a_row_are_columns_of_its_table(
    fresh: Database, table: str, row_type: type
) -> None:
    columns = {row[1] for row in fresh.execute(f"PRAGMA table_info({table})")}
    assert set(row_type.__dataclass_fields__) <= columns


def test_no_table_stores_the_state_of_a_leg(fresh: Database) -> None:
    columns = {row[1] for row in fresh.execute("PRAGMA table_info(legs)")}
    assert not {"state", "status"} & columns


def test_a_home_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    store = opened(path)
    store._writer["_sqlite_migrations"].insert(
        {"migration_set": "homeward", "name": "9999_of_the_future", "applied_at": "2100-01-01"}
    )
    asyncio.run(store.close())
    before = path.read_bytes()
    with pytest.raises(StoreError) as error:
        opened(path)
    assert error.value.code == "home_too_new"
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"node.db": before}


def test_migrations_of_other_programs_are_none_of_our_business(fresh: Database) -> None:
    theirs = {"migration_set": "somebody", "name": "9999_of_the_future", "applied_at": "2100-01-01"}
    fresh["_sqlite_migrations"].insert(theirs)
    before = list(fresh.execute("SELECT * FROM _sqlite_migrations"))
    migrate(fresh)
    assert list(fresh.execute("SELECT * FROM _sqlite_migrations")) == before


def test_a_step_that_breaks_off_leaves_nothing_and_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = Migrations("homeward")
    is_broken = True

    @steps(name="0001_node")
    def half(db: Database) -> None:
        db.execute("CREATE TABLE first (a INTEGER) STRICT")
        if is_broken:
            raise KeyboardInterrupt
        db.execute("CREATE TABLE second (a INTEGER) STRICT")

    monkeypatch.setattr(migrations, "STEPS", steps)
    database = Database(memory=True)
    with pytest.raises(KeyboardInterrupt):
        migrate(database)
    assert "first" not in database.table_names()
    is_broken = False
    migrate(database)
    assert {"first", "second"} <= set(database.table_names())


def test_the_names_of_the_steps_ascend(fresh: Database) -> None:
    names = [row[0] for row in fresh.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert names == sorted(names)
    assert names[0] == "0001_node"
