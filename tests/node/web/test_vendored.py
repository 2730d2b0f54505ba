"""What of other people's work lies in the pages, and that it is what vendored.toml says."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from node.web.rendering import STATIC

ROOT = Path(__file__).resolve().parents[3]
TOLD = tomllib.loads((STATIC / "vendored.toml").read_text())


def test_each_file_is_the_one_that_was_published() -> None:
    assert TOLD["file"]
    for each in TOLD["file"]:
        digest = hashlib.sha256((STATIC / each["name"]).read_bytes()).hexdigest()
        assert digest == each["sha256"], each["name"]
        assert each["licence"]


def test_what_was_made_from_a_source_says_from_which_and_how() -> None:
    assert TOLD["source"]
    for each in TOLD["source"]:
        assert (ROOT / each["made_by"]).is_file()
        assert (STATIC.parent / each["name"]).is_file()
        assert len(each["sha256"]) == 64
        assert each["licence"]
