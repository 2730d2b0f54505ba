"""Real homes with cheap passphrases, for the command line to work on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from node.cli.federation.options import LANGUAGE_VARIABLES
from node.federation import key_files
from node.home import UNLOCK_VARIABLE
from tests.support.nodes import CHEAP, PASSPHRASE, Federation, make_federation

BE, GR = "be.example", "gr.example"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch) -> None:
    monkeypatch.setenv(UNLOCK_VARIABLE, PASSPHRASE.decode())
    monkeypatch.delenv("HOMEWARD_HOME", raising=False)


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch) -> None:
    monkeypatch.setattr(key_files, "KEY_COST", CHEAP)


@pytest.fixture(autouse=True)
def locale(monkeypatch) -> None:
    for name in LANGUAGE_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    """Two joined nodes; nobody answers at their endpoints."""
    now_ms = time.time_ns() // 1_000_000
    endpoints = {BE: "http://127.0.0.1:9", GR: "http://127.0.0.1:9"}
    return make_federation(tmp_path, (BE, GR), now_ms=now_ms, endpoints=endpoints)


@pytest.fixture
def home(federation: Federation) -> str:
    """The Belgian node's home."""
    return str(federation.home(BE).folder)
