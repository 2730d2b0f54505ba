"""Which form of a step stands open."""

from __future__ import annotations

import pytest

from node.web.step_forms import likely_step


@pytest.mark.parametrize(("kind", "likely"), [("found_notice", "acknowledge"), ("alert", "claim")])
def test_a_notice_is_acknowledged_and_a_look_out_claimed_first(kind: str, likely: str) -> None:
    assert likely_step(("claim", "note", "acknowledge"), kind) == likely
    assert likely_step(("note",), kind) == "note"
    assert likely_step((), kind) == ""
