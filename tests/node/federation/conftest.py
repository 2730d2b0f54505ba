"""A federation in a folder, with cheap key files."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.federation import key_files
from node.federation.folder import FederationFolder
from node.federation.founding import found_here
from tests.support.nodes import CHEAP, NOW_MS, PASSPHRASE


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch) -> None:
    monkeypatch.setattr(key_files, "KEY_COST", CHEAP)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the federation's folder is."""
    return tmp_path / "sec"


@pytest.fixture
def folder(path: Path) -> FederationFolder:
    """A federation that was just founded, with all keys in its folder."""
    place = FederationFolder(path)
    found_here(place, "Test federation", PASSPHRASE, now_ms=NOW_MS)
    return place
