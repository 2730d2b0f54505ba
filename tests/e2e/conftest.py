"""What the end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from node.home import UNLOCK_VARIABLE
from tests.e2e.pages import Offices, running_offices
from tests.support.browser import running_browser
from tests.support.nodes import PASSPHRASE
from tests.support.processes import Pair, running_pair


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    """Compiled modules of child processes."""
    return tmp_path_factory.mktemp("pycache")


@pytest.fixture
def pair(tmp_path: Path, cache: Path, monkeypatch) -> Pair:
    monkeypatch.setenv(UNLOCK_VARIABLE, PASSPHRASE.decode())
    with running_pair(tmp_path, cache) as nodes:
        yield nodes


@pytest.fixture(scope="package")
def offices(tmp_path_factory, cache: Path) -> Iterator[Offices]:
    """Three nodes with pages; whoever stops one starts it again."""
    with running_offices(tmp_path_factory.mktemp("offices"), cache) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium; not for longer, as its driver holds the event loop of the thread."""
    with running_browser() as found:
        yield found
