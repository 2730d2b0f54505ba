"""Pages for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from node.users.policy import Role
from tests.support.hostile import World, hostile_world
from tests.support.pages import PagesUnderTest, open_pages
from tests.support.referring import add_case


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[PagesUnderTest]:
    pages = await open_pages(tmp_path)
    try:
        yield pages
        assert pages.faults == []
    finally:
        await pages.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    pages = await open_pages(tmp_path_factory.mktemp("scan"))
    try:
        yield await hostile_world(pages)
    finally:
        await pages.close()


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    shared.web.faults.clear()
    yield shared
    shared.close()
    assert shared.web.faults == []


@pytest.fixture
async def anna(web: PagesUnderTest) -> str:
    return await web.signed_in(Role.CASEWORKER, "Anna")


@pytest.fixture
async def case_id(web: PagesUnderTest) -> str:
    return await add_case(web)
