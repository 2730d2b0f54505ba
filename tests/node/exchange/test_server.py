"""The peer API over HTTP, where the database has no answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from node.errors import StoreError
from node.peer.server import PeerServer
from tests.support.network import BE, Network


@pytest.fixture
async def address(network: Network) -> AsyncIterator[str]:
    core = await network.open(BE)
    server = PeerServer(core.service, core.directory_refresh)
    yield f"http://127.0.0.1:{await server.start('127.0.0.1', 0)}/hw1"
    await server.stop()


@pytest.mark.parametrize("path", ["descriptor", "checkpoint"])
async def test_a_node_whose_disk_is_full_says_not_now(
    network: Network, address: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = network.cores[BE]

    async def full(*_: object, **__: object) -> None:
        raise StoreError("disk_full", "the disk is full")

    async with aiohttp.ClientSession() as session:
        async with session.get(f"{address}/{path}") as answer:
            assert answer.status == 200
        monkeypatch.setattr(core.context.logbook, "prove", full)
        monkeypatch.setattr(core.context.logbook, "checkpoint", full)
        async with session.get(f"{address}/{path}") as answer:
            # "Try again later", and nothing else: neither why nor where.
            assert (answer.status, await answer.read()) == (503, b"")
    assert network.reports[BE] == [("refused", "", "storage_full")]
