"""Cut off anywhere, an erasure has not begun, or is finished at the next start; restores."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest

from node.erasing.records import RecordFile
from node.errors import StoreError
from node.store import db as db_module
from node.store import erasures
from protocol.errors import PeerError
from tests.node.erasing.conftest import LATIN, SECRETS, Scene, forms_of
from tests.support.network import BE, GR, Network
from tests.support.snapshots import snapshot
from tests.support.traces import contents


class Crash(BaseException):
    """The power is gone."""


STAGES = [
    "commit:before", "commit:after", "blob_removal:before", "blob_removal:after",
    "2 commit:before", "2 commit:after", "file", "wal:after", "3 commit:before",
    "3 commit:after",
]  # fmt: skip


def crash_at(scene: Scene, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number, _, name = stage.rpartition(" ")
    left = int(number or 1)

    def on_durable(here: str) -> None:
        nonlocal left
        left -= here == name
        if here == name and left == 0:
            raise Crash

    def crash(*_: object) -> None:
        raise Crash

    core = scene.network.cores[GR]
    monkeypatch.setattr(core.store, "_on_durable", on_durable)
    monkeypatch.setattr(core.context.blobs, "_on_durable", on_durable)
    if stage == "file":
        monkeypatch.setattr(RecordFile, "add", crash)


@pytest.mark.parametrize("stage", STAGES)
async def test_a_crash_leaves_nothing_half_done(
    scene: Scene, stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leg = await scene.arrived(await scene.refer())
    core = scene.network.cores[GR]
    with monkeypatch.context() as patch:
        crash_at(scene, stage, patch)
        with pytest.raises(Crash):
            await core.erasing.erase_leg(leg, made_by="nikos")
    # As the disk is now: to close the database would tidy up.
    after = Network.copied(scene.network.federation, tmp_path / "after")
    again = await after.open(GR)
    there = Scene(after, scene.case_id)
    if stage == "commit:before":
        assert set(there.found(GR)) == set(SECRETS[:4])
        assert len(there.blobs(GR)) == 1
        assert await again.store.read(lambda db: erasures.of_leg(db, leg)) == []
    else:
        assert there.found(GR) == {}
        assert there.blobs(GR) == []
        assert await again.store.read(erasures.unfinished) == []
        (row,) = await again.store.read(lambda db: erasures.of_leg(db, leg))
        assert RecordFile(again.home.erasures).load() == [row.record]
    await after.close()


async def test_the_wal_is_emptied_later_when_somebody_reads(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    core = scene.network.cores[GR]
    core.store._writer.execute("PRAGMA busy_timeout = 1")
    key = scene.network.federation.identities[GR].database_key
    reader = db_module._connect(core.home.database, key)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM messages").fetchone()
    await core.erasing.erase_leg(leg, made_by="nikos")
    assert len(await core.store.read(erasures.unfinished)) == 1
    reader.execute("COMMIT")
    reader.conn.close()
    await core.endings.look()
    assert await core.store.read(erasures.unfinished) == []
    assert scene.found(GR) == {}


async def test_what_is_written_while_the_wal_is_emptied_is_not_lost(scene: Scene) -> None:
    store = scene.network.cores[GR].store
    emptied = store.empty_wal()
    written = store.write(lambda db: db.execute("INSERT INTO streams VALUES ('x', 1, x'00')"))
    assert (await asyncio.gather(emptied, written))[0] is True
    assert await store.read(
        lambda db: db.execute("SELECT last_seq FROM streams WHERE peer = 'x'").fetchone()
    ) == (1,)


# --- a restore


async def test_what_a_backup_brings_back_is_erased_again(scene: Scene, tmp_path: Path) -> None:
    leg = await scene.arrived(await scene.refer())
    gr, be = scene.network.cores[GR], scene.network.cores[BE]
    await scene.network.close(GR, BE)
    for core in (gr, be):
        shutil.copytree(core.home.folder, tmp_path / "backup" / core.context.node_id)
    gr, be = await scene.network.open(GR), await scene.network.open(BE)
    await gr.erasing.erase_leg(leg, made_by="nikos")
    await be.erasing.erase_case(scene.case_id, "retention_over", made_by="a", has_also_open=True)
    await scene.network.close(GR, BE)
    for core in (gr, be):
        saved = tmp_path / "backup" / core.context.node_id
        shutil.copy(saved / "node.db", core.home.database)
        shutil.rmtree(core.home.blobs)
        shutil.copytree(saved / "blobs", core.home.blobs)
    # As a restore finds it: an old database, old files, and the newer list of erasures.
    assert set(scene_of(scene, gr.home, GR)) == set(SECRETS[:4])
    for name in (GR, BE):
        await scene.network.open(name)
        assert scene.found(name) == {}
        assert scene.blobs(name) == []
    before = await snapshot(scene.network.cores[GR])
    records = RecordFile(gr.home.erasures).load()
    assert await scene.network.cores[GR].erasing.replay(records) == 0
    assert await snapshot(scene.network.cores[GR]) == before


def scene_of(scene: Scene, home, name) -> list[str]:
    """Search the home of a node that does not run."""
    key = scene.network.federation.identities[name].database_key
    whole = [content for _, content in contents(home, key)]
    return [
        secret
        for secret in SECRETS
        if any(form in content for content in whole for form in forms_of(secret))
    ]


async def test_what_is_no_record_is_refused_and_changes_nothing(scene: Scene) -> None:
    core = scene.network.cores[GR]
    before = await snapshot(core)
    for data in (b"\xff", b"", b"\x12\x03leg"):
        with pytest.raises(PeerError):
            await core.erasing.replay([data])
    assert await snapshot(core) == before


def test_a_torn_tail_does_not_count_and_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "erasures"
    file = RecordFile(path)
    assert file.load() == []
    file.add([b"first", b"second"])
    assert path.stat().st_mode & 0o777 == 0o600
    whole = path.read_bytes()
    for end in range(9, len(whole)):
        path.write_bytes(whole[:end])
        assert file.load() == [b"first"]
        file.add([b"first", b"second"])
        assert path.read_bytes() == whole
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError):
        file.load()


async def test_the_secret_is_there_before(scene: Scene) -> None:
    """Else these tests could not fail; and the database is no plain one."""
    await scene.arrived(await scene.refer())
    assert LATIN in scene.found(GR)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(scene.network.cores[GR].home.database).execute("SELECT 1 FROM messages")
