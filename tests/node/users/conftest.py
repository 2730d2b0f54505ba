"""The people of a node, for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.nodes import DirectLink, SettableClock, make_federation, open_core
from tests.support.people import People


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[People]:
    clock = SettableClock()
    core = open_core(make_federation(tmp_path, ("be.example",)), "be.example", DirectLink(), clock)
    yield People(core, clock)
    await core.close()
