"""One federation for all tests here; each test gets a copy of the homes of its nodes.

The nodes have run once, so that no test waits for tables, keys and descriptors.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hearing import Hearing
from tests.support.network import BE, GR, NAMES, Network
from tests.support.nodes import Federation, make_federation
from tests.support.scene import Scene
from tests.support.secretariat import Secretariat


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    folder = tmp_path_factory.mktemp("federation")
    federation = make_federation(folder, NAMES, has_suspend=True)
    asyncio.run(_run_once(federation))
    return federation


async def _run_once(federation: Federation) -> None:
    network = Network(federation)
    for name in NAMES:
        await network.open(name)
    await network.close()


@pytest.fixture
async def network(federation: Federation, tmp_path: Path) -> AsyncIterator[Network]:
    network = Network.copied(federation, tmp_path / "homes")
    yield network
    await network.close()


@pytest.fixture
async def scene(network: Network) -> Scene:
    return await Scene.on(network)


@pytest.fixture
async def line(network: Network) -> Network:
    """Belgium, which knows Greece's descriptor, and Greece."""
    await network.open(BE)
    await network.open(GR)
    await network.cores[BE].descriptors.refresh(GR)
    return network


@pytest.fixture
def secretariat(federation: Federation) -> Secretariat:
    return Secretariat.of(federation)


@pytest.fixture
async def hearing(network: Network) -> Hearing:
    return await Hearing.on(network)
