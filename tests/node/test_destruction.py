"""After an epoch's time its key is nowhere in the home: not in any file, in any form."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from keys import epochs as epochs_module
from keys import files
from keys.epochs import EpochStore
from keys.errors import KeyFileError
from node.app import Core
from node.control import ControlServer
from node.logs import open_log
from node.store.db import Transaction
from protocol import limits
from protocol.attachment import encrypt_chunks
from protocol.exchange.leg import State
from protocol.suite import SEED_BYTES
from tests.support.network import BE, GR, Network
from tests.support.nodes import NOW_MS, make_federation
from tests.support.traces import traces

NUMBER = NOW_MS // limits.EPOCH_MS
DESTROYED_AT_MS = epochs_module.destroyed_at_ms(NUMBER)
PHOTO = b"a photo" * 1_000


class Scene:
    """A node that has received something, and whoever has copied its keys beforehand."""

    def __init__(self, network: Network, seeds: list[bytes]) -> None:
        self.network = network
        self.core: Core = network.cores[GR]
        self.path = self.core.home.epochs / f"{NUMBER}.epoch"
        self.sealed = self.path.read_bytes()[-SEED_BYTES - 16 :]
        key = network.federation.identities[GR].epoch_wrapping_key
        # What was drawn for epochs: the one of this week is the first.
        opened = EpochStore(copied(self.core.home.epochs), key, bytes)
        self.key_id = next(iter(opened._by_key_id))
        self.seed = seeds[0]
        assert self.seed_opens()

    def seed_opens(self) -> bool:
        return epochs_module.KemOpener(self.seed).key_id == self.key_id

    def places(self) -> dict[str, list[str]]:
        """Where the seed and the sealed bytes of it are found."""
        key = self.network.federation.identities[GR].database_key
        return {
            what: traces(self.core.home, key, secret)
            for what, secret in (("seed", self.seed), ("sealed", self.sealed))
        }


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(folder, folder.parent.parent / f"copy {folder.parent.name}"))


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    seeds: list[bytes] = []
    create = EpochStore._create

    def watched(store: EpochStore, number: int) -> None:
        random = store._random

        def drawn(size: int) -> bytes:
            data = random(size)
            if size == SEED_BYTES and store._folder.parent.name == GR:
                seeds.append(data)
            return data

        store._random = drawn
        create(store, number)
        store._random = random

    monkeypatch.setattr(EpochStore, "_create", watched)
    network = Network(make_federation(tmp_path / "homes", (BE, GR)))
    for name in (BE, GR):
        await network.open(name)
    await exchange(network)
    log, close_log = open_log(network.cores[GR].home.log)
    log.info("ready", port=1)
    control = ControlServer(network.cores[GR], lambda *failure: None)
    await control.start(network.cores[GR].home.socket)
    yield Scene(network, seeds)
    await control.stop()
    close_log()
    await network.close()


async def exchange(network: Network) -> None:
    """Let something be sealed to this week's key and received, with a file."""
    pieces = list(encrypt_chunks(bytes(32), [PHOTO]))
    blob_id, _ = await asyncio.to_thread(network.cores[BE].context.blobs.put_file, pieces)
    key = {"blob_id": blob_id, "key": bytes(32), "size": len(PHOTO), "digest": bytes(32)}
    leg = await network.refer(BE, GR, attachment_keys=[key])
    await network.reach(leg, State.DELIVERED, BE, GR)


NOWHERE: dict[str, list[str]] = {"seed": [], "sealed": []}


async def test_nothing_of_a_key_is_left_after_its_time(scene: Scene) -> None:
    assert scene.places() == {"seed": [], "sealed": [scene.path.name]}
    kinds = {path.name for path in scene.core.home.folder.iterdir()}
    assert {"node.db", "node.db-wal", "node.db-shm", "node.log", "node.sock", "blobs"} <= kinds
    scene.network.clock.at_ms = DESTROYED_AT_MS - 1
    await scene.core.turn_epochs()
    assert scene.places()["sealed"] == [scene.path.name]
    scene.network.clock.at_ms = DESTROYED_AT_MS
    await scene.core.turn_epochs()
    assert scene.places() == NOWHERE
    assert scene.core.context.trust.epochs.opener(scene.key_id) is None


@pytest.mark.parametrize("form", [bytes, bytes.hex, lambda seed: seed[5:25]])
async def test_a_search_finds_what_is_hidden_in_the_database(scene: Scene, form: Callable) -> None:
    """Else the test above could not fail."""
    value = form(scene.seed)

    def hide(db: Transaction) -> None:
        db.execute("CREATE TABLE hidden (value) ")
        db.execute("INSERT INTO hidden VALUES (?)", [value])

    await scene.core.store.write(hide)
    assert scene.places()["seed"] == ["node.db-wal in clear"]
    await scene.core.store._run_writes(
        lambda: scene.core.store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    )
    assert scene.places()["seed"] == ["node.db in clear"]
    # Deleted is gone: SQLite overwrites it, also in the pages that nobody uses any more.
    await scene.core.store.write(lambda db: db.execute("DROP TABLE hidden"))
    await scene.core.store._run_writes(
        lambda: scene.core.store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    )
    assert scene.places()["seed"] == []


@pytest.mark.parametrize("name", ["blobs/x", "node.log", "directory/y", "epochs/7.epoch.tmp"])
async def test_a_search_finds_what_lies_in_a_file(scene: Scene, name: str) -> None:
    path = scene.core.home.folder / name
    with path.open("ab") as file:
        file.write(b"..." + scene.sealed[3:40] + b"...")
    assert set(scene.places()["sealed"]) == {scene.path.name, path.name}


# --- crashes


class Crash(BaseException):
    """The power is gone."""


def crash(*_arguments: object) -> None:
    raise Crash


async def start_again(scene: Scene) -> None:
    await scene.network.close(GR)
    scene.core = await scene.network.open(GR)


async def test_a_crash_between_overwriting_and_removing_is_finished_at_the_next_start(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.network.clock.at_ms = DESTROYED_AT_MS
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", crash)
        with pytest.raises(Crash):
            await scene.core.turn_epochs()
    assert not any(scene.path.read_bytes())
    assert scene.places() == NOWHERE
    await start_again(scene)
    assert not scene.path.exists()
    assert scene.places() == NOWHERE


async def test_a_crash_before_overwriting_is_made_up_for_at_the_next_start(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.network.clock.at_ms = DESTROYED_AT_MS
    with monkeypatch.context() as patch:
        patch.setattr(files, "_overwrite", crash)
        with pytest.raises(Crash):
            await scene.core.turn_epochs()
    assert scene.places()["sealed"] == [scene.path.name]
    await start_again(scene)
    assert scene.places() == NOWHERE


async def test_what_a_crash_left_of_writing_a_key_is_gone_at_the_next_start(scene: Scene) -> None:
    for name in (f"{NUMBER}.epoch.tmp", f"{NUMBER + 9}.epoch.tmp"):
        (scene.core.home.epochs / name).write_bytes(scene.path.read_bytes())
    scene.network.clock.at_ms = DESTROYED_AT_MS
    await start_again(scene)
    assert scene.places() == NOWHERE


async def test_a_full_disk_does_not_keep_a_key_alive(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither can a new key be stored nor a descriptor published: the old key goes all the same."""

    def full(path: Path, data: bytes, *, is_replacing: bool) -> None:
        raise KeyFileError("no space left")

    monkeypatch.setattr(epochs_module, "store_file", full)
    scene.network.clock.at_ms = DESTROYED_AT_MS
    with pytest.raises(KeyFileError, match="no space left"):
        await scene.core.turn_epochs()
    assert scene.places() == NOWHERE
    monkeypatch.undo()
    await scene.core.turn_epochs()
    numbers = [epoch.number for epoch in scene.core.context.trust.epochs.published(DESTROYED_AT_MS)]
    assert numbers == [NUMBER + 2, NUMBER + 3, NUMBER + 4]


async def test_a_node_that_was_off_destroys_it_when_it_starts(scene: Scene) -> None:
    await scene.network.close(GR)
    scene.network.clock.at_ms = DESTROYED_AT_MS + 50 * 24 * 3600 * 1000
    assert scene.path.exists()
    scene.core = await scene.network.open(GR)
    assert scene.places() == NOWHERE
