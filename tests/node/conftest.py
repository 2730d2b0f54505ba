"""What tests of the node share: one node alone, and whether PDFs can be made here."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.app import Core
from node.forms import pdf
from tests.support.browser import REQUIRED_VARIABLE
from tests.support.nodes import DirectLink, SettableClock, make_federation, open_core


@pytest.fixture
def with_pdf() -> None:
    """Skip where no PDF can be made; fail where one must be."""
    found = pdf.readiness()
    if found is not pdf.Readiness.READY:
        sentence, hint = pdf.WORDS[found]
        if os.environ.get(REQUIRED_VARIABLE):
            pytest.fail(f"{sentence}, and it is required here")
        pytest.skip(f"{sentence} ({hint}): PDFs not tried")


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    federation = make_federation(tmp_path, ("be.example",))
    opened = open_core(federation, "be.example", DirectLink(), SettableClock())
    yield opened
    await opened.close()
