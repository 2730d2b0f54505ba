"""Pages for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.pages import PagesUnderTest, open_pages


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[PagesUnderTest]:
    pages = await open_pages(tmp_path)
    try:
        yield pages
        assert pages.faults == []
    finally:
        await pages.close()
