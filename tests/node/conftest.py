"""What tests of the node share: whether PDFs can be made here."""

from __future__ import annotations

import os

import pytest

from node.forms import pdf
from tests.support.browser import REQUIRED_VARIABLE


@pytest.fixture
def with_pdf() -> None:
    """Skip where no PDF can be made; fail where one must be."""
    found = pdf.readiness()
    if found is not pdf.Readiness.READY:
        sentence, hint = pdf.WORDS[found]
        if os.environ.get(REQUIRED_VARIABLE):
            pytest.fail(f"{sentence}, and it is required here")
        pytest.skip(f"{sentence} ({hint}): PDFs not tried")
