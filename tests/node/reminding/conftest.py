"""Belgium, always open; Greece with office hours; France without a word about hours.

The clock begins at 2027-01-15 08:00 UTC, a Friday: 9 in Brussels, 10 in Athens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from keys.members import OpeningHours
from tests.support.network import BE, GR, NAMES, Network
from tests.support.nodes import Federation, make_federation

OFFICE = tuple(OpeningHours(day, 9 * 60, 17 * 60) for day in range(1, 6))
RECORDS = {
    BE: {"languages": ("fr", "nl"), "time_zone": "Europe/Brussels"},
    GR: {"languages": ("el", "en"), "time_zone": "Europe/Athens", "hours": OFFICE},
}


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    folder = tmp_path_factory.mktemp("reminding")
    federation = make_federation(folder, NAMES, records=RECORDS)
    asyncio.run(_run_once(federation))
    return federation


async def _run_once(federation: Federation) -> None:
    network = Network(federation)
    for name in NAMES:
        await network.open(name)
    await network.close()


@pytest.fixture
async def line(federation: Federation, tmp_path: Path) -> AsyncIterator[Network]:
    """Belgium and Greece, on the line."""
    network = Network.copied(federation, tmp_path / "homes")
    for name in (BE, GR):
        await network.open(name)
        network.plug(name)
    yield network
    await network.close()
