"""Sheets on paper, as Chromium prints them."""

from __future__ import annotations

import io
import unicodedata

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.e2e.pages import BE, Offices, enters

pytestmark = pytest.mark.thorough


def test_sheets_are_printed_with_their_case_on_each_page_and_nothing_around(
    browser: Browser, offices: Offices
) -> None:
    anna = enters(browser, offices, BE, "caseworker")
    case_id = anna.opens_case("Papira", "Druckova")
    offices.changes(BE, case_id, f"circumstances.text=en:{'She left at noon. ' * 400}")
    for name in ("dossier", "hague", "yellow", "poster"):
        anna.goes(f"/print/{name}/{case_id}")
        for size in ("A4", "Letter"):
            printed = PdfReader(io.BytesIO(anna.page.pdf(format=size)))
            # Without ligatures.
            pages = [unicodedata.normalize("NFKC", page.extract_text()) for page in printed.pages]
            assert (len(pages) > 1) == (name in ("dossier", "hague"))
            for number, text in enumerate(pages, start=1):
                is_form = name != "poster"
                assert (case_id in text) == is_form
                assert ("Confidential" in text) == is_form
                assert (f"{number} / {len(pages)}" in text) == is_form
                for around in ("Sign out", "Back to the case", "Homeward", "Show it like this"):
                    assert around not in text, (name, size, number)
            assert "Papira" in "".join(pages)
            if name == "dossier":
                assert sum(text.count("noon.") for text in pages) == 400
    anna.context.close()
