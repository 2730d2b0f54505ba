"""What the end-to-end tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.home import UNLOCK_VARIABLE
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
